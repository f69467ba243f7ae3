import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Config, defaultConfig, type Profile } from '../../../core/config.ts';
import { agentsOf } from '../../../core/disclosure/agents.ts';
import { declaredBy } from '../../../core/disclosure/profiles.ts';
import { StampError, stamp } from '../../../core/disclosure/stamp.ts';
import { packFiles } from '../../../core/policies/load.ts';
import { parseTrailers } from '../../../core/trailers/parse.ts';
import { readDocument } from '../../../core/yaml-document.ts';
import { messages } from '../../support/messages.ts';

const evidence = (await packFiles()).find(({ path }) => path === 'data/evidence.yaml');
const agents = agentsOf(
  readDocument('evidence.yaml', Buffer.from(evidence?.bytes ?? []).toString()).value as Record<string, unknown>,
);

function configured(disclosure: Partial<Config['disclosure']>, trailers: Record<string, string> = {}): Config {
  return {
    ...defaultConfig,
    agents,
    disclosure: { ...defaultConfig.disclosure, ...disclosure },
    trailers: { ...defaultConfig.trailers, ...trailers },
  };
}

const declared = (lines: string, config: Config) => declaredBy(parseTrailers(`T\n\n${lines}\n`).trailers, config);

test('lines of other forms count only where they are accepted', () => {
  const lines = 'Assisted-by: Claude:claude-opus-4-6 sparse\nCo-authored-by: Claude <noreply@anthropic.com>';
  assert.equal(declared(lines, configured({})), undefined);
  assert.deepEqual(declared(lines, configured({ profile: 'kernel' })), { model: ['claude-opus-4-6'] });
  assert.deepEqual(declared(lines, configured({ accept: ['kernel'] })), { model: ['claude-opus-4-6'] });
  assert.deepEqual(declared(lines, configured({ profile: 'co-authored-by', accept: ['kernel'] })), {
    model: ['claude-opus-4-6', 'Claude'],
  });
});

test('our own trailers count in every profile, and say the same once', () => {
  const lines = 'AI-Model: claude-opus-4-6\nAI-Context: Tests\nAssisted-by: Claude:Claude-Opus-4-6';
  const both = { model: ['claude-opus-4-6'], context: ['Tests'] };
  assert.deepEqual(declared(lines, configured({ profile: 'kernel' })), both);
  assert.deepEqual(declared(lines, configured({ profile: 'forbid' })), both);
});

const readings: [profile: Profile, line: string, model: string | undefined][] = [
  // https://docs.kernel.org/process/coding-assistants.html
  ['kernel', 'Assisted-by: Claude:claude-3-opus coccinelle sparse', 'claude-3-opus'],
  ['kernel', 'assisted-by: GitHub Copilot:gpt-5.2', 'gpt-5.2'],
  ['kernel', 'Assisted-by: ollama:llama3:70b', 'llama3:70b'],
  ['kernel', 'Assisted-by: Claude Opus 4.6 <noreply@anthropic.com>', 'Claude Opus 4.6'],
  ['kernel', 'Assisted-by: Ada Example <ada@example.com>', undefined],
  ['kernel', 'Assisted-by: https://example.com/tool', 'https://example.com/tool'],
  ['kernel', 'Generated-by: example-1', undefined],
  // https://docs.openstack.org/nova/latest/contributor/commit-messages.html and what projects of the foundation write
  ['generated-by', 'Generated-By: Claude Code claude-opus-4-6', 'claude-opus-4-6'],
  ['generated-by', 'Assisted-By: google-gemini-flash-2.5', 'google-gemini-flash-2.5'],
  ['generated-by', 'Generated-by: GitHub Copilot', 'GitHub Copilot'],
  ['generated-by', 'Generated-by: Claude Code (claude-sonnet-4-6)', 'claude-sonnet-4-6'],
  ['generated-by', 'Generated-by: Claude Code 2.1', 'Claude Code 2.1'],
  ['generated-by', 'Generated-by:', undefined],
  // As agents and VS Code sign: https://code.claude.com/docs/en/settings, extensions/git of VS Code.
  [
    'co-authored-by',
    'Co-Authored-By: Claude Opus 4.6 (1M context) <noreply@anthropic.com>',
    'Claude Opus 4.6 (1M context)',
  ],
  ['co-authored-by', 'Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>', 'Copilot'],
  ['co-authored-by', 'Co-authored-by: aider (openai/gpt-5.2) <noreply@aider.chat>', 'openai/gpt-5.2'],
  ['co-authored-by', 'Co-authored-by: Bo Example <bo@example.com>', undefined],
];

for (const [profile, line, model] of readings) {
  test(`${profile}: ${line} declares ${model ?? 'nothing'}`, () => {
    assert.deepEqual(declared(line, configured({ profile })), model === undefined ? undefined : { model: [model] });
  });
}

test('agent and tools fill fields of these names, where there are some; nobody becomes an approver', () => {
  const config = configured({ profile: 'kernel' }, { agent: 'AI-Agent', tools: 'AI-Tools' });
  assert.deepEqual(declared('Assisted-by: Claude:claude-opus-4-6 coccinelle sparse\nReviewed-by: A', config), {
    model: ['claude-opus-4-6'],
    agent: ['Claude'],
    tools: ['coccinelle', 'sparse'],
  });
});

test('a key that the configuration takes for a field of its own is read as that', () => {
  const config = { ...configured({ profile: 'kernel' }), trailers: { model: 'Assisted-by' } };
  assert.deepEqual(declared('Assisted-by: Claude:claude-opus-4-6', config), { model: ['Claude:claude-opus-4-6'] });
});

const person = 'Co-authored-by: Bo Example <bo@example.com>\nAssisted-by: Cy Example <cy@example.com>\n';
const agent = 'Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>\n';

const stampings: {
  name: string;
  disclosure: Partial<Config['disclosure']>;
  values: Record<string, string | string[]>;
  agent?: string;
  before: string;
  after: string;
}[] = [
  {
    name: 'the kernel’s line goes before the sign-off, other fields keep their trailers',
    disclosure: { profile: 'kernel' },
    values: { model: 'claude-opus-4-6', tools: ['sparse', 'clang tidy'], context: 'c' },
    before: `T\n\n${person}Signed-off-by: A <a@example.com>\n`,
    after: `T\n\n${person}Assisted-by: Claude:claude-opus-4-6 sparse clang-tidy\nAI-Context: c\nSigned-off-by: A <a@example.com>\n`,
  },
  {
    name: 'a line a model; ours and those of before go; tools stay',
    disclosure: { profile: 'kernel', accept: ['generated-by'] },
    values: { model: ['GPT 5.2', 'gemini-3-pro'] },
    agent: 'Codex',
    before: 'T\n\nAI-Model: old\nAssisted-by: X:y smatch\nGenerated-by: z\nAI-Context: c\n',
    after: 'T\n\nAI-Context: c\nAssisted-by: Codex:GPT-5.2 smatch\nAssisted-by: Codex:gemini-3-pro smatch\n',
  },
  {
    name: 'ASF’s and OpenInfra’s line',
    disclosure: { profile: 'generated-by' },
    values: { model: 'gpt-5.2', timestamp: '2026-01-31T12:00:00Z' },
    before: `T\n\n${person}Generated-By: old\n`,
    after: `T\n\n${person}Generated-by: gpt-5.2\nAI-Timestamp: 2026-01-31T12:00:00Z\n`,
  },
  {
    name: 'the same with the agent',
    disclosure: { profile: 'generated-by' },
    values: { model: 'gpt-5.2', agent: 'Codex' },
    before: 'T\n',
    after: 'T\n\nGenerated-by: Codex (gpt-5.2)\n',
  },
  {
    name: 'a co-author line in place of the agent’s own, people’s stay',
    disclosure: { profile: 'co-authored-by' },
    values: { model: 'claude-fable-5' },
    before: `T\n\n${agent}${person}`,
    after: `T\n\n${person}Co-authored-by: claude-fable-5 <noreply@anthropic.com>\n`,
  },
  {
    name: 'agents’ lines are kept',
    disclosure: {},
    values: { model: 'm-1' },
    before: `T\n\n${agent}${person}`,
    after: `T\n\n${agent}${person}AI-Model: m-1\n`,
  },
  {
    name: 'agents’ lines are removed, whatever is stamped',
    disclosure: { coauthors: 'remove' },
    values: { context: 'c' },
    before: `T\n\n${agent}${person}`,
    after: `T\n\n${person}AI-Context: c\n`,
  },
  {
    name: 'agents’ lines are replaced: their model is taken over where none is given',
    disclosure: { coauthors: 'replace' },
    values: { context: 'c' },
    before: `T\n\n${agent}${person}`,
    after: `T\n\n${person}AI-Model: Claude Opus 4.6\nAI-Context: c\n`,
  },
  {
    name: 'agents’ lines are replaced by the model that is given',
    disclosure: { coauthors: 'replace' },
    values: { model: 'claude-opus-4-6' },
    before: `T\n\n${agent}`,
    after: 'T\n\nAI-Model: claude-opus-4-6\n',
  },
  {
    name: 'ours replaces an accepted form',
    disclosure: { accept: ['kernel', 'generated-by'] },
    values: { model: 'm-1' },
    before: `T\n\nAssisted-by: Claude:old\nGenerated-by: old\n${person}`,
    after: `T\n\n${person}AI-Model: m-1\n`,
  },
  {
    name: 'a form that is not accepted is somebody’s text',
    disclosure: {},
    values: { model: 'm-1' },
    before: 'T\n\nAssisted-by: Claude:old\n',
    after: 'T\n\nAssisted-by: Claude:old\nAI-Model: m-1\n',
  },
];

for (const { name, disclosure, values, agent: by, before, after } of stampings) {
  test(`stamps: ${name}`, () => {
    const config = configured(disclosure);
    assert.equal(stamp(before, values, config, { agent: by }), after);
    assert.equal(stamp(after, values, config, { agent: by }), after, 'a second time changes nothing');
  });
}

test('refuses what a form cannot say, and everything where AI is forbidden', () => {
  const refuses = (disclosure: Partial<Config['disclosure']>, values: Record<string, string>, says: RegExp) =>
    assert.throws(
      () => stamp('T\n', values, configured(disclosure)),
      (error: unknown) => error instanceof StampError && says.test(error.message),
    );
  refuses({ profile: 'forbid' }, { model: 'm' }, /takes no contributions made with AI/);
  refuses({ profile: 'kernel' }, { model: '70b' }, /needs the agent and the model.*"70b"/);
  refuses({ profile: 'kernel' }, { tools: 'sparse' }, /give the model, too/);
  refuses({ profile: 'kernel' }, { agent: 'Claude' }, /needs the agent and the model/);
  refuses({ profile: 'co-authored-by' }, { model: 'nobody-1' }, /an agent with an address/);
  refuses({ profile: 'countersign' }, { tools: 'sparse' }, /no disclosure field "tools"/);
});

test('whatever the message, what is stamped in another form is read back, once, and people’s lines stay', () => {
  const model = fc.constantFrom('claude-opus-4-6', 'gpt-5.2', 'gemini-3-pro', 'anthropic/claude-fable-5');
  const profile = fc.constantFrom<Profile>('kernel', 'generated-by', 'co-authored-by');
  const coauthors = fc.constantFrom<Config['disclosure']['coauthors']>('keep', 'replace', 'remove');
  const extra = fc.constantFrom(
    '',
    agent,
    person,
    'Assisted-by: Claude:x-1 sparse\n',
    'Generated-by: y\n',
    'AI-Model: z\n',
  );
  fc.assert(
    fc.property(messages, extra, profile, coauthors, model, (message, tail, form, kept, name) => {
      const config = configured({ profile: form, coauthors: kept });
      config.agents = agents.map((one) => (one.name === 'Gemini' ? { ...one, emails: ['gemini@example.com'] } : one));
      const whole = message + (/(^|\n)$/.test(message) ? '' : '\n') + tail;
      const stamped = stamp(whole, { model: name, context: 'c' }, config);
      const read = declaredBy(parseTrailers(stamped).trailers, config);
      assert.deepEqual(read?.model, [name]);
      assert.deepEqual(read?.context, ['c']);
      assert.equal(stamp(stamped, { model: name, context: 'c' }, config), stamped);
      const people = (text: string) => text.split('\n').filter((line) => /@example\.com>\r?$/.test(line));
      assert.deepEqual(
        people(stamped).filter((line) => !line.includes('gemini@')),
        people(whole),
      );
    }),
    { numRuns: 1500 },
  );
});
