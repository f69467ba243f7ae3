/**
 * Benchmarks: `npm run bench -- [name…] [--work NAME]… [--budget SECONDS] [--json]`; 20 seconds a work by default.
 *
 * A benchmark is a file of this folder that exports
 *
 *     export async function run(context: BenchContext): Promise<Work[]>
 *
 * and is called by its name: engine.ts is `engine`, gate.ts would be `gate`. It describes its works; the harness
 * measures each work's subjects in turn, round after round in the same session, and prints medians and
 * ratios to the work's peer. What a subject does before and after the stretch it times does not count.
 */
import { readdirSync } from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** What a benchmark gets. */
export interface BenchContext {
  /** The project's root. */
  root: string;
  /** One line of progress, on stderr. */
  log(line: string): void;
}

/** One stretch of work and those who do it. */
export interface Work {
  name: string;
  /** What is done, with how much; what the figures do and do not include. */
  note: string;
  subjects: Subject[];
  /** How often each subject does it, however long that takes; up to 7 times within the budget when absent. */
  runs?: number;
}

export interface Subject {
  /** Such as `native`, `wasm`, `opa`. */
  name: string;
  /** The others' medians are given as ratios to this one's. At most one a work. */
  peer?: boolean;
  /** Does the work once. */
  measure(): Promise<Sample>;
}

/** One measurement: milliseconds, and the peak resident memory in bytes where it can be told. */
export interface Sample {
  ms: number;
  rss?: number;
}

interface Row {
  bench: string;
  work: string;
  note: string;
  subject: string;
  runs: number;
  medianMs: number;
  minMs: number;
  maxMs: number;
  /** Where there are 20 runs at least. */
  p95Ms?: number;
  /** The subject's median divided by the peer's. */
  ratio?: number;
  peakRssMb?: number;
}

const maxRuns = 7;

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function percentile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * part) - 1]!;
}

/** Rounds go on until there are enough or the time for this work is spent; each subject has at least one. */
async function measureWork(bench: string, work: Work, budgetMs: number, log: (line: string) => void): Promise<Row[]> {
  const samples = new Map<Subject, Sample[]>(work.subjects.map((subject) => [subject, []]));
  const end = performance.now() + budgetMs;
  const runs = work.runs ?? maxRuns;
  for (let round = 0; round < runs && (round === 0 || work.runs !== undefined || performance.now() < end); round++) {
    for (const [subject, taken] of samples) {
      const sample = await subject.measure();
      taken.push(sample);
      log(`${bench} ${work.name} ${subject.name}: ${sample.ms.toFixed(1)} ms`);
    }
  }
  const medians = new Map([...samples].map(([subject, taken]) => [subject, median(taken.map(({ ms }) => ms))]));
  const peer = work.subjects.find((subject) => subject.peer);
  return [...samples].map(([subject, taken]) => {
    const times = taken.map(({ ms }) => ms);
    const rss = taken.flatMap((sample) => sample.rss ?? []);
    const medianMs = medians.get(subject)!;
    return {
      bench,
      work: work.name,
      note: work.note,
      subject: subject.name,
      runs: taken.length,
      medianMs,
      minMs: Math.min(...times),
      maxMs: Math.max(...times),
      ...(times.length >= 20 && { p95Ms: percentile(times, 0.95) }),
      ...(peer !== undefined && { ratio: medianMs / medians.get(peer)! }),
      ...(rss.length > 0 && { peakRssMb: Math.max(...rss) / 2 ** 20 }),
    };
  });
}

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GB, ${platform()} ${release()}, Node ${process.version}`;
}

function table(rows: Row[]): string {
  const lines: string[] = [];
  for (const [index, row] of rows.entries()) {
    if (row.work !== rows[index - 1]?.work) {
      lines.push('', `${row.bench}: ${row.work}. ${row.note}`);
    }
    const ratio = row.ratio === undefined ? '' : `${row.ratio.toFixed(2)} x`;
    const rss = row.peakRssMb === undefined ? '' : `${row.peakRssMb.toFixed(0)} MB`;
    const p95 = row.p95Ms === undefined ? '' : `, p95 ${row.p95Ms.toFixed(0)} ms`;
    const spread = `${row.minMs.toFixed(0)}–${row.maxMs.toFixed(0)}`;
    lines.push(
      `  ${row.subject.padEnd(10)} ${row.medianMs.toFixed(1).padStart(10)} ms ${ratio.padStart(9)} ${rss.padStart(9)}   ${row.runs} runs, ${spread} ms${p95}`,
    );
  }
  return lines.join('\n');
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    budget: { type: 'string', default: '20' },
    work: { type: 'string', multiple: true },
  },
});
const helpers = ['bench.ts', 'commitlint.ts', 'measure.ts', 'peers.ts', 'regal-bundle.ts'];
const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !helpers.includes(file))
  .map((file) => file.slice(0, -3));
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  process.exit(2);
}
const log = (line: string) => console.error(line);
const rows: Row[] = [];
for (const name of positionals.length > 0 ? positionals : known) {
  const bench: { run(context: BenchContext): Promise<Work[]> } = await import(`./${name}.ts`);
  for (const work of await bench.run({ root: join(import.meta.dirname, '../..'), log })) {
    if (values.work !== undefined && !values.work.includes(work.name)) {
      continue;
    }
    rows.push(...(await measureWork(name, work, Number(values.budget) * 1000, log)));
  }
}
if (values.json) {
  console.log(JSON.stringify({ machine: machine(), date: new Date().toISOString(), rows }, null, 2));
} else {
  console.log(`${machine()}\nMedians; the ratio is to the peer measured in the same session, in turn.${table(rows)}`);
}
