/** The wasm engine: a worker thread that runs the Go program and speaks over a message port. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { PortMessageReader, PortMessageWriter } from 'vscode-jsonrpc/node';
import type { EngineFiles } from './locate.ts';
import { type Running, readStderr } from './running.ts';
import { loadEngineModule } from './wasm-module.ts';

/** What the worker tells beside the engine's messages. */
export type WorkerReport = { stderr: string } | { exit: number };

/** What the worker is given to begin with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly port: MessagePort;
  /** See the options of `startEngine`. */
  readonly yields: boolean;
}

/** The native stack of the worker: deep recursion in Go uses it too. */
const stackMb = 64;

/** Returns what starts an engine; the compiled module is kept, so that starting again is quick. */
export function prepareWasm(
  files: EngineFiles,
  log: (line: string) => void,
  { yields = false }: { yields?: boolean } = {},
): () => Promise<Running> {
  let module: Promise<WebAssembly.Module> | undefined;
  return async () => {
    module ??= loadEngineModule(files.wasm, log);
    const worker = new Worker(files.worker, {
      execArgv: [],
      env: {},
      resourceLimits: { stackSizeMb: stackMb },
    });
    try {
      return connect(worker, { module: await module, yields }, log);
    } catch (error) {
      module = undefined;
      await worker.terminate();
      throw error;
    }
  };
}

function connect(worker: Worker, start: Omit<WorkerStart, 'port'>, log: (line: string) => void): Running {
  const { port1: port, port2 } = new MessageChannel();
  const stderr = readStderr(log);
  let failure: string | undefined;
  worker.on('message', (report: WorkerReport) => {
    if ('stderr' in report) {
      stderr.add(report.stderr);
    } else {
      failure = `it exited with code ${report.exit}`;
    }
  });
  worker.on('error', (error) => {
    failure = error instanceof Error ? error.message : String(error);
  });
  const ended = new Promise<string>((resolve) => {
    worker.once('exit', () => {
      port.close();
      resolve([failure ?? 'its worker was ended', stderr.cause()].filter(Boolean).join(': '));
    });
  });
  worker.postMessage({ ...start, port: port2 } satisfies WorkerStart, [port2]);
  return {
    reader: new PortMessageReader(port),
    writer: new PortMessageWriter(port),
    ended,
    hold(on) {
      for (const handle of [worker, port]) {
        on ? handle.ref() : handle.unref();
      }
    },
    async kill() {
      await worker.terminate();
      await ended;
    },
  };
}
