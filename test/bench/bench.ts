/**
 * Benchmarks: `npm run bench -- [name…] [--work NAME]… [--budget SECONDS] [--rounds N] [--json]`; 20 seconds a work by
 * default. A work that takes many minutes is measured when it is named alone.
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
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { percentile } from './measure.ts';

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
  /** What the figure is, and the ratio of; time when absent. */
  of?: 'time' | 'memory';
  /** What a subject is to stay below, by its name. */
  goals?: Record<string, Goal>;
  /** Takes many minutes: measured when `--work` names it. */
  long?: boolean;
}

export interface Goal {
  ms?: number;
  p95Ms?: number;
}

export interface Subject {
  /** Such as `native`, `wasm`, `opa`. */
  name: string;
  /** The others' medians are given as ratios to this one's. At most one a work. */
  peer?: boolean;
  /** Does the work once, or says why it does not. */
  measure(): Promise<Sample | { absent: string }>;
}

export interface Sample {
  /** Milliseconds; the median where one measurement is of many repetitions. */
  ms: number;
  /** Milliseconds of each repetition; percentiles are those of all of them. */
  times?: readonly number[];
  /** User and system time of all that is measured, for one repetition: says what was done, whatever else ran. */
  cpuMs?: number;
  /** Resident memory in bytes, where it can be told: the peak, or what the work's note says. */
  rss?: number;
}

interface Row {
  bench: string;
  work: string;
  note: string;
  of: 'time' | 'memory';
  subject: string;
  /** Why there are no figures. */
  absent?: string;
  runs: number;
  medianMs: number;
  minMs: number;
  maxMs: number;
  /** Where there are 12 repetitions at least. */
  p95Ms?: number;
  cpuMs?: number;
  /** The subject's median divided by the peer's. */
  ratio?: number;
  rssMb?: number;
  goal?: Goal;
}

const maxRuns = 7;

/** Rounds go on until there are enough or the time for this work is spent; each subject has at least one. */
async function measureWork(bench: string, work: Work, budgetMs: number, log: (line: string) => void): Promise<Row[]> {
  const samples = new Map<Subject, Sample[]>(work.subjects.map((subject) => [subject, []]));
  const absent = new Map<Subject, string>();
  const end = performance.now() + budgetMs;
  const fixed = values.rounds === undefined ? work.runs : Number(values.rounds);
  const runs = fixed ?? maxRuns;
  for (let round = 0; round < runs && (round === 0 || fixed !== undefined || performance.now() < end); round++) {
    for (const [subject, taken] of samples) {
      if (absent.has(subject)) continue;
      const sample = await subject.measure();
      if ('absent' in sample) {
        absent.set(subject, sample.absent);
        log(`${bench} ${work.name} ${subject.name}: left out: ${sample.absent}`);
        continue;
      }
      taken.push(sample);
      log(`${bench} ${work.name} ${subject.name}: ${shownSample(work, sample)}`);
    }
  }
  const figures = new Map(
    [...samples].flatMap(([subject, taken]) => (taken.length > 0 ? [[subject, figuresOf(taken)]] : [])),
  );
  const figureOf = (of: Subject) => figures.get(of)?.[work.of === 'memory' ? 'rssMb' : 'medianMs'];
  const peer = work.subjects.find((subject) => subject.peer);
  const base = peer && figureOf(peer);
  return work.subjects.map((subject) => {
    const value = figureOf(subject);
    return {
      bench,
      work: work.name,
      note: work.note,
      of: work.of ?? 'time',
      subject: subject.name,
      absent: absent.get(subject),
      ...(figures.get(subject) ?? { runs: 0, medianMs: Number.NaN, minMs: Number.NaN, maxMs: Number.NaN }),
      ...(base !== undefined && value !== undefined && { ratio: value / base }),
      goal: work.goals?.[subject.name],
    };
  });
}

function figuresOf(taken: readonly Sample[]) {
  const times = taken.flatMap((sample) => sample.times ?? [sample.ms]);
  const rss = taken.flatMap((sample) => sample.rss ?? []);
  const cpu = taken.flatMap((sample) => sample.cpuMs ?? []);
  return {
    runs: times.length,
    medianMs: percentile(times, 0.5),
    minMs: Math.min(...times),
    maxMs: Math.max(...times),
    ...(times.length >= 12 && { p95Ms: percentile(times, 0.95) }),
    ...(cpu.length > 0 && { cpuMs: Math.min(...cpu) }),
    ...(rss.length > 0 && { rssMb: Math.max(...rss) / 2 ** 20 }),
  };
}

function shownSample({ of }: Work, { ms, times, cpuMs, rss }: Sample): string {
  if (of === 'memory') return `${((rss ?? Number.NaN) / 2 ** 20).toFixed(0)} MB`;
  const p95 = times && times.length > 1 ? `, p95 ${percentile(times, 0.95).toFixed(1)} ms of ${times.length}` : '';
  return `${ms.toFixed(1)} ms${p95}${cpuMs === undefined ? '' : `, ${cpuMs.toFixed(0)} ms of CPU each`}`;
}

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg().map((one) => one.toFixed(1));
  return `${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GB, ${platform()} ${release()}, Node ${process.version}, load ${load.join(' ')}`;
}

function table(rows: Row[]): string {
  const lines: string[] = [];
  for (const [index, row] of rows.entries()) {
    if (row.work !== rows[index - 1]?.work) {
      lines.push('', `${row.bench}: ${row.work}. ${row.note}`);
    }
    const name = `  ${row.subject.padEnd(11)}`;
    if (row.runs === 0) {
      lines.push(`${name} left out: ${row.absent}`);
      continue;
    }
    const ratio = row.ratio === undefined ? '' : `${row.ratio < 0.1 ? row.ratio.toFixed(4) : row.ratio.toFixed(2)} x`;
    const rss = row.rssMb === undefined ? '' : `${row.rssMb.toFixed(0)} MB`;
    if (row.of === 'memory') {
      lines.push(`${name} ${rss.padStart(13)} ${ratio.padStart(9)}`);
      continue;
    }
    const digits = row.medianMs < 100 ? 1 : 0;
    const p95 = row.p95Ms === undefined ? '' : `, p95 ${row.p95Ms.toFixed(digits)} ms`;
    const cpu = row.cpuMs === undefined ? '' : `, CPU ${row.cpuMs.toFixed(0)} ms`;
    const spread = `${row.minMs.toFixed(digits)}–${row.maxMs.toFixed(digits)}`;
    lines.push(
      `${name} ${row.medianMs.toFixed(1).padStart(10)} ms ${ratio.padStart(9)} ${rss.padStart(9)}   ${row.runs} times, ${spread} ms${p95}${cpu}${verdict(row)}`,
    );
  }
  return lines.join('\n');
}

function verdict({ goal, medianMs, p95Ms }: Row): string {
  if (goal?.p95Ms !== undefined && p95Ms !== undefined) {
    return `; p95 below ${goal.p95Ms} ms: ${p95Ms < goal.p95Ms ? 'yes' : 'NO'}`;
  }
  return goal?.ms === undefined ? '' : `; below ${goal.ms} ms: ${medianMs < goal.ms ? 'yes' : 'NO'}`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    budget: { type: 'string', default: '20' },
    rounds: { type: 'string' },
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
    if (values.work === undefined ? work.long : !values.work.includes(work.name)) continue;
    rows.push(...(await measureWork(name, work, Number(values.budget) * 1000, log)));
  }
}
if (values.json) {
  console.log(JSON.stringify({ machine: machine(), date: new Date().toISOString(), rows }, null, 2));
} else {
  console.log(`${machine()}\nMedians; the ratio is to the peer measured in the same session, in turn.${table(rows)}`);
}
// Servers that several works share are still there.
process.exit();
