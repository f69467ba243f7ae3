import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentVariables } from '../../../core/prefill/agent-variables.ts';
import { runningAgents } from '../../../core/prefill/environment.ts';
import { project } from './support.ts';

for (const { agent, tool, variable, value, session, source } of agentVariables) {
  test(`${variable} is ${agent}'s`, () => {
    assert.match(source, /^https:\/\//);
    const environment = { [variable]: value ?? 'x', ...(session && session !== variable && { [session]: 'id-1' }) };
    const [found, ...more] = runningAgents(environment);
    assert.deepEqual(more, []);
    assert.equal(found?.tool, tool);
    assert.equal(found.session, session && (session === variable ? (value ?? 'x') : 'id-1'));
    assert.deepEqual(runningAgents({ [variable]: '' }), []);
    if (value !== undefined) assert.deepEqual(runningAgents({ [variable]: `not ${value}` }), []);
  });
}

const others: [name: string, environment: NodeJS.ProcessEnv, tools: string[]][] = [
  ['nothing', {}, []],
  [
    'an editor’s terminal, keys and settings of agents',
    {
      CURSOR_TRACE_ID: 'x',
      TERM_PROGRAM: 'vscode',
      REPL_ID: 'x',
      AIDER_MODEL: 'gpt-5',
      COPILOT_MODEL: 'x',
      ANTHROPIC_API_KEY: 'x',
    },
    [],
  ],
  ['AI_AGENT with a name', { AI_AGENT: 'robo@1.2' }, ['robo']],
  ['AI_AGENT with the name of a known one', { AI_AGENT: 'claude-code' }, ['claude-code']],
  ['AI_AGENT that says yes', { AI_AGENT: '1' }, []],
  ['AGENT with the name of a known one', { AGENT: 'amp' }, ['amp']],
  ['AGENT of something else', { AGENT: 'build-7' }, []],
  ['several of one agent', { CODEX_SANDBOX: 'seatbelt', CODEX_THREAD_ID: 't', AI_AGENT: 'codex' }, ['codex']],
  ['one agent in another', { CLAUDECODE: '1', CODEX_THREAD_ID: 't' }, ['claude-code', 'codex']],
  ['hostile names', { AI_AGENT: '\u001b[31mred\nAI-Model: x' }, []],
];
for (const [name, environment, tools] of others) {
  test(`the environment tells of agents: ${name}`, () => {
    assert.deepEqual(
      runningAgents(environment).map(({ tool }) => tool),
      tools,
    );
  });
}

test('an agent that runs the commit is evidence, without a model; aider by the name it commits under', async (t) => {
  const { gather, userHome } = await project(t);
  const known = await gather({
    environment: {
      HOME: userHome,
      CLAUDECODE: '1',
      GIT_AUTHOR_NAME: 'Ann Example (aider)',
      GIT_AUTHOR_EMAIL: 'ann@example.com',
      GIT_COMMITTER_NAME: 'Ann Example',
      GIT_COMMITTER_EMAIL: 'ann@example.com',
    },
  });
  assert.deepEqual(known.evidence, [
    { source: 'environment', detail: 'Claude Code runs the commit (CLAUDECODE is set)' },
    { source: 'environment', detail: 'the author is Aider (GIT_AUTHOR_NAME)' },
  ]);
  assert.deepEqual(
    known.values.map(({ field, source }) => [field, source]),
    [['timestamp', 'git']],
  );
});
