import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decide } from '../../../core/decision/decide.ts';
import { readMessage as partsOf } from '../../../core/git/message.ts';
import type { Commit } from '../../../core/input.ts';
import { loadPack } from '../../../core/policies/load.ts';
import { knownTraces, modelOfName, tracesIn } from '../../../core/prefill/traces.ts';
import { readDocument } from '../../../core/yaml-document.ts';
import { startEngine } from '../../../engine/start.ts';
import { project, told } from './support.ts';

const names: [name: string, model: string | undefined][] = [
  ['Claude Opus 4.6', 'claude-opus-4.6'],
  ['Claude Opus 4.8 (1M context)', 'claude-opus-4.8'],
  ['Claude 3.5 Sonnet', 'claude-3.5-sonnet'],
  ['GPT-5.1-Codex', 'gpt-5.1-codex'],
  ['Gemini 2.5 Pro', 'gemini-2.5-pro'],
  ['aider (openai/gpt-5)', 'openai/gpt-5'],
  ['Claude', undefined],
  ['Claude Code', undefined],
  ['Claude Code 2.1.280', undefined],
  ['Codex', undefined],
  ['Copilot', undefined],
  ['Gemini CLI 0.33', undefined],
  ['Cursor Agent', undefined],
  ['aider (main)', undefined],
  ['Claudette 3', undefined],
  ['', undefined],
];
for (const [name, model] of names) {
  test(`the name "${name}" tells ${model ?? 'no model'}`, () => assert.equal(modelOfName(name), model));
}

const messages: [name: string, message: string, values: string[], evidence: string[]][] = [
  [
    'a plain message',
    'Fix the parser\n\nAsked by Claude, a colleague.\n\nSigned-off-by: Ann <ann@example.com>\n',
    [],
    [],
  ],
  [
    'a disclosure',
    'Fix\n\nAI-Model: gpt-5.2\nAI-Model: claude-opus-4-6\nAI-Context: All of it\nSigned-off-by: Ann <ann@example.com>\n',
    ['model=gpt-5.2 message recorded', 'model=claude-opus-4-6 message recorded', 'context=All of it message recorded'],
    [],
  ],
  [
    'an agent’s co-author line with a model',
    'Fix\n\nCo-Authored-By: Claude Opus 4.6 (1M context) <noreply@anthropic.com>\n',
    ['model=claude-opus-4.6 message inferred'],
    ['Co-Authored-By: Claude Opus 4.6 (1M context) <noreply@anthropic.com>'],
  ],
  [
    'one without a model',
    '🤖 Generated with [Claude Code](https://example.com)\n\nFix\n\nCo-Authored-By: Claude <noreply@anthropic.com>',
    [],
    ['Co-Authored-By: Claude <noreply@anthropic.com>', "Claude Code's mark", "an agent's mark"],
  ],
  [
    'VS Code’s git.addAICoAuthor, above the last block',
    'Fix\n\nCo-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>\n\nMore text.\n',
    [],
    ['Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>'],
  ],
  [
    'the kernel’s form, CRLF',
    'Fix\r\n\r\nAssisted-by: Claude:claude-3-opus coccinelle sparse\r\nSigned-off-by: Ann <ann@example.com>\r\n',
    ['model=claude-3-opus message recorded'],
    ['Assisted-by: Claude:claude-3-opus coccinelle sparse'],
  ],
  ['a person as co-author', 'Fix\n\nCo-authored-by: Claude Example <claude@example.com>\n', [], []],
  [
    'comments, and all below the scissors, are not looked at',
    'Fix\n\n# AI-Model: x\n# Co-authored-by: Claude <noreply@anthropic.com>\n# ------------------------ >8 ------------------------\nCo-authored-by: Claude <noreply@anthropic.com>\n',
    [],
    [],
  ],
];
for (const [name, message, values, evidence] of messages) {
  test(`the message tells what it tells: ${name}`, async (t) => {
    const { gather } = await project(t);
    const known = await gather({ message });
    assert.deepEqual(
      told(known).filter((text) => !text.startsWith('timestamp=')),
      values,
    );
    assert.deepEqual(known.evidence.map(({ detail }) => detail).sort(), [...evidence].sort());
    assert.ok(known.evidence.every(({ source }) => source === 'message'));
  });
}

test("a repository's own list of agents and comment character are used", async (t) => {
  const { gather, git } = await project(t, {
    '.countersign/data/evidence.yaml':
      'evidence:\n  agents:\n    - name: Robo\n      emails: [robo@example.com]\n  person_trailers: [helped-by]\n  trailers: []\n  marks: []\n',
  });
  await git('config', 'core.commentChar', ';');
  const message =
    'Fix\n\n; Helped-by: Robo <robo@example.com>\n# Not a comment\n\nHelped-by: Robo <ROBO@example.com>\nCo-authored-by: Claude <noreply@anthropic.com>\n';
  assert.deepEqual((await gather({ message })).evidence, [
    { source: 'message', detail: 'Helped-by: Robo <ROBO@example.com>' },
  ]);
});

test('what shows AI use here is what shows it to the default pack', async (t) => {
  const engine = await startEngine();
  after(() => engine.dispose());
  const pack = await loadPack();
  const text = pack.files.find(({ path }) => path.endsWith('data/evidence.yaml'))?.text ?? '';
  const { evidence } = readDocument('evidence.yaml', text).value as {
    evidence: {
      agents: { name: string; emails: string[]; logins: string[]; names: string[] }[];
      person_trailers: string[];
      trailers: { key: string }[];
      marks: { text: string }[];
    };
  };
  const people = evidence.agents.flatMap(({ emails, logins, names: known }) => [
    ...emails.map((email) => `Someone <${email.toUpperCase()}>`),
    ...logins.flatMap((login) => [`${login}[bot] <x@example.com>`, `A <1+${login}@users.noreply.github.com>`]),
    ...known.map((name) => `${name} <x@example.com>`),
  ]);
  const lines = [
    ...[...people, 'Claude <claude@example.com>', 'Claude Opus 4.6 <x@example.com>', 'Ann <ann@example.com>'].map(
      (person) => `Co-authored-by: ${person}`,
    ),
    ...evidence.person_trailers.map((key) => `${key}: Claude <noreply@anthropic.com>`),
    ...evidence.trailers.filter(({ key }) => key !== 'ai-model').map(({ key }) => `${key}: Cursor`),
    ...evidence.marks.map(({ text: mark }) => `About ${mark} and more`),
    'Generated with care',
    '🤖 Generated with [Crush](https://example.com)',
    'Reviewed-by: Claude <noreply@anthropic.com>',
  ];
  const person = { name: 'Ada Author', email: 'ada@example.com', time: '2026-06-01T11:00:00Z' };
  const commits = lines.map(
    (line, at): Commit => ({
      sha: String(at).padStart(40, '0'),
      parents: [],
      parent_times: [],
      author: person,
      committer: person,
      ...partsOf(`Change it\n\n${line}\n`),
      files: [{ path: 'src/a.ts', status: 'M' }],
      merge: false,
    }),
  );
  const { verdict } = await decide(engine, pack, {
    schema: 'countersign.input/v1',
    phase: 'change',
    now: '2026-06-01T12:00:00Z',
    repository: { name: 'app' },
    commits,
    exceptions: [],
  });
  const { home } = await project(t);
  const known = await knownTraces(home);
  for (const [at, line] of lines.entries()) {
    const found = tracesIn(`Change it\n\n${line}\n`, '#', known).length > 0;
    assert.equal(found, verdict.commits.find(({ sha }) => Number(sha) === at)?.ai, line);
  }
  assert.ok(lines.length > 60);
});
