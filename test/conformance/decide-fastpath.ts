/**
 * Decides which built-ins the fast path's two ways may use: `node test/conformance/decide-fastpath.ts --write`.
 *
 * A built-in is listed only if a case exercises it and all cases with it agree with the engine: OPA's conformance
 * cases, the default pack, and generated calls. Without `--write`, says whether the committed list is that one.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../engine/engine.ts';
import { startEngine } from '../../engine/start.ts';
import { loadCases } from './cases.ts';
import { type Comparison, compare, type Subject, subjectOf, type Way } from './differential.ts';
import { type Builtin, generatedSubjects } from './generated.ts';
import { packSubjects } from './pack.ts';

const listFile = join(import.meta.dirname, '../../engine/fastpath-builtins.json');
const evidenceFile = join(import.meta.dirname, 'fastpath-evidence.json');

/** Why a built-in is listed or not; the test runs the cases of those that are. */
export interface Evidence {
  listed: Record<string, { agreeing: number; cases: string[] }>;
  unlisted: Record<string, string>;
}

const sampleCases = 3;

async function compareAll(engine: Engine, subjects: Subject[], way: Way): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const [index, subject] of subjects.entries()) {
    comparisons.push(await compare(engine, subject, 'all', way));
    if (index % 100 === 0) {
      console.error(`${way}: ${index} of ${subjects.length}`);
    }
  }
  return comparisons;
}

/** Built-ins that answer otherwise each time, or reach out of the machine, cannot be compared. */
const incomparable =
  /^(http\.|net\.lookup|opa\.runtime|rand\.|uuid\.|trace$|time\.now_ns|print$|internal\.(print|test_case))/;

function decide(comparisons: Comparison[]): Evidence {
  const evidence: Evidence = { listed: {}, unlisted: {} };
  const names = new Set(comparisons.flatMap(({ builtins }) => builtins));
  for (const name of [...names].sort()) {
    const cases = comparisons.filter(({ builtins }) => builtins.includes(name));
    const disagreeing = cases.find(({ outcome }) => outcome === 'disagrees');
    const agreeing = cases.filter(({ outcome }) => outcome === 'agrees').map(({ id }) => id);
    if (incomparable.test(name)) {
      evidence.unlisted[name] = 'answers otherwise each time, or reaches out of the machine';
    } else if (disagreeing !== undefined) {
      evidence.unlisted[name] = `${disagreeing.id}: ${disagreeing.detail}`.slice(0, 300);
    } else if (agreeing.length === 0) {
      evidence.unlisted[name] = 'no case with it is decided by the fast path';
    } else {
      const sample = agreeing.filter((id) => /^v[01]\//.test(id)).slice(0, sampleCases);
      evidence.listed[name] = { agreeing: agreeing.length, cases: sample };
    }
  }
  const plain = comparisons.filter(({ builtins }) => builtins.length === 0);
  const wrong = plain.find(({ outcome }) => outcome === 'disagrees');
  if (wrong !== undefined) {
    throw new Error(
      `The fast path disagrees without any built-in, which no list can mend: ${wrong.id}: ${wrong.detail}`,
    );
  }
  return evidence;
}

const loaded = loadCases();
if ('absent' in loaded) {
  console.error(loaded.absent);
  process.exit(3);
}
const engine = await startEngine();
const { capabilities } = await engine.call('capabilities', {});
const subjects = [
  ...loaded.cases.flatMap((entry) => subjectOf(entry) ?? []),
  ...(await packSubjects(engine)),
  ...(capabilities.builtins as Builtin[])
    .filter(({ name }) => !incomparable.test(name))
    .flatMap((builtin) => [1, 20_260].flatMap((seed) => generatedSubjects(builtin, 100, seed))),
];
const evidence = {
  plan: decide(await compareAll(engine, subjects, 'plan')),
  wasm: decide(await compareAll(engine, subjects, 'wasm')),
};
await engine.dispose();
const lists = { plan: Object.keys(evidence.plan.listed), wasm: Object.keys(evidence.wasm.listed) };
const text = `${JSON.stringify(lists, null, 2)}\n`;
if (process.argv.includes('--write')) {
  writeFileSync(listFile, text);
  writeFileSync(evidenceFile, `${JSON.stringify(evidence, null, 2)}\n`);
} else if (JSON.stringify(JSON.parse(readFileSync(listFile, 'utf8'))) !== JSON.stringify(lists)) {
  console.error(`${listFile} has not the lists that the cases decide; run this with --write and look at what changed.`);
  console.error(JSON.stringify(lists));
  process.exit(1);
}
console.log(
  `${lists.plan.length} built-ins listed for plans, ${lists.wasm.length} for wasm, by ${subjects.length} cases`,
);
