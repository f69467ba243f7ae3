import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { claudeCodeLogs } from '../../../core/prefill/claude-code-log.ts';
import { codexLogs } from '../../../core/prefill/codex-log.ts';
import { copilotCliLogs } from '../../../core/prefill/copilot-cli-log.ts';
import { cursorLogs } from '../../../core/prefill/cursor-log.ts';
import { geminiLogs } from '../../../core/prefill/gemini-log.ts';
import { project, sample, type TestProject, told } from './support.ts';

const slug = (root: string) => root.replace(/[^A-Za-z0-9]/g, '-');

/** Where each agent keeps the log of a session that worked in `cwd`, and what is told of it. */
interface Agent {
  name: string;
  sample: string;
  file: (cwd: string) => string;
  models: string[];
  context?: string;
  evidence: string;
  more?: (project: TestProject) => Promise<void>;
}

const today = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
const agents: Agent[] = [
  {
    name: 'Claude Code',
    sample: 'claude-code.jsonl',
    file: (cwd) => `.claude/projects/${slug(cwd)}/dac34307-159f-4fcd-9c21-35210246ad38.jsonl`,
    models: ['claude-opus-4-6'],
    context: 'Add a header to the parser',
    evidence: 'Claude Code changed src/a.ts (session dac34307)',
  },
  {
    name: 'a subagent of Claude Code',
    sample: 'claude-code.jsonl',
    file: (cwd) => `.claude/projects/${slug(cwd)}/dac34307/subagents/agent-a1b2c3d4e5f6.jsonl`,
    models: ['claude-opus-4-6'],
    context: 'Add a header to the parser',
    evidence: 'Claude Code changed src/a.ts (session dac34307)',
    more: ({ writeHome, root }) => writeHome(`.claude/projects/${slug(root)}/dac34307.jsonl`, ''),
  },
  {
    name: 'OpenAI Codex',
    sample: 'codex.jsonl',
    file: () => `.codex/sessions/${today}/rollout-2026-11-22T10-00-00-019c4b43-1451-7af3-be4c-5576369bf1ba.jsonl`,
    models: ['gpt-5.1-codex'],
    evidence: 'OpenAI Codex changed src/a.ts (session 019c4b43)',
  },
  {
    name: 'Gemini CLI',
    sample: 'gemini.jsonl',
    file: () => '.gemini/tmp/repo/chats/session-2026-11-22T10-00-38b36361.jsonl',
    models: ['gemini-2.5-flash'],
    context: 'Change the parser',
    evidence: 'Gemini CLI changed src/a.ts (session 38b36361)',
    more: ({ writeHome, root }) => writeHome('.gemini/tmp/repo/.project_root', root),
  },
  {
    name: 'Gemini CLI of old',
    sample: 'gemini.json',
    file: (cwd) =>
      `.gemini/tmp/${createHash('sha256').update(cwd).digest('hex')}/chats/session-2026-11-22T10-00-92f625c6.json`,
    models: ['gemini-3-pro-preview'],
    evidence: 'Gemini CLI changed src/a.ts (session 92f625c6)',
  },
  {
    name: 'GitHub Copilot CLI',
    sample: 'copilot-cli.jsonl',
    file: () => '.copilot/session-state/301561f1-558a-43e9-a144-82d3ca12ab62/events.jsonl',
    models: ['gpt-5.2'],
    evidence: 'GitHub Copilot CLI changed src/a.ts (session 301561f1)',
  },
  {
    name: 'Cursor',
    sample: 'cursor.jsonl',
    file: (cwd) =>
      `.cursor/projects/${slug(cwd).replace(/-+/g, '-').slice(1)}/agent-transcripts/dff2bf79-6a53/dff2bf79-6a53.jsonl`,
    models: [],
    evidence: 'Cursor changed src/a.ts (session dff2bf79)',
  },
];

const wanted = { sessionLogs: true };

for (const agent of agents) {
  test(`a session that changed a staged file is told of: ${agent.name}`, async (t) => {
    const here = await project(t);
    const { root, writeHome, gather } = here;
    const time = new Date().toISOString();
    await agent.more?.(here);
    await writeHome(agent.file(root), await sample(agent.sample, { root, cwd: root, time }));
    const known = await gather(wanted);
    assert.deepEqual(
      told(known, 'model'),
      agent.models.map((model) => `model=${model} session-log recorded`),
    );
    assert.deepEqual(known.evidence, [
      ...(agent.models.length > 0 ? agent.models : [undefined]).map((model) => ({
        source: 'session-log',
        detail: agent.evidence,
        ...(model && { model }),
      })),
    ]);
    assert.deepEqual(told(known, 'context'), agent.context ? [`context=${agent.context} session-log inferred`] : []);
    const [when] = known.values.filter(({ field }) => field === 'timestamp');
    assert.equal(when?.source, 'session-log');
    assert.ok(Math.abs(Date.parse(when.value) - Date.parse(time)) < 10_000, when.value);
    // Nothing that was said is taken, and nobody's home folder is named.
    assert.doesNotMatch(JSON.stringify(known), /prompt that must not|secret thoughts|I will/);
    assert.ok(!JSON.stringify(known).includes(here.userHome));
    assert.ok(known.values.every(({ detail }) => detail.includes('~/.')));
  });

  test(`a session elsewhere, or from before, is not about this commit: ${agent.name}`, async (t) => {
    const here = await project(t);
    const { root, userHome, writeHome, gather } = here;
    const elsewhere = join(userHome, 'repo ü other');
    await agent.more?.(here);
    const file = agent.file(root);
    const now = new Date();
    // In the folder of this project, but another one's work.
    await writeHome(file, await sample(agent.sample, { root: elsewhere, cwd: elsewhere, time: now.toISOString() }));
    assert.deepEqual((await gather(wanted)).evidence, [], 'elsewhere');
    const longAgo = new Date(now.getTime() - 30 * 86_400_000);
    await writeHome(file, await sample(agent.sample, { root, cwd: root, time: longAgo.toISOString() }), longAgo);
    assert.deepEqual((await gather(wanted)).evidence, [], 'long ago');
  });
}

test('nothing is read unless the user wants it: by git’s configuration, the environment or the caller', async (t) => {
  const { root, writeHome, gather, git, userHome } = await project(t);
  const [claude] = agents;
  assert.ok(claude);
  const log = await sample(claude.sample, { root, cwd: root, time: new Date().toISOString() });
  await writeHome(claude.file(root), log);
  const found = async (options?: Parameters<typeof gather>[0]) => (await gather(options)).evidence.length;
  assert.equal(await found(), 0);
  assert.equal(await found({ environment: { HOME: userHome, COUNTERSIGN_SESSION_LOGS: '1' } }), 1);
  assert.equal(await found({ environment: { HOME: userHome, COUNTERSIGN_SESSION_LOGS: '0' } }), 0);
  await git('config', 'countersign.sessionLogs', 'true');
  assert.equal(await found(), 1);
  assert.equal(await found({ sessionLogs: false }), 0);
});

test('several commits of one session: the files of the later one still count, those committed do not', async (t) => {
  const { root, writeHome, gather, commit, write, git } = await project(t);
  const [claude] = agents;
  assert.ok(claude);
  const time = new Date(Date.now() - 600_000);
  await writeHome(claude.file(root), await sample(claude.sample, { root, cwd: root, time: time.toISOString() }));
  await commit('The first part, with src/a.ts\n', { date: `${Math.floor(Date.now() / 1000) - 300} +0000` });
  await write('src/a.ts', '3\n');
  await git('add', 'src/a.ts');
  assert.deepEqual((await gather(wanted)).evidence, [], 'src/a.ts was committed since');
  await git('reset', '--quiet');
  await write('src/unstaged.ts', 'x\n');
  await git('add', 'src/unstaged.ts');
  assert.deepEqual(told(await gather(wanted), 'model'), ['model=claude-haiku-4-5 session-log recorded']);
});

test('a session that changed no file may be about this commit: its model is offered, and shows nothing', async (t) => {
  const { root, writeHome, gather } = await project(t);
  const [claude] = agents;
  assert.ok(claude);
  const log = (await sample(claude.sample, { root, cwd: root, time: new Date().toISOString() }))
    .replaceAll('"Edit"', '"Bash"')
    .replaceAll('"Write"', '"Bash"');
  await writeHome(claude.file(root), log);
  const known = await gather(wanted);
  assert.deepEqual(told(known, 'model'), [
    'model=claude-opus-4-6 session-log inferred',
    'model=claude-haiku-4-5 session-log inferred',
  ]);
  assert.deepEqual(known.evidence, []);
});

test('sessions of other work, here or elsewhere, are not offered', async (t) => {
  const { root, userHome, writeHome, gather } = await project(t);
  const [claude] = agents;
  assert.ok(claude);
  const time = new Date().toISOString();
  const models = async (log: string) => {
    await writeHome(claude.file(root), log);
    return told(await gather(wanted), 'model');
  };
  // It changed files of this project, but none that is staged.
  const log = await sample(claude.sample, { root, cwd: root, time });
  assert.deepEqual(await models(log.replaceAll('src/a.ts', 'src/b.ts')), []);
  // It worked elsewhere, and reached over here, or changed nothing.
  const elsewhere = await sample(claude.sample, { root, cwd: userHome, time });
  assert.deepEqual(await models(elsewhere), []);
  assert.deepEqual(await models(elsewhere.replaceAll('"Edit"', '"Bash"').replaceAll('"Write"', '"Bash"')), []);
});

test('many newer sessions elsewhere do not hide the one here', async (t) => {
  const { root, userHome, writeHome, gather } = await project(t);
  for (const name of ['OpenAI Codex', 'GitHub Copilot CLI']) {
    const agent = agents.find((one) => one.name === name);
    assert.ok(agent);
    const time = new Date();
    const at = (cwd: string) => sample(agent.sample, { root: cwd, cwd, time: time.toISOString() });
    await writeHome(agent.file(root), await at(root), new Date(time.getTime() - 60_000));
    // The first line may be long; where it worked stands at its start.
    const other = (await at(userHome)).replace('"source":', `"instructions":"${'x'.repeat(100_000)}","source":`);
    for (let count = 0; count < 30; count++) {
      await writeHome(agent.file(root).replace(/([0-9a-f]{8})-/, `${String(count).padStart(8, '0')}-`), other);
    }
    const { evidence } = await gather(wanted);
    assert.ok(
      evidence.some(({ detail }) => detail === agent.evidence),
      name,
    );
  }
});

test('a title with a secret is not offered', async (t) => {
  const { root, writeHome, gather } = await project(t);
  const [claude] = agents;
  assert.ok(claude);
  const log = await sample(claude.sample, { root, cwd: root, time: new Date().toISOString() });
  await writeHome(claude.file(root), log.replace('Add a header', `Use npm_${'a1B2'.repeat(9)}`));
  const known = await gather(wanted);
  assert.equal(known.evidence.length, 1);
  assert.deepEqual(told(known, 'context'), []);
});

test('damaged, foreign and huge logs are left out with a word, and harm no other', async (t) => {
  const { root, writeHome, gather, logged } = await project(t);
  const time = new Date().toISOString();
  const [claude, , codex, , gemini] = agents;
  assert.ok(claude && codex && gemini);
  const log = await sample(claude.sample, { root, cwd: root, time });
  const folder = `.claude/projects/${slug(root)}`;
  await writeHome(`${folder}/1.jsonl`, '\0\0\0 no log');
  await writeHome(
    `${folder}/2.jsonl`,
    '[1,2]\n"text"\nnull\n{"message":{"content":5},"type":"assistant","timestamp":{}}\n',
  );
  // The start of a long log is not read; its end is.
  await writeHome(`${folder}/3.jsonl`, `{"cwd":5,"x":"${'y'.repeat(3_000_000)}"}\n${log}`);
  await writeHome(gemini.file(root), '{"messages": [');
  await writeHome(codex.file(root), `${'x'.repeat(2_000_000)}`);
  const known = await gather(wanted);
  assert.deepEqual(told(known, 'model'), ['model=claude-opus-4-6 session-log recorded']);
  assert.ok(
    logged.some((text) => /Claude Code's 1 is left out: no JSON/.test(text)),
    logged.join('\n'),
  );
  assert.ok(
    logged.some((text) => /Gemini CLI's session-.* is left out: no JSON/.test(text)),
    logged.join('\n'),
  );
  assert.ok(
    logged.every((text) => !text.includes('no log')),
    'nothing of what they hold is told',
  );
});

test('a work tree that is reached by a link is the same one', async (t) => {
  const { root, userHome, writeHome, gather } = await project(t);
  const link = join(userHome, 'link');
  await symlink(root, link);
  const [, , codex] = agents;
  assert.ok(codex);
  await writeHome(
    codex.file(root),
    await sample(codex.sample, { root: link, cwd: link, time: new Date().toISOString() }),
  );
  assert.deepEqual(told(await gather(wanted), 'model'), ['model=gpt-5.1-codex session-log recorded']);
});

test('the agents’ own variables say where the logs are', async (t) => {
  const { root, userHome, writeHome, gather } = await project(t);
  const [, , codex] = agents;
  assert.ok(codex);
  const log = await sample(codex.sample, { root, cwd: root, time: new Date().toISOString() });
  await writeHome(codex.file(root).replace('.codex', 'elsewhere'), log);
  const environment = { HOME: userHome, CODEX_HOME: join(userHome, 'elsewhere') };
  assert.equal((await gather(wanted)).evidence.length, 0);
  assert.equal((await gather({ ...wanted, environment })).evidence.length, 1);
});

test('no log can make reading fail, whatever stands in it', async (t) => {
  const { root, userHome, writeHome } = await project(t);
  const finders = { claudeCodeLogs, codexLogs, geminiLogs, copilotCliLogs, cursorLogs };
  const time = new Date().toISOString();
  await writeHome('.gemini/tmp/repo/.project_root', root);
  const samples = await Promise.all(
    agents
      .filter(({ name }) => !/subagent|of old/.test(name))
      .map(async (agent) => ({ agent, lines: (await sample(agent.sample, { root, cwd: root, time })).split('\n') })),
  );
  const place = { home: userHome, environment: {}, root, since: new Date(0), now: new Date(), log: () => undefined };
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.json({ maxDepth: 2 }), async (line, part, strange) => {
      for (const { agent, lines } of samples) {
        // One value of one line becomes something else.
        const at = line % lines.length;
        const values = [...(lines[at] ?? '').matchAll(/(?<=[:[,])(?:"[^"]*"|\d+|null|true|false|\{\}|\[\])/g)];
        const value = values[part % Math.max(1, values.length)];
        const before = (lines[at] ?? '').slice(0, value?.index ?? 0);
        const after = (lines[at] ?? '').slice((value?.index ?? 0) + (value?.[0].length ?? 0));
        const changed = lines.with(at, `${before}${strange}${after}`).join('\n');
        await writeHome(agent.file(root), changed);
      }
      for (const find of Object.values(finders)) {
        for (const { read, cwd } of await find(place)) {
          await cwd?.();
          const session = await read();
          for (const { path } of session?.edits ?? []) assert.equal(typeof path, 'string');
          for (const { model } of session?.uses ?? []) assert.equal(typeof model, 'string');
        }
      }
    }),
    { numRuns: 150 },
  );
});
