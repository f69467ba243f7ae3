/** Who is measured: our server with either build of the engine, and Regal's. */
import { join } from 'node:path';
import type { InitializationOptions } from '../../../server/protocol.ts';
import { buildPeers } from '../peers.ts';

export interface Contender {
  name: string;
  /** The one that the others are compared with. */
  peer?: boolean;
  program: string;
  args: string[];
  environment?: Record<string, string>;
  options?: unknown;
  /** What the client answers to `workspace/configuration`, by section. */
  settings?: Record<string, unknown>;
  /** Edits and requests of each kind in one session: a server that takes seconds for each has few. */
  rounds: { edits: number; requests: number };
}

export interface Contenders {
  native: Contender;
  wasm: Contender;
  regal: Contender;
  /** The command `regal`, for what it does in place of its server. */
  regalCommand: string;
}

export function contendersOf(root: string, log: (line: string) => void): Contenders {
  const { regal } = buildPeers(root, log);
  const ours = (build: 'native' | 'wasm', edits: number): Contender => ({
    name: `ours ${build}`,
    program: process.execPath,
    args: [join(root, 'dist/cli.js'), 'language-server', '--stdio'],
    options: { engineBuild: build } satisfies InitializationOptions,
    settings: { countersign: { engine: { build } } },
    rounds: { edits, requests: 240 },
  });
  return {
    native: ours('native', 120),
    wasm: ours('wasm', 120),
    regal: {
      name: 'regal',
      peer: true,
      program: regal,
      args: ['language-server'],
      environment: { REGAL_DISABLE_VERSION_CHECK: '1' },
      rounds: { edits: 2, requests: 12 },
    },
    regalCommand: regal,
  };
}
