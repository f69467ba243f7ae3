/** Where the engine's builds lie: beside the bundle that runs, or in the project when it runs from source. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface EngineFiles {
  native: string;
  /** Brotli; beside it `….wasm.sha256` names the SHA-256 of what it unpacks to. */
  wasm: string;
  worker: string;
}

/** @param moduleUrl `import.meta.url` of a module of this folder, or of the bundle that contains it. */
export function locateEngine(moduleUrl: string = import.meta.url): EngineFiles {
  const here = dirname(fileURLToPath(moduleUrl));
  const executable = process.platform === 'win32' ? 'countersign-engine.exe' : 'countersign-engine';
  if (moduleUrl.endsWith('.ts')) {
    return {
      native: join(here, '..', 'dist', 'engine', executable),
      wasm: join(here, 'wasm', 'countersign-engine.wasm.br'),
      worker: join(here, 'worker.ts'),
    };
  }
  // The bundler puts what is imported later into chunks/ below the bundle's folder.
  const dist = basename(here) === 'chunks' ? dirname(here) : here;
  return {
    native: join(dist, 'engine', executable),
    wasm: join(dist, 'engine', 'countersign-engine.wasm.br'),
    worker: join(dist, 'engine-worker.mjs'),
  };
}

/** What the environment variable `COUNTERSIGN_ENGINE` asks for: a build, or a native engine's path. */
export function engineFromEnvironment(value: string | undefined): { build?: 'native' | 'wasm'; path?: string } {
  if (value === undefined || value === '' || value === 'auto') {
    return {};
  }
  if (value === 'native' || value === 'wasm') {
    return { build: value };
  }
  return { build: 'native', path: value };
}

/** Why the file cannot be used, or nothing when it is there. */
export function missing(file: string): string | undefined {
  return existsSync(file) ? undefined : `there is no ${file}`;
}
