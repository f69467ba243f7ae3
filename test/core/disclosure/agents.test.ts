/** Who is an agent is what the default pack says: the engine is the oracle. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { agentNamed, agentsOf } from '../../../core/disclosure/agents.ts';
import { isRecord, records, texts } from '../../../core/plain-data.ts';
import { loadPack } from '../../../core/policies/load.ts';
import { readDocument } from '../../../core/yaml-document.ts';
import { startEngine } from '../../../engine/start.ts';

async function packData(): Promise<Record<string, unknown>> {
  const data: Record<string, unknown> = {};
  for (const { kind, path, text } of (await loadPack()).files) {
    if (kind === 'data') Object.assign(data, readDocument(path, text).value);
  }
  return data;
}

const people = [
  'Ada Example <ada@example.com>',
  'Claude Example <claude@example.com>',
  'Claude',
  'Devin <devin@example.com>',
  'Gemini',
  'Junie Cooper <junie@example.org>',
  'ada@example.com',
  '@ada',
  '12+ada@users.noreply.github.com',
  '',
  '<>',
  'Aider Example <aider@example.com>',
  'Copilot Pilot',
];
const programs = [
  'Claude <noreply@anthropic.com>',
  'Claude Opus 4.6 (1M context) <noreply@anthropic.com>',
  'claude opus 4.6',
  'Claude Code',
  'Copilot <223556219+Copilot@users.noreply.github.com>',
  '"GitHub Copilot" <copilot@github.com>',
  'copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>',
  'copilot-swe-agent[bot]',
  'Cursor <CursorAgent@Cursor.com>',
  'cursoragent@cursor.com',
  '@cursoragent',
  'aider (gpt-5.2) <noreply@aider.chat>',
  'Ada Example (aider) <ada@example.com>',
  'GPT-5.2',
  'google-labs-jules[bot] <161369871+google-labs-jules[bot]@users.noreply.github.com>',
  'gemini pro 3',
];

test('people and programs are told apart as the pack tells them', async (t) => {
  const data = await packData();
  const agents = agentsOf(data);
  const evidence = isRecord(data.evidence) ? data.evidence : {};
  const listed = records(evidence.agents).flatMap((agent) => [
    ...texts(agent.emails).map((email) => `Anyone <${email}>`),
    ...texts(agent.names),
    ...texts(agent.logins).map((login) => `${login}[bot]`),
  ]);
  const all = [...people, ...programs, ...listed];
  const engine = await startEngine();
  t.after(() => engine.dispose());
  await engine.call('workspace/open', { workspace: 'pack', files: (await loadPack()).files });
  const query =
    'x := {text: agent | some text in input.texts; agent := data.countersign.evidence.agent_of(data.countersign.people.keys(text))}';
  const { evaluations } = await engine.call('eval', { workspace: 'pack', query, inputs: [{ texts: all }] });
  const expected = (evaluations[0]?.result[0]?.bindings as { x: Record<string, string> } | undefined)?.x ?? {};
  assert.ok(Object.keys(expected).length > 50);
  for (const text of all) assert.equal(agentNamed(text, agents) !== undefined, expected[text] !== undefined, text);
  for (const text of programs) assert.ok(agentNamed(text, agents), text);
  for (const text of people) assert.equal(agentNamed(text, agents), undefined, text);
});

test('patterns that could take for ever, or that only RE2 knows, are left out', () => {
  const patterns = ['(?:a+)+$', '(a|b)*c', '^a.*b.*c.*d.*e.*$', '(?i)x', '\\pL', '[[:alpha:]]', '(a)\\1', '(', 'a{1,'];
  const named = (list: string[]) => agentsOf({ evidence: { agents: [{ name: 'X', name_patterns: list }] } });
  for (const pattern of patterns) assert.deepEqual(named([pattern])[0]?.patterns, [], pattern);
  // With a pattern that loops, this would not end.
  agentNamed(`${'a'.repeat(100_000)}!`, named([...patterns, '^a*a*a*a*$', '^(?:google )?gemini \\b[0-9]+$']));
  assert.ok(agentNamed('Google Gemini 3', named(['^(?:google )?gemini \\b[0-9]+$'])));
});

test('agents are plain data, which can be kept', async () => {
  const agents = agentsOf(await packData());
  assert.deepEqual(JSON.parse(JSON.stringify(agents)), agents);
});

test('data of any shape names no one', () => {
  for (const data of [{}, { evidence: null }, { evidence: { agents: 'x' } }, { evidence: { agents: [null, 1, {}] } }]) {
    assert.deepEqual(agentsOf(data), []);
  }
});
