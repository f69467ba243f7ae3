/** The record that the gate keeps of its decision, where `--decision-log` or the configuration asks for one. */
import { resolve } from 'node:path';
import type { DecideOptions, Decision, Prepared } from '../core/decision/decide.ts';
import type { Recording } from '../core/decision/log/recorder.ts';
import type { Input } from '../core/input.ts';
import type { PolicySet } from '../core/policies/policy-set.ts';
import type { RegoVersion } from '../engine/protocol.ts';
import { block, printable, stderr } from './terminal.ts';

export interface GateLogOptions {
  decisionLog?: string;
  rego?: RegoVersion;
  timeout: number;
}

/** What is to be recorded, as far as it is known. */
interface Known {
  root?: string;
  policies?: PolicySet;
  now?: string;
  phase?: Input['phase'];
}

/** One run's log; when none is asked for, nothing happens. */
export interface GateLog {
  /** Tells what the records say; again, when more is known. */
  know: (known: Known) => void;
  /** Begins recording; what `judge` must be given for it. */
  begin: (prepared: Prepared) => Promise<Pick<DecideOptions, 'decisionId' | 'record'>>;
  /** Rejects when the decision cannot be recorded: then it is none. */
  finish: (decision: Decision) => Promise<void>;
  /** Records that there is no decision; does not reject, for that is told already. */
  fail: (error: unknown) => Promise<void>;
}

export function gateLog(options: GateLogOptions): GateLog {
  let known: Known = {};
  let file: string | undefined;
  let recording: Recording | undefined;
  let over = false;

  const start = async (prepared?: Prepared): Promise<Recording | undefined> => {
    const { root, policies, now = new Date().toISOString(), phase = 'change' } = known;
    const { decisions } = policies?.config ?? {};
    if (options.decisionLog !== undefined) file = resolve(options.decisionLog);
    else if (root !== undefined && decisions?.log !== undefined) {
      const { configuredLog } = await import('../core/decision/log/place.ts');
      file = await configuredLog(root, decisions.log);
    }
    if (file === undefined) return undefined;
    const [{ startRecording }, { maskBy }, { ciRun }, { default: packageJson }] = await Promise.all([
      import('../core/decision/log/recorder.ts'),
      import('../core/decision/log/mask-policy.ts'),
      import('../core/decision/log/ci-run.ts'),
      import('../package.json', { with: { type: 'json' } }),
    ]);
    const { details, requestedBy } = ciRun(process.env);
    return startRecording(file, {
      version: packageJson.version,
      now,
      phase,
      revision: policies?.revision,
      requestedBy,
      details: { ...details, ...(options.rego && { rego: options.rego }) },
      maxBytes: decisions?.maxBytes,
      mask: prepared && maskBy(prepared, options.timeout * 1000),
    });
  };
  return {
    know: (more) => {
      known = { ...known, ...more };
    },
    begin: async (prepared) => {
      recording = await start(prepared);
      return recording ? { decisionId: recording.decisionId, record: recording.record } : {};
    },
    finish: async (decision) => {
      over = true;
      if (!recording || file === undefined) return;
      const { sequence, digest } = await recording.finish(decision);
      say('recorded', `${printable(file)}, record ${sequence}, ${digest}`);
    },
    fail: async (error) => {
      if (over) return;
      over = true;
      try {
        recording ??= await start();
        await recording?.fail(error);
      } catch (unrecorded) {
        say('note', unrecorded instanceof Error ? unrecorded.message : String(unrecorded));
      }
    },
  };
}

function say(title: string, text: string): void {
  stderr.write(`${stderr.style('yellow', title)}: ${block(text, '      ')}\n`);
}
