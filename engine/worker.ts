/** The worker thread of the wasm engine in Node. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { WorkerReport } from './wasm.ts';
import { type Port, runEngine } from './wasm-host.ts';

const report = (message: WorkerReport) => parentPort?.postMessage(message);

parentPort?.once('message', async ({ module, port }: { module: WebAssembly.Module; port: MessagePort }) => {
  const exit = await runEngine(module, port as unknown as Port, setImmediate, (text) => report({ stderr: text }));
  report({ exit });
  // What is still on its way to the parent is delivered before the worker is gone.
  setImmediate(() => process.exit(exit || 1));
});
