/**
 * The syntax tree: `npm run bench -- rego-syntax`. Times are of the processor, so that a loaded machine tells the same.
 */
import { parse } from '../../server/rego/syntax/parse.ts';
import type { BenchContext, Sample, Work } from './bench.ts';
import { readRegalBundle } from './regal-bundle.ts';

export async function run({ log }: BenchContext): Promise<Work[]> {
  const texts = readRegalBundle()
    .files.filter(({ kind }) => kind === 'module')
    .map(({ text }) => text as string);
  const module = joined(texts, 3000);
  const typed = `${module}\nbroken if { input.x == `;
  log(`a module of ${module.split('\n').length} lines, ${texts.length} modules of the bundle`);
  return [
    work('module', 'Parse one module of 3,000 lines, warm (processor time).', [module]),
    work('broken', 'Parse the same module with an unfinished rule at its end (processor time).', [typed]),
    work('bundle', `Parse all ${texts.length} modules of Regal's bundle, warm (processor time).`, texts),
  ];
}

/** Rules of several modules as one. */
function joined(texts: readonly string[], lines: number): string {
  const all = texts.flatMap((text) => text.split('\n').filter((line) => !/^(package|import) /.test(line)));
  const rest = all.slice(lines).findIndex((line) => /^[a-z_]/.test(line));
  return `package bench\n\n${all.slice(0, lines + Math.max(rest, 0)).join('\n')}\n`;
}

function work(name: string, note: string, texts: readonly string[]): Work {
  const once = () => {
    for (const text of texts) parse(text);
  };
  return { name, note, runs: 25, subjects: [{ name: 'ours', measure: async () => timed(once) }] };
}

function timed(once: () => void): Sample {
  const before = process.cpuUsage();
  once();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000 };
}
