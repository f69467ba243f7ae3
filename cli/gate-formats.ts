/** The formats of the gate's report: which are asked for, where each goes, and what makes it. */
import { appendFile } from 'node:fs/promises';
import { Option } from 'commander';
import type { GateResult } from '../core/report/gate-result.ts';
import { UsageError } from './exit.ts';

type Report = (result: GateResult) => string;

/** What makes each format but `text`, which is the terminal's. */
const reports: Record<string, () => Promise<Report>> = {
  json: async () => (await import('../core/report/json.ts')).jsonReport,
  junit: async () => (await import('../core/report/junit.ts')).junitReport,
  sarif: async () => (await import('../core/report/sarif.ts')).sarifReport,
  github: async () => (await import('../core/report/github.ts')).githubReport,
  'github-summary': async () => (await import('../core/report/markdown.ts')).markdownReport,
  'gitlab-code-quality': async () => (await import('../core/report/gitlab-code-quality.ts')).gitlabCodeQualityReport,
  azure: async () => (await import('../core/report/azure.ts')).azureReport,
  tap: async () => (await import('../core/report/tap.ts')).tapReport,
  markdown: async () => (await import('../core/report/markdown.ts')).markdownReport,
};
const names = ['text', ...Object.keys(reports)];

/** Build servers pick these lines out of a log, whatever else is in it. */
const inLogs = new Set(['text', 'github', 'azure']);

/** One `--format`; without a file it goes to stdout. */
export interface RequestedFormat {
  name: string;
  file?: string;
}

/** `--format F[=FILE]`, which may be given several times. */
export function gateFormatOption(): Option {
  return new Option('--format <format[=file]>', `how to report, and where to; may be repeated: ${names.join(', ')}`)
    .default([], 'text')
    .argParser((value: string, before: RequestedFormat[]) => [...before, readFormat(value)]);
}

function readFormat(value: string): RequestedFormat {
  const [, name = value, file] = /^([^=]*)=(.*)$/s.exec(value) ?? [];
  if (!names.includes(name)) {
    throw new UsageError(`--format ${JSON.stringify(name)} is none of: ${names.join(', ')}.`);
  }
  if (file === '') throw new UsageError(`--format ${value} names no file: write ${name}=FILE, or only ${name}.`);
  if (file !== undefined) return { name, file };
  if (name !== 'github-summary') return { name };
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (summary) return { name, file: summary };
  throw new UsageError('GITHUB_STEP_SUMMARY is not set: write github-summary=FILE, or run it in GitHub Actions.');
}

/**
 * What goes where: text to stdout when nothing else does. Two documents on one stream could be read
 * by nobody, so that is refused; what build servers pick out of a log may come with text.
 */
export function plannedFormats(requested: readonly RequestedFormat[]): RequestedFormat[] {
  const toStdout = requested.filter(({ file }) => file === undefined);
  const documents = toStdout.filter(({ name }) => !inLogs.has(name));
  if (documents.length > 0 && toStdout.length > 1) {
    const list = toStdout.map(({ name }) => name).join(' and ');
    throw new UsageError(`${list} cannot both go to stdout: give one a file, such as ${documents[0]?.name}=FILE.`);
  }
  const files = requested.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined) throw new UsageError(`Two formats go to ${twice}.`);
  return toStdout.length > 0 ? [...requested] : [...requested, { name: 'text' }];
}

/**
 * Writes all reports, files first: one that cannot be written rejects before a verdict is on stdout.
 *
 * @param text makes the format `text`; of a file without colour
 */
export async function writeReports(
  formats: readonly RequestedFormat[],
  result: GateResult,
  text: (toFile: boolean) => string,
  print: (text: string) => void,
): Promise<void> {
  const { writeWholeFile } = await import('../core/replace-file.ts');
  const made = await Promise.all(
    formats.map(async ({ name, file }) => {
      const report = await reports[name]?.();
      return { file, content: report ? report(result) : text(file !== undefined) };
    }),
  );
  for (const { file, content } of made) {
    if (file === undefined) continue;
    // The steps of a job share their summary.
    if (file === process.env.GITHUB_STEP_SUMMARY) await appendFile(file, `${content}\n`);
    else await writeWholeFile(file, content);
  }
  for (const { file, content } of made) if (file === undefined) print(content);
}
