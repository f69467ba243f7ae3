/**
 * JUnit XML in the form of Jenkins' junit-10.xsd (github.com/jenkinsci/xunit-plugin,
 * src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd), which GitLab, Azure
 * and others read, too: a test case for each commit, and one for the change as a whole.
 */
import { oneLine, printable } from '../printable.ts';
import type { CommitVerdict, Violation } from '../verdict.ts';
import { explanationLines } from './explain.ts';
import { changeExplanationLines } from './explain-change.ts';
import { type GateResult, outcome } from './gate-result.ts';

/** The report, ending in a line break. Warnings do not fail a test case: they are its output. */
export function junitReport(result: GateResult): string {
  const { verdict } = result;
  const cases = [changeCase(result), ...verdict.commits.map((commit) => commitCase(result, commit))];
  const failures = [verdict.change, ...verdict.commits].filter(({ deny }) => deny.length > 0).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0"`;
  const properties = { decision: verdict.decision_id, revision: verdict.revision, policies: result.policies };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="countersign gate" ${counts}>`,
    `  <testsuite name=${quoted(`countersign gate ${result.range.label}`)} ${counts} skipped="0" timestamp=${quoted(result.now)}>`,
    '    <properties>',
    ...Object.entries(properties).map(([name, value]) => `      <property name="${name}" value=${quoted(value)}/>`),
    '    </properties>',
    ...cases,
    `    <system-out>${escaped(systemOut(result))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function changeCase(result: GateResult): string {
  const why = result.explain ? changeExplanationLines(result) : [];
  return testCase('countersign.change', 'The change as a whole', result.verdict.change, why);
}

function commitCase(result: GateResult, commit: CommitVerdict): string {
  const name = `${commit.sha.slice(0, 10)} ${oneLine(commit.subject) || '(no subject)'}`;
  return testCase('countersign.commit', name, commit, result.explain ? explanationLines(result, commit) : []);
}

function testCase(
  classname: string,
  name: string,
  { deny, warn }: { deny: readonly Violation[]; warn: readonly Violation[] },
  output: readonly string[],
): string {
  const lines = [`    <testcase classname="${classname}" name=${quoted(name)} time="0">`];
  const [first] = deny;
  if (first) {
    const message = deny.length === 1 ? first.msg : `${deny.length} violations: ${first.msg}`;
    const rules = [...new Set(deny.map(({ rule }) => rule))].join(' ');
    lines.push(
      `      <failure type=${quoted(rules)} message=${quoted(oneLine(message))}>${escaped(deny.map(described).join('\n'))}</failure>`,
    );
  }
  const said = [...warn.map((violation) => `warning: ${described(violation)}`), ...output];
  if (said.length > 0) lines.push(`      <system-out>${escaped(said.join('\n'))}</system-out>`);
  lines.push('    </testcase>');
  return lines.join('\n');
}

function described({ rule, msg, field, path, fix }: Violation): string {
  const about = field ?? path;
  return `${about === undefined ? '' : `${about}: `}${msg} (${rule})${fix === undefined ? '' : `\n  fix: ${fix}`}`;
}

function systemOut(result: GateResult): string {
  const exceptions = (result.verdict.exceptions ?? []).map(
    ({ id, rules, expires }) => `exception ${id} excuses ${rules.join(', ')} until ${expires}`,
  );
  return [outcome(result.verdict), ...exceptions, ...result.notes].join('\n');
}

function quoted(text: string): string {
  return `"${escaped(oneLine(text))}"`;
}

/** What XML 1.0 can carry: printable text (its control characters are escapes), without lone surrogates and non-characters. */
function escaped(text: string): string {
  return printable(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
