/** The worker thread of the wasm engine in Node. */
import { parentPort } from 'node:worker_threads';
import { lowerOwnPriority } from './priority.ts';
import type { WorkerReport, WorkerStart } from './wasm.ts';
import { type Port, runEngine } from './wasm-host.ts';

const report = (message: WorkerReport) => parentPort?.postMessage(message);

parentPort?.once('message', async ({ module, port, yields }: WorkerStart) => {
  if (yields) lowerOwnPriority();
  const exit = await runEngine(module, port as unknown as Port, setImmediate, (text) => report({ stderr: text }));
  report({ exit });
  // What is still on its way to the parent is delivered before the worker is gone.
  setImmediate(() => process.exit(exit || 1));
});
