/** What is measured of the language servers on one workspace. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Goal, Subject, Work } from '../bench.ts';
import { timeCommand } from '../measure.ts';
import type { Contender } from './contenders.ts';
import { type FaultKind, faults, isSyntaxError, typeFaults } from './keystroke.ts';
import { type RequestKind, timeRequests } from './requests.ts';
import { type Limits, type Runs, readyLimit } from './runs.ts';
import { TooLong } from './session.ts';
import { type Workspace, writeWorkspace } from './workspaces.ts';

/** One workspace, those who are measured on it, and how long one may take. */
export interface Course {
  workspace: Workspace;
  contenders: readonly Contender[];
  runs: Runs;
  limits: Limits;
}

const keystrokes: Record<FaultKind, { note: string; native: Goal; wasm: Goal }> = {
  syntax: {
    note: 'From a keystroke that breaks the syntax to its report',
    native: { p95Ms: 5 },
    wasm: { p95Ms: 5 },
  },
  compile: {
    note: 'From a keystroke that makes a compile error (an unsafe variable) to its report; Regal’s server has none',
    native: { p95Ms: 80 },
    wasm: { p95Ms: 400 },
  },
  lint: {
    note: 'From a keystroke that makes a finding of Regal’s to its report',
    native: { p95Ms: 150 },
    wasm: { p95Ms: 600 },
  },
};

/** After so long, in milliseconds, servers give back what they do not need. */
const calm = 20_000;

const requests: Record<RequestKind, Goal> = {
  completion: { p95Ms: 10 },
  hover: { p95Ms: 10 },
  definition: { p95Ms: 10 },
  references: { p95Ms: 50 },
  rename: { p95Ms: 50 },
};

/** A contender that takes too long is left out of the work, and said to be. */
function subjects(
  contenders: readonly Contender[],
  measure: (of: Contender) => ReturnType<Subject['measure']>,
): Subject[] {
  return contenders.map((contender) => ({
    name: contender.name,
    peer: contender.peer,
    async measure() {
      try {
        return await measure(contender);
      } catch (error) {
        if (error instanceof TooLong) return { absent: error.message };
        throw error;
      }
    },
  }));
}

/** From nothing to the first report; each round starts a server anew. */
export function openWorks({ workspace, contenders, runs }: Course, rounds: number): Work[] {
  const { text, found } = faults.compile;
  return [
    {
      name: 'open-syntax',
      note: `From nothing to the first report on an open file that has a syntax error, in ${workspace.name}.`,
      runs: rounds,
      goals: ours({ ms: 1000 }),
      subjects: subjects(contenders, (one) => runs.opened(one, faults.syntax.text(0), isSyntaxError)),
    },
    {
      name: 'open-compile',
      note: 'The same for a compile error, which Regal’s server does not report.',
      runs: rounds,
      goals: ours({ ms: 1000 }),
      subjects: subjects(withCompiler(contenders), (one) => runs.opened(one, text(0), found(0))),
    },
  ];
}

/** Linting all; `command` is `regal`, whose `lint` is the peer here. */
export function lintWork({ workspace, contenders, runs }: Course, command: string, long: boolean): Work {
  const servers = subjects(contenders, runs.linted);
  return {
    name: 'lint-all',
    note: `From the start of a server to its last report on ${workspace.name}, with an empty cache, cross-file rules included; \`regal lint\` from start to exit.`,
    runs: long ? 1 : 5,
    long,
    subjects: [
      ...servers.map((one) => ({ ...one, name: one.peer ? 'regal server' : one.name, peer: false })),
      {
        name: 'regal lint',
        peer: true,
        measure: () => timeCommand(command, ['lint', '.'], writeWorkspace(workspace.files)),
      },
    ],
  };
}

/** In a server at rest, typed as a fast typist does. */
export function keystrokeWorks({ workspace, contenders, runs, limits }: Course): Work[] {
  return (Object.keys(keystrokes) as FaultKind[]).map((kind) => ({
    name: kind,
    note: `${keystrokes[kind].note}, in ${workspace.name}.`,
    runs: 1,
    goals: ours(keystrokes[kind].native, keystrokes[kind].wasm),
    subjects: subjects(kind === 'compile' ? withCompiler(contenders) : contenders, async (one) => {
      const { session } = await runs.settled(one);
      if (limits.settle === undefined) await session.rest(readyLimit(one, limits));
      return typeFaults(session, workspace.edited, kind, one.rounds.edits, limits.answer);
    }),
  }));
}

export function requestWorks({ workspace, contenders, runs, limits }: Course): Work[] {
  return (Object.keys(requests) as RequestKind[]).map((kind) => ({
    name: kind,
    note: `At places in ${workspace.asked.length} modules of ${workspace.name}, each directly after a keystroke there.`,
    runs: 1,
    goals: ours(requests[kind]),
    subjects: subjects(contenders, async (one) => {
      const { session } = await runs.settled(one);
      if (limits.settle === undefined) await session.rest(readyLimit(one, limits));
      return timeRequests(session, workspace.asked, kind, one.rounds.requests, limits.answer);
    }),
  }));
}

export function memoryWorks({ workspace, contenders, runs, limits }: Course): Work[] {
  const measure = (which: 'now' | 'peak') =>
    subjects(contenders, async (one) => {
      const { session } = await runs.settled(one);
      if (limits.settle === undefined) await session.rest(readyLimit(one, limits));
      if (which === 'now') await sleep(calm);
      return { ms: 0, rss: session.memory()[which] };
    });
  return [
    {
      name: 'memory',
      note: `Server and engine together after all of the above in ${workspace.name}, when nothing has been typed for a while.`,
      of: 'memory',
      runs: 1,
      subjects: measure('now'),
    },
    {
      name: 'memory-peak',
      note: 'The most that they have held.',
      of: 'memory',
      runs: 1,
      subjects: measure('peak'),
    },
  ];
}

/** Ends the servers that are at rest. */
export function reopenWork({ workspace, contenders, runs }: Course, long = false): Work {
  return {
    long,
    name: 'reopen',
    note: `As lint-all, in the same folder for the second time: what was found is kept by content. In ${workspace.name}.`,
    runs: 1,
    goals: ours({ ms: 1000 }),
    subjects: subjects(contenders, (one) => runs.reopened(one)),
  };
}

function withCompiler(contenders: readonly Contender[]): Contender[] {
  return contenders.filter(({ peer }) => !peer);
}

function ours(native: Goal, wasm = native): Record<string, Goal> {
  return { 'ours native': native, 'ours wasm': wasm };
}
