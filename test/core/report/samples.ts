/** Results of the gate for tests, and texts that try to break out of a report. */
import fc from 'fast-check';
import type { CommitFacts, GateResult } from '../../../core/report/gate-result.ts';
import type { RuleFacts } from '../../../core/report/rules.ts';
import type { CommitVerdict, Violation } from '../../../core/verdict.ts';

/** What each format, terminal or build server gives a meaning to. */
const tricks = [
  '::error file=a,line=1::forged',
  '\n::set-output name=x::y',
  '  ::stop-commands::token',
  '\u0085::error::nel',
  '\u00a0\u3000::error::wide blanks',
  '##[error]forged',
  '##vso[task.setvariable variable=x]y',
  '#\u00ad#vso[task.complete result=Succeeded;]done',
  '#\u200d#[warning]joined',
  "##teamcity[buildStatus text='x']",
  '%0A::error::x',
  '%25%0D%0A',
  ';]',
  '\r\n',
  '\r::error::x',
  '\u2028::error::x',
  '\u001b[2K\u001b]0;title\u0007',
  '\u202egnp.exe',
  '<!-- --><script>alert(1)</script>',
  '</failure><testcase name="forged"/>',
  ']]>',
  '&lt;&#0;',
  '`',
  '``` \n# heading',
  '`a``b`',
  '[link](https://example.com)',
  '![picture](https://example.com/x.png)',
  '@team #1 https://example.com',
  '\n/approve\n/merge',
  '| a | b |\n|---|---|',
  '# SKIP all',
  '\nok 1 - forged',
  '\n  ...\nBail out! now',
  '\n1..1',
  '{0} {{x}} \\',
  '🙂👩‍👩‍👧',
  '\ud83d',
  '\ufffe\uffff\u0000',
  'é\ufffd',
  'x'.repeat(3000),
];

export const hostile: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...tricks), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 4 })
  .map((parts) => parts.join(''));

const violation: fc.Arbitrary<Violation> = fc.record(
  { rule: hostile, msg: hostile, field: hostile, path: hostile, fix: hostile },
  { requiredKeys: ['rule', 'msg'] },
);
const violations = fc.array(violation, { maxLength: 3 });

const commit: fc.Arbitrary<CommitVerdict> = fc.record({
  sha: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
  subject: hostile,
  ai: fc.boolean(),
  deny: violations,
  warn: violations,
});

/** Any result, its texts from hostile hands. */
export const anyResult: fc.Arbitrary<GateResult> = fc
  .record({
    change: fc.record({ deny: violations, warn: violations }),
    commits: fc.uniqueArray(commit, { maxLength: 4, selector: ({ sha }) => sha }),
    text: hostile,
    explain: fc.boolean(),
  })
  .map(({ change, commits, text, explain }) => {
    const all = [change, ...commits];
    const result = sampleResult(commits, { change, explain });
    const { verdict } = result;
    verdict.result = all.some(({ deny }) => deny.length > 0) ? 'deny' : 'allow';
    const excused = commits.slice(0, 1).map(({ sha }) => ({ rule: text, msg: text, commit: sha }));
    if (excused.length > 0) verdict.exceptions = [{ id: text, rules: [text], expires: text, excused }];
    const facts = new Map(commits.map(({ sha }) => [sha, factsOf(text)]));
    const why = { field: 'model', key: text, value: text, why: text, line: 1, span: { start: 0, end: 1 } };
    const ignored = new Map(commits.slice(0, 1).map(({ sha }) => [sha, [why]]));
    const named = all.flatMap(({ deny, warn }) => [...deny, ...warn]).map(({ rule }) => rule);
    const rules = new Map([...named, text].map((name): [string, RuleFacts] => [name, ruleOf(name, text)]));
    const review = {
      login: text,
      kind: 'user',
      state: 'approved',
      commit: text,
      permission: text,
      teams: [text],
    } as const;
    const told = {
      base: 'a',
      head: 'b',
      files: [],
      author: text,
      labels: [text],
      approvals: [{ ...review, teams: [text] }],
    };
    const sources = [{ fact: text, source: text, at: text }];
    const range = { ...result.range, label: text };
    return { ...result, facts, ignored, rules, notes: [text], policies: text, range, change: told, sources };
  });

function factsOf(text: string): CommitFacts {
  return {
    author: text,
    authored: '2026-01-01T00:00:00Z',
    disclosure: { model: [text, ''] },
    evidence: [{ source: text, detail: text }],
    files: 1,
    firstFile: `src/${text}`,
  };
}

function ruleOf(name: string, text: string): RuleFacts {
  return { name, description: text, help: 'https://example.com/rules', path: `.countersign/policies/${text}`, line: 3 };
}

/** A result with these commits, of which nothing else is remarkable. */
export function sampleResult(
  commits: CommitVerdict[],
  {
    change = { deny: [], warn: [] },
    explain = false,
  }: Partial<{ change: GateResult['verdict']['change']; explain: boolean }> = {},
): GateResult {
  const denied = [change, ...commits].some(({ deny }) => deny.length > 0);
  return {
    verdict: {
      result: denied ? 'deny' : 'allow',
      revision: 'c'.repeat(40),
      decision_id: '4ebb9e56-bfd6-4607-b53f-b2603cbaae8e',
      change,
      commits,
    },
    range: { base: 'a'.repeat(40), head: 'b'.repeat(40), label: 'main..HEAD' },
    repository: { host: 'example.com', owner: 'team', name: 'app' },
    policies: '.countersign at cccccccccc',
    rules: new Map(),
    facts: new Map(),
    ignored: new Map(),
    notes: [],
    now: '2026-01-31T12:00:00.000Z',
    version: '0.1.0',
    explain,
  };
}
