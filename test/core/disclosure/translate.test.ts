import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Config, defaultConfig, type Profile } from '../../../core/config.ts';
import type { Agent } from '../../../core/disclosure/agents.ts';
import { declaredBy } from '../../../core/disclosure/profiles.ts';
import { StampError, stamp } from '../../../core/disclosure/stamp.ts';
import { translate } from '../../../core/disclosure/translate.ts';
import { parseTrailers } from '../../../core/trailers/parse.ts';
import { messages } from '../../support/messages.ts';
import { makeRepository } from '../../support/repository.ts';

const agents: Agent[] = [
  {
    name: 'Claude Code',
    emails: ['noreply@anthropic.com'],
    logins: [],
    names: ['claude code'],
    patterns: ['^claude (?:opus|[0-9])'],
  },
];
const config: Config = { ...defaultConfig, agents };
const withTools: Config = { ...config, trailers: { ...config.trailers, agent: 'AI-Agent', tools: 'AI-Tools' } };

const cases: {
  name: string;
  from?: Profile;
  to: Profile;
  config?: Config;
  before: string;
  after: string;
  lost?: string[];
}[] = [
  {
    name: 'ours to the kernel’s',
    to: 'kernel',
    before:
      'T\n\nB\n\nAI-Model: claude-opus-4-6\nAI-Context: c\nAI-Approver: A\nReviewed-by: R\nSigned-off-by: S <s@example.com>\n',
    after: 'T\n\nB\n\nReviewed-by: R\nAssisted-by: Claude:claude-opus-4-6\nSigned-off-by: S <s@example.com>\n',
    lost: ['AI-Context: c', 'AI-Approver: A'],
  },
  {
    name: 'the kernel’s to ours',
    from: 'kernel',
    to: 'countersign',
    before: 'T\n\nAssisted-by: Claude:claude-opus-4-6 sparse smatch\nReviewed-by: R\n',
    after: 'T\n\nReviewed-by: R\nAI-Model: claude-opus-4-6\n',
    lost: ['tools: sparse, smatch'],
  },
  {
    name: 'the kernel’s to ours with fields for all of it',
    to: 'countersign',
    config: withTools,
    before: 'T\n\nAssisted-by: Aider:claude-opus-4-6 sparse\n',
    after: 'T\n\nAI-Model: claude-opus-4-6\nAI-Agent: Aider\nAI-Tools: sparse\n',
  },
  {
    name: 'and back',
    to: 'kernel',
    config: withTools,
    before: 'T\n\nAI-Model: claude-opus-4-6\nAI-Agent: Aider\nAI-Tools: sparse\n',
    after: 'T\n\nAssisted-by: Aider:claude-opus-4-6 sparse\n',
  },
  {
    name: 'an agent’s co-author line to the kernel’s',
    from: 'co-authored-by',
    to: 'kernel',
    before: 'T\n\nCo-authored-by: Claude Opus 4.6 <noreply@anthropic.com>\nCo-authored-by: B <b@example.com>\n',
    after: 'T\n\nCo-authored-by: B <b@example.com>\nAssisted-by: Claude:Claude-Opus-4.6\n',
  },
  {
    name: 'ASF’s to an agent’s co-author line',
    from: 'generated-by',
    to: 'co-authored-by',
    before: 'T\n\nGenerated-by: Claude Code (claude-opus-4-6)\n',
    after: 'T\n\nCo-authored-by: claude-opus-4-6 <noreply@anthropic.com>\n',
  },
  {
    name: 'the kernel’s to ASF’s',
    from: 'kernel',
    to: 'generated-by',
    before: 'T\r\n\r\nAssisted-by: Claude:claude-opus-4-6 sparse\r\n',
    after: 'T\r\n\r\nGenerated-by: Claude (claude-opus-4-6)\r\n',
    lost: ['tools: sparse'],
  },
  {
    name: 'several forms to ours, each model once',
    to: 'countersign',
    before: 'T\n\nAI-Context: c\nAssisted-by: Claude:claude-opus-4-6\nGenerated-by: claude-opus-4-6\n',
    after: 'T\n\nAI-Context: c\nAI-Model: claude-opus-4-6\n',
  },
];

for (const { name, from, to, config: given = config, before, after, lost = [] } of cases) {
  test(`translates ${name}`, () => {
    assert.deepEqual(translate(before, from, to, given), { message: after, found: true, lost });
    assert.equal(translate(after, from, to, given).message, after, 'a second time changes nothing');
  });
}

test('without such a disclosure the message stays', () => {
  for (const message of [
    'T\n',
    'T\n\nAssisted-by: B Example <b@example.com>\n',
    'T\n\nAssisted-by: C:c-1\n\nProse.\n',
  ]) {
    for (const from of [undefined, 'kernel', 'co-authored-by'] as const) {
      assert.deepEqual(translate(message, from, 'countersign', config), { message, found: false, lost: [] });
    }
  }
});

test('nothing is made up', () => {
  const refuses = (message: string, to: Profile, says: RegExp) =>
    assert.throws(
      () => translate(message, undefined, to, config),
      (error: unknown) => error instanceof StampError && says.test(error.message),
    );
  refuses('T\n\nCo-authored-by: Claude <noreply@anthropic.com>\n', 'kernel', /needs the agent and the model.*"Claude"/);
  refuses('T\n\nAI-Context: c\n', 'kernel', /names no model/);
  refuses('T\n\nAI-Model: nobody-1\n', 'co-authored-by', /an agent with an address/);
  refuses('T\n\nAI-Model: m-1\n', 'forbid', /no form/);
});

test('there and back the model is the same, whatever the message, and git reads the line', async (t) => {
  const repository = await makeRepository(t);
  const form = fc.constantFrom<Profile>('kernel', 'generated-by', 'co-authored-by');
  const seen: string[] = [];
  fc.assert(
    fc.property(messages, form, (message, to) => {
      const reading = { ...config, disclosure: { ...config.disclosure, accept: [to as 'kernel'] } };
      const stamped = stamp(message, { model: 'claude-opus-4-6' }, reading);
      const there = translate(stamped, 'countersign', to, reading);
      assert.deepEqual(declaredBy(parseTrailers(there.message).trailers, reading), { model: ['claude-opus-4-6'] });
      const back = translate(there.message, to, 'countersign', reading);
      assert.deepEqual(declaredBy(parseTrailers(back.message).trailers, config)?.model, ['claude-opus-4-6']);
      if (seen.length < 20) seen.push(there.message);
    }),
    { numRuns: 1000 },
  );
  for (const message of seen) {
    const read = await repository.gitBytes(['interpret-trailers', '--parse', '--no-divider'], message);
    assert.match(read.toString(), /^(Assisted-by: Claude:|Generated-by: |Co-authored-by: )claude-opus-4-6/m);
  }
});
