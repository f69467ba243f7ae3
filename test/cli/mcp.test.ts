import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { countersign, entry, newRepository, writeFiles } from './harness.ts';

interface Answer {
  result?: { [name: string]: unknown; content?: { type: string; text: string }[]; isError?: boolean };
  error?: { code: number; message: string };
}

interface Client {
  request(method: string, params: Record<string, unknown>): Promise<Answer>;
  notify(method: string): void;
  /** Calls a tool and gives its text. */
  call(name: string, given: Record<string, unknown>): Promise<{ text: string; isError: boolean }>;
  /** Ends the input, as clients end a session, and gives the exit code and what was said on stderr. */
  end(): Promise<{ code: number | null; stderr: string }>;
}

const noAgent = {
  CLAUDECODE: '',
  CODEX_THREAD_ID: '',
  CODEX_SANDBOX: '',
  AI_AGENT: '',
  AGENT: '',
  GEMINI_CLI: '',
  COPILOT_CLI: '',
  CURSOR_AGENT: '',
  OPENCODE: '',
};

/** A client as the specification's stdio transport has it: one JSON-RPC message a line, nothing else. */
function client(t: TestContext, cwd: string, args: string[] = []): Client {
  const child = spawn(process.execPath, [entry, 'mcp', ...args], { cwd, env: { ...process.env, ...noAgent } });
  t.after(() => child.kill());
  const waiting = new Map<number, (answer: Answer) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as Answer & { jsonrpc: string; id: number };
    assert.equal(message.jsonrpc, '2.0');
    waiting.get(message.id)?.(message);
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  let last = 0;
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const request = (method: string, params: Record<string, unknown>) =>
    new Promise<Answer>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, resolve);
      closed.then(() => reject(new Error(`The server ended: ${stderr}`)));
      send({ id, method, params });
    });
  return {
    request,
    notify: (method) => send({ method }),
    async call(name, given) {
      const { result, error } = await request('tools/call', { name, arguments: given });
      assert.ok(result, error?.message);
      return { text: result.content?.map(({ text }) => text).join('') ?? '', isError: result.isError === true };
    },
    async end() {
      child.stdin.end();
      return { code: await closed, stderr };
    },
  };
}

/** The handshake of the protocol's versions up to 2025-11-25. */
async function initialized(t: TestContext, cwd: string, args: string[] = []): Promise<Client> {
  const connected = client(t, cwd, args);
  const { result } = await connected.request('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'robo-agent', version: '1.2.3' },
  });
  assert.equal(result?.protocolVersion, '2025-06-18');
  assert.equal((result?.serverInfo as { name: string } | undefined)?.name, 'countersign');
  assert.match(String(result?.instructions), /declare_ai_use/);
  connected.notify('notifications/initialized');
  return connected;
}

function project() {
  const repository = newRepository();
  writeFiles(repository.folder, { '.countersign/config.yaml': 'version: 1\n' });
  return repository;
}

test('the tools are listed with their schemas, and say which of them change nothing', async (t) => {
  const server = await initialized(t, project().folder);
  const { result } = await server.request('tools/list', {});
  const tools = result?.tools as {
    name: string;
    inputSchema: { required?: string[] };
    annotations: { readOnlyHint: boolean };
  }[];
  assert.deepEqual(
    tools.map(({ name, inputSchema, annotations }) => [name, inputSchema.required, annotations.readOnlyHint]),
    [
      ['declare_ai_use', ['model'], false],
      ['show_disclosure_form', undefined, true],
      ['check_message', ['message'], true],
    ],
  );
  assert.deepEqual(await server.end(), { code: 0, stderr: '' });
});

test('what an agent declares waits for the commit, with the name of its program', async (t) => {
  const { folder } = project();
  const server = await initialized(t, folder);
  const declared = await server.call('declare_ai_use', {
    model: 'claude-opus-4-6',
    context: 'Wrote it',
    files: ['src/a.ts'],
  });
  assert.equal(declared.isError, false);
  assert.match(
    declared.text,
    /^Declared for the next commit: model claude-opus-4-6, context Wrote it, .* for src\/a\.ts\./,
  );
  const shown = JSON.parse((await countersign(['declare', '--show', '--format', 'json'], { cwd: folder })).stdout);
  assert.equal(shown.length, 1);
  assert.equal(shown[0].tool, 'robo-agent');
  assert.deepEqual(shown[0].files, ['src/a.ts']);
  const form = JSON.parse((await server.call('show_disclosure_form', {})).text);
  assert.deepEqual(
    form.fields.map(({ name, trailer }: { name: string; trailer: string }) => [name, trailer]),
    [
      ['model', 'AI-Model'],
      ['timestamp', 'AI-Timestamp'],
      ['context', 'AI-Context'],
      ['approver', 'AI-Approver'],
    ],
  );
  assert.equal(form.declared.length, 1);
});

const secret = `npm_${'a1B2'.repeat(9)}`;
const refused: [name: string, tool: string, given: Record<string, unknown>, message: RegExp][] = [
  ['no model', 'declare_ai_use', {}, /model/],
  ['a model that is no text', 'declare_ai_use', { model: 5 }, /model must be string/],
  ['an unknown argument', 'declare_ai_use', { model: 'x', modle: 'y' }, /additional properties/],
  ['a secret', 'declare_ai_use', { model: 'x', context: `with ${secret}` }, /context is refused.*npm access token/],
  ['an approver', 'declare_ai_use', { model: 'x', fields: { approver: 'Ann' } }, /approver is not declared/],
  ['an unknown field', 'declare_ai_use', { model: 'x', fields: { ticket: 'T-1' } }, /no disclosure field "ticket"/],
  ['a file outside', 'declare_ai_use', { model: 'x', files: ['../x'] }, /no path within the repository/],
  ['a folder that is none', 'show_disclosure_form', { repository: '/nowhere/at/all' }, /no folder/],
  ['no message', 'check_message', {}, /message/],
];
test('what cannot be is answered with the reason, and the session goes on', async (t) => {
  const { folder } = project();
  const server = await initialized(t, folder);
  for (const [name, tool, given, message] of refused) {
    const { text, isError } = await server.call(tool, given);
    assert.equal(isError, true, name);
    assert.match(text, message, name);
    assert.ok(!text.includes(secret), name);
  }
  const { error } = await server.request('tools/call', { name: 'commit', arguments: {} });
  assert.ok(error);
  assert.deepEqual(JSON.parse((await server.call('show_disclosure_form', {})).text).declared, []);
});

test('a message is checked by the policy, as the commit would be', async (t) => {
  const { folder, git } = newRepository();
  assert.equal((await countersign(['init', '--yes', '--no-tests'], { cwd: folder })).code, 0);
  writeFiles(folder, { 'src/a.ts': '1\n' });
  git(['add', 'src']);
  // From elsewhere, by the option; and by the tool's own argument.
  const server = await initialized(t, '/', ['-C', folder]);
  const disclosure = `AI-Model: claude-opus-4-6\nAI-Timestamp: ${new Date().toISOString()}\nAI-Context: Wrote the first version of the parser's tests\n`;
  const denied = await server.call('check_message', { message: `Add it\n\n${disclosure}` });
  assert.equal(denied.isError, false, denied.text);
  assert.match(denied.text, /^Denied\.\n- .*approver/);
  const allowed = await server.call('check_message', { message: 'Add it\n', repository: folder });
  assert.equal(allowed.text.split('\n')[0], 'Allowed.');
  const models = await server.call('declare_ai_use', { model: 'no-such-model', files: ['src/a.ts'] });
  assert.match(models.text, /The policy will object: no-such-model is not an approved model/);
  // Declared, the same message tells of AI use by what waits for it.
  const undisclosed = await server.call('check_message', { message: 'Add it\n' });
  assert.match(undisclosed.text, /^Denied\.\n- AI use without a disclosure.*declared by robo-agent/);
  assert.deepEqual(await server.end(), { code: 0, stderr: '' });
});

test('clients of the protocol’s version 2026-07-28 are served, too', async (t) => {
  const server = client(t, project().folder);
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'robo-agent', version: '1.2.3' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const discovered = await server.request('server/discover', { _meta });
  assert.deepEqual(discovered.result?.supportedVersions, ['2026-07-28']);
  const { result } = await server.request('tools/call', {
    name: 'declare_ai_use',
    arguments: { model: 'gpt-5.2' },
    _meta,
  });
  assert.match(result?.content?.[0]?.text ?? '', /Declared for the next commit: model gpt-5\.2/);
});

test('lines that are no messages do not end the session', async (t) => {
  const { folder } = project();
  const server = await initialized(t, folder);
  const { error, result } = await server.request('no/such/method', {});
  assert.ok(error && !result);
  assert.equal((await server.call('declare_ai_use', { model: 'x' })).isError, false);
  const notUnder = newRepository();
  const other = await initialized(t, notUnder.folder);
  assert.match((await other.call('declare_ai_use', { model: 'x' })).text, /not under Countersign/);
});
