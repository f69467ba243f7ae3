/** Test results as a developer reads them: failures with place, expression and values; passes only counted. */
import type { FileCoverage, Problem, TestResult } from '../engine/protocol.ts';
import { problemLines } from './failure.ts';
import { block, count, type Output, printable } from './terminal.ts';

type Style = Output['style'];

const marks = {
  pass: ['green', '✓'],
  fail: ['red', '✗'],
  error: ['red', '✗'],
  skip: ['yellow', '-'],
} as const;

/** What the tests of all targets gave. */
export interface TestReport {
  tests: TestResult[];
  /** What kept tests from running. */
  problems: Problem[];
  coverage?: FileCoverage[];
}

/** The report, ending in a line that counts. */
export function testReport(report: TestReport, verbose: boolean, style: Style): string {
  let text = problemLines(report.problems, style);
  const all = sorted(report.tests);
  for (const path of new Set(all.map(({ location }) => location.path))) {
    const tests = all.filter(({ location }) => location.path === path);
    const passed = tests.filter(({ outcome }) => outcome === 'pass').length;
    if (passed === tests.length && !verbose) continue;
    text += `${style('bold', printable(path))} ${style('dim', `${passed} of ${tests.length} passed`)}\n`;
    for (const test of tests) {
      if (test.outcome !== 'pass' || verbose) text += testLines(test, style);
    }
  }
  if (report.coverage) text += coverageLines(report.coverage, style);
  return text + summary(report, style);
}

function testLines(test: TestResult, style: Style): string {
  const [colour, mark] = marks[test.outcome];
  const { path, range } = test.location;
  const place = style('dim', `${printable(path)}:${range.start.line + 1} (${test.durationMs.toFixed(1)} ms)`);
  let text = `  ${style(colour, mark)} ${printable(test.name)}  ${place}\n`;
  if (test.failure) {
    const at = test.failure.location;
    text += `      ${printable(at.path)}:${at.range.start.line + 1}:${at.range.start.character + 1}: ${block(test.failure.text, '        ')}\n`;
    for (const [name, value] of Object.entries(test.failure.locals)) {
      text += `        ${printable(name)} = ${printable(shorten(JSON.stringify(value) ?? 'undefined'))}\n`;
    }
  }
  if (test.error) text += `      ${style('red', block(test.error, '      '))}\n`;
  if (test.output && test.outcome !== 'pass') text += `      ${style('dim', block(test.output, '      '))}\n`;
  return text;
}

function coverageLines(files: readonly FileCoverage[], style: Style): string {
  let text = `${style('bold', 'coverage')} ${coveragePercent(files).toFixed(1)} % of lines\n`;
  for (const { path, notCovered } of files) {
    if (notCovered.length > 0) text += `  ${printable(path)}: not reached: ${lineRanges(notCovered)}\n`;
  }
  return text;
}

/** Of all lines that could be covered, 0 to 100. */
export function coveragePercent(files: readonly FileCoverage[]): number {
  const covered = files.reduce((sum, file) => sum + file.covered.length, 0);
  const missed = files.reduce((sum, file) => sum + file.notCovered.length, 0);
  return covered + missed === 0 ? 100 : (100 * covered) / (covered + missed);
}

/** `3, 7-9` for 3, 7, 8 and 9. */
function lineRanges(lines: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const line of [...lines].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

function summary({ tests }: TestReport, style: Style): string {
  const of = (outcome: TestResult['outcome']): number => tests.filter((test) => test.outcome === outcome).length;
  const [failed, errors, skipped] = [of('fail'), of('error'), of('skip')];
  const parts = [
    style('green', `${of('pass')} passed`),
    style(failed > 0 ? 'red' : 'reset', `${failed} failed`),
    ...(errors > 0 ? [style('red', count(errors, 'error'))] : []),
    ...(skipped > 0 ? [style('yellow', `${skipped} skipped`)] : []),
  ];
  return `${parts.join(', ')}\n`;
}

function sorted(tests: readonly TestResult[]): TestResult[] {
  const order = ({ location: { path, range } }: TestResult): string =>
    `${path}\0${String(range.start.line).padStart(8, '0')}`;
  return [...tests].sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
}

function shorten(text: string): string {
  return text.length > 400 ? `${text.slice(0, 399)}…` : text;
}
