/**
 * The engine on Regal's bundle, both builds, beside the `opa` and `regal` commands of the same versions.
 *
 * Cold works count from nothing to the answer, as the commands do: start, open, answer. Warm works are what an
 * editor waits for after an edit, in an engine that is open; the commands have no such thing, so their cold time
 * is what a user waits for instead.
 */
import type { Engine } from '../../engine/engine.ts';
import type { OpenParams, WorkspaceFile } from '../../engine/protocol.ts';
import { startEngine } from '../../engine/start.ts';
import type { BenchContext, Sample, Subject, Work } from './bench.ts';
import { childrenNamed, peakOf, timeCommand } from './measure.ts';
import { buildPeers } from './peers.ts';
import { openRegalBundle, readRegalBundle } from './regal-bundle.ts';

type Build = 'native' | 'wasm';

/** A module in the middle of the bundle: about a hundred others import it. */
const edited = 'regal/ast/ast.rego';
const linted = 'regal/result/result.rego';

export async function run({ root, log }: BenchContext): Promise<Work[]> {
  const peers = buildPeers(root, log);
  const bundle = readRegalBundle();
  const setup = await startEngine({ build: 'native' });
  const open = await openRegalBundle(setup, bundle);
  await setup.dispose();
  const opa = (args: string[]): Subject => ({
    name: 'opa',
    peer: true,
    measure: () => timeCommand(peers.opa, args, bundle.folder),
  });
  const regal = (args: string[]): Subject => ({
    name: 'regal',
    peer: true,
    measure: () => timeCommand(peers.regal, args, bundle.folder),
  });
  const cold = (work: (engine: Engine) => Promise<unknown>) => both((build) => measureCold(build, work));
  const warm = (work: (engine: Engine, turn: number) => Promise<unknown>) => both(warmMeasure(open, work));
  const modules = open.files.filter(({ kind }) => kind === 'module');
  const size = `${modules.length} modules, ${Math.round(modules.reduce((sum, { text }) => sum + text.length, 0) / 1024)} KB`;

  return [
    {
      name: 'start',
      note: 'From nothing to the first answer; the peer is `opa version`.',
      subjects: [...cold((engine) => engine.call('version', {})), opa(['version'])],
    },
    {
      name: 'open',
      note: `Cold: start and parse ${size}; the peer is \`opa check\`, which also compiles.`,
      subjects: [...cold((engine) => engine.call('workspace/open', open)), opa(checkArguments)],
    },
    {
      name: 'check-one',
      note: `Warm: ${edited} changes and is checked with its dependency closure; the peer is \`opa check\` of all.`,
      subjects: [...warm((engine, turn) => editAndCheck(engine, open, turn)), opa(checkArguments)],
    },
    {
      name: 'check-all',
      note: `Cold: ${size}, compiled; the peer is \`opa check\`.`,
      subjects: [
        ...cold(async (engine) => {
          await engine.call('workspace/open', open);
          expectNone((await engine.call('check', { workspace: open.workspace })).problems);
        }),
        opa(checkArguments),
      ],
    },
    {
      name: 'lint-one',
      note: `Warm: ${linted} changes and is linted; the peer is \`regal lint\` of that file.`,
      subjects: [
        ...warm(async (engine, turn) => {
          await engine.call('workspace/update', { workspace: open.workspace, changed: [touched(open, linted, turn)] });
          await engine.call('lint', { workspace: open.workspace, paths: [linted] });
        }),
        regal(['lint', `bundle/${linted}`]),
      ],
    },
    {
      name: 'lint-all',
      note: `Cold: ${size}, rules across files too; the peer is \`regal lint bundle\`.`,
      subjects: [
        ...cold(async (engine) => {
          await engine.call('workspace/open', open);
          await engine.call('lint', { workspace: open.workspace });
        }),
        regal(['lint', 'bundle']),
      ],
    },
    {
      name: 'test-all',
      note: `Cold: all tests of the bundle; the peer is \`regal test bundle\`.`,
      subjects: [
        ...cold(async (engine) => {
          await engine.call('workspace/open', open);
          const { tests, problems } = await engine.call('test', { workspace: open.workspace });
          expectNone([...problems, ...tests.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'skip')]);
        }),
        regal(['test', 'bundle']),
      ],
    },
  ];
}

/** The bundle's modules need Regal's built-ins, which plain `opa` learns from a capabilities file. */
const checkArguments = ['check', '--capabilities', 'build/capabilities.json', 'bundle'];

function both(measure: (build: Build) => () => Promise<Sample>): Subject[] {
  return (['native', 'wasm'] as const).map((build) => ({ name: build, measure: measure(build) }));
}

function measureCold(build: Build, work: (engine: Engine) => Promise<unknown>): () => Promise<Sample> {
  return async () => {
    const start = performance.now();
    const engine = await startEngine({ build });
    await work(engine);
    const ms = performance.now() - start;
    const rss = memoryOf(build);
    await engine.dispose();
    return { ms, rss };
  };
}

/** An engine that is open and has done the work a few times, as an editor's has. */
function warmMeasure(open: OpenParams, work: (engine: Engine, turn: number) => Promise<unknown>) {
  return (build: Build): (() => Promise<Sample>) => {
    let turn = 0;
    return async () => {
      const engine = await startEngine({ build });
      await engine.call('workspace/open', open);
      for (let warmUp = 0; warmUp < 3; warmUp++) {
        await work(engine, turn++);
      }
      const start = performance.now();
      await work(engine, turn++);
      const ms = performance.now() - start;
      const rss = memoryOf(build);
      await engine.dispose();
      return { ms, rss };
    };
  };
}

/** The native engine's peak; for wasm the whole of this process, whose memory a worker's wasm never gives back. */
function memoryOf(build: Build): number | undefined {
  if (build === 'wasm') {
    return process.memoryUsage.rss();
  }
  const [pid] = childrenNamed('countersign-engine');
  return pid === undefined ? undefined : peakOf(pid);
}

async function editAndCheck(engine: Engine, open: OpenParams, turn: number): Promise<void> {
  await engine.call('workspace/update', { workspace: open.workspace, changed: [touched(open, edited, turn)] });
  expectNone((await engine.call('check', { workspace: open.workspace, paths: [edited] })).problems);
}

/** The file with a change that its syntax tree shows. */
function touched(open: OpenParams, path: string, turn: number): WorkspaceFile {
  const file = open.files.find((candidate) => candidate.path === path);
  if (file === undefined) {
    throw new Error(`the bundle has no ${path}`);
  }
  return { ...file, text: `${file.text}\nbench_${turn} := ${turn}\n` };
}

/** A benchmark of work that failed would be a benchmark of nothing. */
function expectNone(items: unknown[]): void {
  if (items.length > 0) {
    throw new Error(`unexpected: ${JSON.stringify(items.slice(0, 3))}`);
  }
}
