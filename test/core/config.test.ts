import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { defaultConfig, readConfig } from '../../core/config.ts';
import { placeOf } from '../../core/yaml-document.ts';

const complaints = (text: string) => {
  const { config, problems } = readConfig('.countersign/config.yaml', text);
  if (problems.length > 0) assert.equal(config, defaultConfig);
  return problems.map((found) => `${placeOf(found)} ${found.message}`);
};

test('what is not said is the default', () => {
  assert.deepEqual(readConfig('c.yaml', 'version: 1\n'), { config: defaultConfig, problems: [] });
});

test('the pack’s own template is the default', async () => {
  const text = await readFile(new URL('../../policies/config.yaml', import.meta.url), 'utf8');
  assert.deepEqual(readConfig('c.yaml', text), { config: defaultConfig, problems: [] });
});

test('what is said holds, and trailers are taken as a whole, in their order', () => {
  const text =
    'version: 1\ntrailers:\n  tool: AI-Tool\n  model: LLM\npolicies: [rules, more/rules]\ndata: []\nexceptions: waivers\nrego: v0v1\n';
  const { config, problems } = readConfig('c.yaml', text);
  assert.deepEqual(problems, []);
  assert.deepEqual(config, {
    version: 1,
    trailers: { tool: 'AI-Tool', model: 'LLM' },
    policies: ['rules', 'more/rules'],
    data: [],
    exceptions: 'waivers',
    rego: 'v0v1',
    disclosure: defaultConfig.disclosure,
    hook: defaultConfig.hook,
    notes: defaultConfig.notes,
    approval: defaultConfig.approval,
    decisions: defaultConfig.decisions,
  });
  assert.deepEqual(Object.keys(config.trailers), ['tool', 'model']);
});

test('a group of settings keeps the defaults of the members it leaves out', () => {
  const text = `version: 1
disclosure: { profile: kernel, accept: [co-authored-by] }
hook: { onError: deny }
notes: { accept: true }
approval: { allowedSigners: keys/approvers }
decisions: { log: decisions.jsonl }
`;
  const { config, problems } = readConfig('c.yaml', text);
  assert.deepEqual(problems, []);
  assert.deepEqual(config.disclosure, { profile: 'kernel', accept: ['co-authored-by'], coauthors: 'keep' });
  assert.deepEqual(config.hook, { ask: 'evidence', onError: 'deny', window: true });
  assert.deepEqual(config.notes, { accept: true });
  assert.deepEqual(config.approval, { allowedSigners: 'keys/approvers' });
  assert.deepEqual(config.decisions, { log: 'decisions.jsonl', hook: false });
  assert.deepEqual(defaultConfig.disclosure.profile, 'countersign');
});

const mistakes: { name: string; text: string; says: RegExp }[] = [
  { name: 'nothing at all', text: '', says: /config\.yaml:1:1 The file must be object, and is empty/ },
  { name: 'a list', text: '- version: 1\n', says: /must be object, and is array/ },
  { name: 'no version', text: 'rego: v1\n', says: /config\.yaml:1:1 .*lacks `version`/ },
  { name: 'a version of the future', text: 'version: 2\n', says: /config\.yaml:1:10 `version` must be 1/ },
  {
    name: 'a typing mistake',
    text: 'version: 1\nplocies: [x]\n',
    says: /config\.yaml:2:1 There is no setting `plocies` here\. Known are: .*policies/,
  },
  {
    name: 'an unknown Rego',
    text: 'version: 1\nrego: v2\n',
    says: /config\.yaml:2:7 `rego` must be one of: "v1", "v0", "v0v1"/,
  },
  {
    name: 'a string for a list',
    text: 'version: 1\npolicies: policies\n',
    says: /config\.yaml:2:11 `policies` must be array, and is string/,
  },
  {
    name: 'a key that is no trailer’s',
    text: 'version: 1\ntrailers:\n  model: AI Model\n',
    says: /config\.yaml:3:10 /,
  },
  {
    name: 'a field name that is none',
    text: 'version: 1\ntrailers:\n  Model Name: AI-Model\n',
    says: /config\.yaml:3:3 .*Model Name/,
  },
  { name: 'a reserved field name', text: 'version: 1\ntrailers:\n  __proto__: AI-Model\n', says: /config\.yaml:3:3 / },
  {
    name: 'one trailer for two fields',
    text: 'version: 1\ntrailers:\n  model: AI-Model\n  tool: ai-MODEL\n',
    says: /config\.yaml:4:9 .*model and tool/,
  },
  { name: 'no trailers', text: 'version: 1\ntrailers: {}\n', says: /`trailers` must not be empty/ },
  { name: 'a folder outside', text: 'version: 1\npolicies: [a, ../../etc]\n', says: /config\.yaml:2:15 .*below/ },
  { name: 'an absolute folder', text: 'version: 1\nexceptions: /etc\n', says: /config\.yaml:2:13 .*below/ },
  { name: 'a folder on a drive', text: 'version: 1\ndata: ["C:/data"]\n', says: /config\.yaml:2:8 .*below/ },
  { name: 'backslashes', text: 'version: 1\ndata: [a\\b]\n', says: /config\.yaml:2:8 .*with \/ between/ },
  {
    name: 'an unknown profile',
    text: 'version: 1\ndisclosure:\n  profile: linux\n',
    says: /config\.yaml:3:12 `disclosure\.profile` must be one of: "countersign", "kernel"/,
  },
  {
    name: 'accepting what is forbidden',
    text: 'version: 1\ndisclosure: { accept: [forbid] }\n',
    says: /config\.yaml:2:24 `disclosure\.accept\.0` must be one of/,
  },
  { name: 'a group with nothing in it', text: 'version: 1\nhook:\n', says: /`hook` must be object, and is empty/ },
  {
    name: 'a typing mistake in a group',
    text: 'version: 1\nhook: { onerror: deny }\n',
    says: /There is no setting `onerror` here\. Known are: ask, onError, window/,
  },
  {
    name: 'keys outside',
    text: 'version: 1\napproval: { allowedSigners: ../keys }\n',
    says: /config\.yaml:2:29 .* must be a file below/,
  },
  { name: 'broken YAML', text: 'version: 1\nversion: 1\n', says: /config\.yaml:2:1 .*twice/ },
];

for (const { name, text, says } of mistakes) {
  test(`complains about ${name}`, () => assert.match(complaints(text).join('\n'), says));
}

test('complains about everything at once', () => {
  assert.equal(complaints('version: 2\nrego: v3\nx: 1\n').length, 3);
});
