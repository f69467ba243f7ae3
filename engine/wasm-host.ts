/**
 * Runs the Go program's wasm build and joins it to a message port. Knows neither Node nor a browser:
 * the worker of either gives it a port and takes its log. The four functions are described in README.md.
 */
import './wasm/wasm_exec.js';

/** A message port as both Node and browsers have it. */
export interface Port {
  postMessage(message: unknown): void;
  onmessage: ((event: { data: unknown }) => void) | null;
}

interface GoProgram {
  importObject: WebAssembly.Imports;
  exit: (code: number) => void;
  run(instance: WebAssembly.Instance): Promise<void>;
}

/** What meets on `globalThis`: the Go runtime's glue, and the seam. */
interface Seam {
  Go: new () => GoProgram;
  fs: { writeSync(fd: number, bytes: Uint8Array): number };
  countersignReceive(text: string): void;
  countersignReady(): void;
  countersignSend(text: string): void;
  countersignYield(callback: () => void): void;
}

/**
 * Resolves with the program's exit code; it ends only when it fails.
 *
 * @param nextTurn calls back in a new turn of the event loop, soon: a timer would wait for a whole millisecond or more.
 */
export async function runEngine(
  module: WebAssembly.Module,
  port: Port,
  nextTurn: (callback: () => void) => void,
  stderr: (text: string) => void,
): Promise<number> {
  const seam = globalThis as unknown as Seam;
  const decoder = new TextDecoder();
  seam.fs.writeSync = (_fd, bytes) => {
    stderr(decoder.decode(bytes, { stream: true }));
    return bytes.length;
  };
  seam.countersignYield = nextTurn;
  seam.countersignSend = (text) => port.postMessage(JSON.parse(text));
  seam.countersignReady = () => {
    port.onmessage = ({ data }) => seam.countersignReceive(JSON.stringify(data));
  };
  const go = new seam.Go();
  let exitCode = 0;
  go.exit = (code) => {
    exitCode = code;
  };
  await go.run(await WebAssembly.instantiate(module, go.importObject));
  return exitCode;
}
