/** OPA and conftest, built from their Go modules, beside our engine, for tests that compare them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Engine } from '../../engine/engine.ts';
import { startEngine } from '../../engine/start.ts';
import { buildConftest } from '../bench/gate.ts';
import { buildPeers } from '../bench/peers.ts';

export const root = join(import.meta.dirname, '../..');

export interface PeerTools {
  /** A folder of the suite's own. */
  scratch: string;
  /** These are there once the suite's tests run. `opa` and `conftest` are programs. */
  engine: Engine;
  opa: string;
  conftest: string;
}

/** Has them ready while a suite runs. */
export function withPeers(): PeerTools {
  const scratch = mkdtempSync(join(tmpdir(), 'countersign tést '));
  const log = (line: string): void => console.error(line);
  const tools = { scratch } as PeerTools;
  before(async () => {
    tools.opa = buildPeers(root, log).opa;
    tools.conftest = buildConftest(root, log);
    tools.engine = await startEngine();
  });
  after(async () => {
    await tools.engine.dispose();
    rmSync(scratch, { recursive: true, force: true });
  });
  return tools;
}
