/** Whatever a commit says, every report stays what it is: read back by parsers and schemas of others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import fc from 'fast-check';
import { XmlDocument, type XmlElement } from 'libxml2-wasm';
import MarkdownIt from 'markdown-it';
import type { Log, Result, Run } from 'sarif';
import { Parser } from 'tap-parser';
import { gateReport } from '../../../cli/gate-report.ts';
import { azureReport } from '../../../core/report/azure.ts';
import { type Finding, findingsOf, type GateResult } from '../../../core/report/gate-result.ts';
import { githubReport } from '../../../core/report/github.ts';
import { gitlabCodeQualityReport } from '../../../core/report/gitlab-code-quality.ts';
import { jsonReport } from '../../../core/report/json.ts';
import { junitReport } from '../../../core/report/junit.ts';
import { commentMarker, markdownReport, undecidedMarkdown } from '../../../core/report/markdown.ts';
import { sarifReport } from '../../../core/report/sarif.ts';
import { tapReport } from '../../../core/report/tap.ts';
import { anyResult, sampleResult } from './samples.ts';

const textReport = (result: GateResult): string =>
  gateReport(result, { places: new Map(), verbose: true }, (_, text) => text);

const runs = { numRuns: 150 };
const each = (check: (result: GateResult) => void): void => fc.assert(fc.property(anyResult, check), runs);

/** As the runner does (github.com/actions/runner, src/Runner.Common/ActionCommand.cs): any command counts as registered. */
function githubCommand(line: string): { name: string; properties: Record<string, string>; data: string } | undefined {
  const legacy = /#[\p{Cf}\p{M}]*#[\p{Cf}\p{M}]*\[[^\]]*\]/u.test(line);
  if (legacy) return { name: 'legacy', properties: {}, data: '' };
  const found = /^[\s\u0085]*::([\s\S]*?)::([\s\S]*)$/.exec(line);
  if (!found) return undefined;
  const [, info = '', data = ''] = found;
  const [, name = '', list = ''] = /^(\S*) ?([\s\S]*)$/.exec(info) ?? [];
  const undo = (text: string): string =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const pairs = list
    .split(',')
    .filter(Boolean)
    .map((pair) => [pair.slice(0, pair.indexOf('=')), undo(pair.slice(pair.indexOf('=') + 1))]);
  return { name, properties: Object.fromEntries(pairs), data: undo(data) };
}

/** As the agent does (github.com/microsoft/azure-pipelines-agent, …/Command.cs), blind to characters that hide. */
function azureCommands(line: string): string[] {
  return [...line.replace(/[\p{Cf}\p{M}]/gu, '').matchAll(/##vso\[([^\]]*)\]/gi)].map(([, info]) => info as string);
}

test('in a log, no report makes a build server do what a commit says', () => {
  const reports = {
    textReport,
    jsonReport,
    junitReport,
    sarifReport,
    gitlabCodeQualityReport,
    tapReport,
    markdownReport,
  };
  each((result) => {
    for (const [name, report] of Object.entries(reports)) {
      for (const line of report(result).split(/\r\n|[\n\r\u2028\u2029\u0085]/)) {
        assert.equal(githubCommand(line), undefined, `${name}: ${JSON.stringify(line)}`);
        assert.deepEqual(azureCommands(line), [], `${name}: ${JSON.stringify(line)}`);
        assert.doesNotMatch(line, /##teamcity\[/i);
      }
    }
  });
});

test('no report carries control characters or marks that reorder text', () => {
  const reports = {
    textReport,
    jsonReport,
    junitReport,
    sarifReport,
    gitlabCodeQualityReport,
    tapReport,
    markdownReport,
    githubReport,
    azureReport,
  };
  each((result) => {
    for (const [name, report] of Object.entries(reports)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not appear
      assert.doesNotMatch(report(result), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/, name);
    }
  });
});

test('JSON says the verdict, whatever the log makes of it', () => {
  each((result) => {
    const { commits, change, ...rest } = JSON.parse(jsonReport(result));
    const { verdict } = result;
    assert.equal(rest.result, verdict.result);
    assert.equal('explanation' in rest, result.explain);
    assert.deepEqual(
      [change, ...commits].map(({ deny, warn }) => [deny.length, warn.length]),
      [verdict.change, ...verdict.commits].map(({ deny, warn }) => [deny.length, warn.length]),
    );
    // Halves of characters cannot be written; all else reads back as it was.
    const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '?');
    assert.deepEqual(
      commits.map(({ subject }: { subject: string }) => wellFormed(subject)),
      verdict.commits.map(({ subject }) => wellFormed(subject)),
    );
  });
});

test('SARIF is what its schema says, with a rule, a place and a fingerprint for each finding', () => {
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
  ajvFormats.default(ajv);
  // It is of draft 4 by its own word, and uses nothing that newer ones read otherwise.
  const { $schema: _, id: __, ...schema } = sarifSchema as Record<string, unknown>;
  const validate = ajv.compile(schema);
  each((result) => {
    const log = JSON.parse(sarifReport(result)) as Log;
    assert.ok(validate(log), JSON.stringify(validate.errors?.slice(0, 3)));
    const { results = [], tool } = log.runs[0] as Run;
    const { rules = [] } = tool.driver;
    const shown = results.filter(({ suppressions }: Result) => suppressions === undefined);
    assert.equal(shown.length, findingsOf(result.verdict).length);
    const ids = new Set<string | undefined>();
    for (const { ruleIndex = -1, ruleId, locations, partialFingerprints } of shown) {
      assert.equal(rules[ruleIndex]?.id, ruleId);
      assert.ok(locations?.[0]?.physicalLocation?.artifactLocation?.uri);
      ids.add(partialFingerprints?.['countersignFinding/v1']);
    }
    assert.equal(ids.size, shown.length);
    for (const { help, helpUri, shortDescription } of rules) assert.ok(help?.text && helpUri && shortDescription?.text);
    const { exceptions = [] } = result.verdict;
    assert.equal(results.length - shown.length, exceptions.flatMap(({ excused }) => excused).length);
  });
});

test('JUnit is well-formed XML with a test case for each commit and one for the change', () => {
  const elements = new Set(['testsuites', 'testsuite', 'properties', 'property', 'testcase', 'failure', 'system-out']);
  each((result) => {
    using document = XmlDocument.fromString(junitReport(result));
    const find = (path: string): XmlElement[] => document.find(path) as XmlElement[];
    for (const { name } of find('//*')) assert.ok(elements.has(name), name);
    const { verdict } = result;
    const failing = [verdict.change, ...verdict.commits].filter(({ deny }) => deny.length > 0).length;
    assert.equal(find('/testsuites/testsuite/testcase').length, verdict.commits.length + 1);
    assert.equal(find('//testcase[failure]').length, failing);
    const suite = find('/testsuites/testsuite')[0];
    assert.equal(suite?.attr('failures')?.value, String(failing));
    assert.equal(suite?.attr('tests')?.value, String(verdict.commits.length + 1));
  });
});

test('TAP has a point for each commit and one for the change, and nothing else', () => {
  each((result) => {
    const { verdict } = result;
    const points: { ok: boolean; id: number; skip: unknown; todo: unknown }[] = [];
    const odd: string[] = [];
    const parser = new Parser((final) => {
      assert.equal(final.count, verdict.commits.length + 1);
      assert.equal(final.bailout, false);
      assert.equal(final.plan.end, verdict.commits.length + 1);
    });
    parser.on('assert', (point) => points.push(point as never));
    parser.on('extra', (text) => odd.push(text));
    parser.end(tapReport(result));
    assert.deepEqual(odd, []);
    assert.deepEqual(
      points.map(({ ok }) => ok),
      [verdict.change, ...verdict.commits].map(({ deny }) => deny.length === 0),
    );
    assert.ok(points.every(({ skip, todo }) => !skip && !todo));
  });
});

test('Markdown shows what commits say in code spans alone', () => {
  const markdown = new MarkdownIt({ html: true, linkify: true });
  const blocks = /^(html_block|heading|paragraph|bullet_list|list_item|blockquote|inline)/;
  each((result) => {
    const text = markdownReport(result);
    assert.ok(text.startsWith(commentMarker));
    const tokens = markdown.parse(text, {});
    for (const token of tokens) assert.match(token.type, blocks);
    assert.deepEqual(
      tokens.filter(({ type }) => type === 'html_block').map(({ content }) => content.trim()),
      [commentMarker],
    );
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      assert.match(token.type, /^(text|code_inline|softbreak|strong_open|strong_close|html_inline)$/);
      if (token.type === 'html_inline') assert.match(token.content, /^<\/?sub>$/);
      if (token.type === 'text') assert.doesNotMatch(token.content, /[@<>[\]`/]|forged|https?/);
    }
  });
});

test('Markdown stays below what a comment may hold, whatever there is much of', () => {
  const many = <T>(make: (at: number) => T): T[] => Array.from({ length: 2000 }, (_, at) => make(at));
  const violations = many((at) => ({ rule: 'r', msg: `${at} ${'m'.repeat(400)}`, fix: `${at} ${'f'.repeat(400)}` }));
  const commit = { sha: 'd'.repeat(40), subject: 'S', ai: true, deny: violations, warn: violations };
  const result = sampleResult([commit], { change: { deny: violations, warn: [] } });
  result.notes = many((at) => `${at} ${'n'.repeat(100)}`);
  result.verdict.exceptions = many((at) => ({ id: `e-${at}`, rules: ['r'], expires: 'later', excused: [] }));
  const text = markdownReport(result);
  assert.ok(text.length < 65_536, String(text.length));
  for (const noun of ['violations', 'fixes', 'notes', 'exceptions']) {
    assert.match(text, new RegExp(`… and 1,\\d{3} more ${noun}: see the job's log\\.`));
  }
  assert.match(text, /### The change as a whole/);
  assert.match(text, /### ❌ `dddddddddd`/);
  const undecided = undecidedMarkdown(many((at) => `${at} <b>@team`));
  assert.ok(undecided.length < 65_536 && undecided.startsWith(commentMarker));
  assert.match(undecided, /- `0 <b>@team`\n/);
});

test('Markdown stays below what a comment may hold', () => {
  const commits = Array.from({ length: 3000 }, (_, at) => ({
    sha: String(at).padStart(40, '0'),
    subject: '`'.repeat(100),
    ai: true,
    deny: [{ rule: 'r', msg: 'm'.repeat(400) }],
    warn: [],
  }));
  const text = markdownReport(sampleResult(commits));
  assert.ok(text.length < 65_536);
  assert.match(text, /… and 2,\d{3} more commits: see the job's log\./);
  assert.match(text, /judged by `\.countersign at cccccccccc`/);
});

test("GitHub's commands are one for each finding, and carry what was found", () => {
  each((result) => {
    const lines = githubReport(result).split('\n').slice(0, -1);
    const commands = lines.map(githubCommand);
    const findings = findingsOf(result.verdict);
    const of = (level: Finding['level']): Finding[] => findings.filter((finding) => finding.level === level);
    for (const [name, level] of [
      ['error', 'deny'],
      ['warning', 'warn'],
    ] as const) {
      assert.equal(commands.filter((command) => command?.name === name).length, Math.min(10, of(level).length));
    }
    for (const command of commands) {
      assert.ok(command && ['error', 'warning'].includes(command.name), JSON.stringify(command));
      assert.ok(
        Object.keys(command.properties).every((key) => ['file', 'line', 'title'].includes(key)),
        JSON.stringify(command),
      );
    }
  });
});

test('GitHub shows ten errors of a step: the tenth tells of the rest', () => {
  const deny = Array.from({ length: 25 }, (_, at) => ({ rule: 'r', msg: `number ${at}` }));
  const lines = githubReport(sampleResult([], { change: { deny, warn: [] } }))
    .trimEnd()
    .split('\n');
  assert.equal(lines.length, 10);
  assert.match(lines[9] as string, /^::error title=countersign::16 more errors/);
});

test("Azure's commands are one for each finding, and one more when there are only warnings", () => {
  each((result) => {
    const lines = azureReport(result).split('\n').slice(0, -1);
    const findings = findingsOf(result.verdict);
    const onlyWarnings = result.verdict.result === 'allow' && findings.length > 0;
    assert.equal(lines.length, findings.length + (onlyWarnings ? 1 : 0));
    for (const line of lines) {
      const [info, ...more] = azureCommands(line);
      assert.deepEqual(more, []);
      assert.match(
        info as string,
        /^task\.(logissue type=(error|warning);(sourcepath=[^;]*;linenumber=\d+;)?code=[^;]*;|complete result=SucceededWithIssues;)$/,
      );
      assert.equal(githubCommand(line), undefined);
    }
  });
});

test("GitLab's report has what GitLab asks for", () => {
  each((result) => {
    const list = JSON.parse(gitlabCodeQualityReport(result)) as Record<string, unknown>[];
    assert.equal(list.length, findingsOf(result.verdict).length);
    assert.equal(new Set(list.map(({ fingerprint }) => fingerprint)).size, list.length);
    // docs.gitlab.com/ci/testing/code_quality, "Code Quality report format".
    for (const { description, check_name, severity, location, fingerprint } of list) {
      assert.ok(typeof description === 'string' && typeof check_name === 'string' && typeof fingerprint === 'string');
      assert.ok(['info', 'minor', 'major', 'critical', 'blocker'].includes(severity as string));
      const { path, lines } = location as { path: string; lines: { begin: number } };
      assert.ok(path !== '' && !path.startsWith('./') && lines.begin >= 1);
    }
  });
});
