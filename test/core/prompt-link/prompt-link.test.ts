/** A hook asks a window: real sockets, real files, and for the ends of processes real processes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { askWindow } from '../../../core/prompt-link/ask-window.ts';
import { type ListenOptions, listenForPrompts } from '../../../core/prompt-link/listen.ts';
import { maxBytes, type PromptRequest, readAnswer, readRequest } from '../../../core/prompt-link/messages.ts';

const onUnix = { skip: process.platform === 'win32' && 'Windows keeps the profile private by itself' };
const waitMs = 20_000;

function place(t: TestContext) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'countersign link ü ')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const repository = join(root, 'repository');
  mkdirSync(repository);
  // Short, for a socket's path is cut off when it is long.
  const runtime = mkdtempSync(join(tmpdir(), 'cs-'));
  t.after(() => rmSync(runtime, { recursive: true, force: true }));
  const environment = { ...process.env, XDG_RUNTIME_DIR: runtime, COUNTERSIGN_WINDOW: '' };
  return { root, repository, environment, folder: join(runtime, 'countersign') };
}

function requestFor(repository: string): PromptRequest {
  return {
    repository,
    message: 'Prüfe\n',
    values: { model: ['one', 'two'], context: 'said before' },
    known: [{ field: 'model', value: 'one', source: 'declaration', certainty: 'recorded', detail: 'declared' }],
    evidence: [{ source: 'git-ai', detail: 'a note' }],
    violations: [{ rule: 'r', msg: 'denied' }],
  };
}

type Ask = ListenOptions['ask'];

async function window(t: TestContext, environment: NodeJS.ProcessEnv, id: string, folders: string[], ask: Ask) {
  const logged: string[] = [];
  const link = await listenForPrompts({ id, environment, ask, log: (line) => logged.push(line) });
  t.after(() => link.dispose());
  await link.update({ folders, focused: true });
  return { link, logged };
}

const says =
  (model: string): Ask =>
  async (_, taken) => {
    taken();
    return { kind: 'values', values: { model } };
  };

test('the window that has the repository open is asked, and its answer comes back', async (t) => {
  const { repository, environment, root } = place(t);
  const seen: PromptRequest[] = [];
  await window(t, environment, 'other', [join(root, 'elsewhere')], says('wrong'));
  await window(t, environment, 'right', [root], async (request, taken) => {
    seen.push(request);
    taken();
    return { kind: 'no-ai' };
  });
  const request = requestFor(repository);
  assert.deepEqual(await askWindow(request, { waitMs, environment }), { kind: 'no-ai' });
  assert.deepEqual(seen, [request]);
});

test('the window whose terminal it is goes first; of two the one used last', async (t) => {
  const { repository, environment, root } = place(t);
  await window(t, environment, 'one', [repository], says('one'));
  const { link } = await window(t, environment, 'two', [repository], says('two'));
  await window(t, environment, 'own', [join(root, 'elsewhere')], says('own'));
  const ask = (own = '') =>
    askWindow(requestFor(repository), { waitMs, environment: { ...environment, COUNTERSIGN_WINDOW: own } });
  assert.deepEqual(await ask('own'), { kind: 'values', values: { model: 'own' } });
  await new Promise((later) => setTimeout(later, 5));
  await link.update({ folders: [repository], focused: true });
  assert.deepEqual(await ask(), { kind: 'values', values: { model: 'two' } });
});

test('without a window, or with none that has the repository open, there is no answer', async (t) => {
  const { repository, environment, root } = place(t);
  assert.equal(await askWindow(requestFor(repository), { waitMs, environment }), undefined);
  await window(t, environment, 'other', [join(root, 'elsewhere')], says('wrong'));
  assert.equal(await askWindow(requestFor(repository), { waitMs, environment }), undefined);
});

test('a prompt that nobody sees in time is withdrawn', async (t) => {
  const { repository, environment } = place(t);
  const withdrawn = new Promise<void>((done) => {
    void window(t, environment, 'busy', [repository], (_, __, signal) => {
      return new Promise((answer) => {
        signal.addEventListener('abort', () => {
          done();
          answer(undefined);
        });
      });
    }).then(async () => {
      assert.equal(await askWindow(requestFor(repository), { waitMs: 50, environment }), undefined);
    });
  });
  await withdrawn;
});

test('once seen, the prompt may take its time; aborting closes it', async (t) => {
  const { repository, environment } = place(t);
  let closed = false;
  const hook = new AbortController();
  await window(t, environment, 'slow', [repository], (_, taken, signal) => {
    taken();
    return new Promise((answer) => {
      signal.addEventListener('abort', () => {
        closed = true;
        answer(undefined);
      });
      // Longer than the hook waits for someone to see it.
      setTimeout(() => hook.abort(new Error('stopped')), 400);
    });
  });
  await assert.rejects(askWindow(requestFor(repository), { waitMs: 200, environment, signal: hook.signal }), /stopped/);
  while (!closed) await new Promise((again) => setTimeout(again, 5));
});

test('the end of the hook closes the prompt, the end of the window lets the hook go on', async (t) => {
  const { repository, environment } = place(t);
  const module = pathToFileURL(join(import.meta.dirname, '../../../core/prompt-link/ask-window.ts')).href;
  const source = `import { askWindow } from '${module}';
    console.log(JSON.stringify(await askWindow(${JSON.stringify(requestFor(repository))}, { waitMs: ${waitMs} })) ?? 'none');`;
  const hook = () =>
    spawn(process.execPath, ['--input-type=module', '-e', source], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  let shown: () => void = () => {};
  let closed: () => void = () => {};
  const { link } = await window(t, environment, 'open', [repository], (_, taken, signal) => {
    taken();
    shown();
    return new Promise((answer) => {
      signal.addEventListener('abort', () => {
        closed();
        answer(undefined);
      });
    });
  });
  const first = hook();
  await new Promise<void>((done) => (shown = done));
  const gone = new Promise<void>((done) => (closed = done));
  first.kill();
  await gone;

  const second = hook();
  let output = '';
  second.stdout.on('data', (chunk) => (output += chunk));
  await new Promise<void>((done) => (shown = done));
  await link.dispose();
  assert.equal(await new Promise((ended) => second.on('close', ended)), 0);
  assert.equal(output, 'none\n');
});

test('what a dead window left is passed over and cleared away', async (t) => {
  const { repository, environment, folder } = place(t);
  const module = pathToFileURL(join(import.meta.dirname, '../../../core/prompt-link/listen.ts')).href;
  const source = `import { listenForPrompts } from '${module}';
    const link = await listenForPrompts({ id: 'dead', ask: async () => undefined, log: () => {} });
    await link.update({ folders: [${JSON.stringify(repository)}], focused: true });
    console.log('listening');`;
  const leave = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((ready) => child.stdout.once('data', ready));
    child.kill('SIGKILL');
    await new Promise((ended) => child.on('close', ended));
  };
  await leave();
  assert.equal(readdirSync(folder).filter((name) => name.endsWith('.json')).length, 1);
  assert.equal(await askWindow(requestFor(repository), { waitMs, environment }), undefined);
  assert.deepEqual(readdirSync(folder), []);

  // A window that starts clears up as well, and a hook goes on to the next one that lives.
  await leave();
  await window(t, environment, 'alive', [repository], says('alive'));
  assert.deepEqual(await askWindow(requestFor(repository), { waitMs, environment }), {
    kind: 'values',
    values: { model: 'alive' },
  });
  assert.equal(readdirSync(folder).filter((name) => name.endsWith('.json')).length, 1);
});

test('a window leaves nothing behind, also where a socket cannot have so long a path', async (t) => {
  const { repository, environment } = place(t);
  const deep = join(environment.XDG_RUNTIME_DIR, 'd'.repeat(90));
  mkdirSync(deep, { mode: 0o700 });
  const long = { ...environment, XDG_RUNTIME_DIR: deep };
  const { link } = await window(t, long, 'deep', [repository], says('deep'));
  assert.deepEqual(await askWindow(requestFor(repository), { waitMs, environment: long }), {
    kind: 'values',
    values: { model: 'deep' },
  });
  const [name = assert.fail()] = readdirSync(join(deep, 'countersign'));
  const { socket } = JSON.parse(readFileSync(join(deep, 'countersign', name), 'utf8'));
  await link.dispose();
  assert.deepEqual(readdirSync(join(deep, 'countersign')), []);
  assert.equal(existsSync(socket), false);
});

test('the window’s file and folder are the user’s alone, and others are not believed', onUnix, async (t) => {
  const { repository, environment, folder } = place(t);
  mkdirSync(folder, { mode: 0o755 });
  await window(t, environment, 'one', [repository], says('one'));
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const [file = assert.fail()] = readdirSync(folder).filter((name) => name.endsWith('.json'));
  assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
  const ask = () => askWindow(requestFor(repository), { waitMs, environment });
  assert.ok(await ask());
  chmodSync(join(folder, file), 0o644);
  assert.equal(await ask(), undefined);
  chmodSync(join(folder, file), 0o600);
  chmodSync(folder, 0o770);
  assert.equal(await ask(), undefined);
  chmodSync(folder, 0o700);
  assert.ok(await ask());
  writeFileSync(join(folder, `half${file}`), '{"id": 1', { mode: 0o600 });
  assert.ok(await ask());
});

/** What a window says to one who sends it these bytes, and more once it has said something, until it hangs up. */
function send(socket: string, text = '', more?: string): Promise<string> {
  return new Promise((ended) => {
    let heard = '';
    const sender = connect(socket, () => sender.write(text));
    sender.on('data', (chunk) => {
      if (heard === '' && more !== undefined) sender.write(more);
      heard += chunk;
    });
    sender.on('error', () => {});
    sender.on('close', () => ended(heard));
  });
}
const framed = (body: string) => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

test('a wrong token, a malformed request and noise are turned away, and the window lives on', async (t) => {
  const { repository, environment, folder } = place(t);
  let asked = 0;
  const { logged } = await window(t, environment, 'one', [repository], async (_, taken) => {
    asked += 1;
    taken();
    return { kind: 'cancel' };
  });
  const [file = assert.fail()] = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const { socket, token } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const request = requestFor(repository);
  const ask = (params: unknown) =>
    send(socket, framed(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'prompt/ask', params })));
  for (const params of [
    { token: `${token.slice(1)}0`, request },
    { token: '', request },
    { request },
    null,
    [],
    { token, request: { ...request, values: { model: 1 } } },
    { token, request: { ...request, known: [{}] } },
    { token },
  ]) {
    assert.equal(await ask(params), '', JSON.stringify(params));
  }
  assert.equal(await send(socket, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), '');
  assert.equal(await send(socket, framed('{ no json')), '');
  assert.equal(await send(socket, framed(JSON.stringify({ pad: 'x'.repeat(maxBytes) }))), '');
  assert.equal(await send(socket, 'x'.repeat(maxBytes + 1)), '');
  // Says nothing: hung up on after a while.
  assert.equal(await send(socket), '');
  assert.equal(asked, 0);
  assert.ok(logged.every((line) => !line.includes(token)));
  assert.deepEqual(await askWindow(request, { waitMs, environment }), { kind: 'cancel' });
});

test('one who was heard and then sends noise, or too much, is hung up on, and the prompt closes', async (t) => {
  const { repository, environment, folder } = place(t);
  let closed = 0;
  await window(t, environment, 'one', [repository], (_, taken, signal) => {
    taken();
    return new Promise((answer) => {
      signal.addEventListener('abort', () => {
        closed += 1;
        answer(undefined);
      });
    });
  });
  const [file = assert.fail()] = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const { socket, token } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const params = { token, request: requestFor(repository) };
  const valid = framed(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'prompt/ask', params }));
  const noises = [
    framed('{ no json'),
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    `Content-Length: ${9 * maxBytes}\r\n\r\n${' '.repeat(maxBytes)}`,
  ];
  for (const [at, noise] of noises.entries()) {
    assert.match(await send(socket, valid, noise), /prompt\/taken/);
    while (closed <= at) await new Promise((again) => setTimeout(again, 5));
  }
});

test('answers and requests of another shape are none', () => {
  assert.deepEqual(readAnswer({ kind: 'values', values: { a: ['b'] }, more: 1 }), {
    kind: 'values',
    values: { a: ['b'] },
  });
  assert.deepEqual(readAnswer({ kind: 'no-ai' }), { kind: 'no-ai' });
  for (const wrong of [null, 1, [], {}, { kind: 'values' }, { kind: 'values', values: [] }, { kind: 'yes' }]) {
    assert.equal(readAnswer(wrong), undefined, JSON.stringify(wrong));
  }
  const request = requestFor('/a');
  assert.deepEqual(readRequest({ ...request, more: 1 }), request);
  const { evidence: _, ...older } = request;
  assert.deepEqual(readRequest(older), { ...request, evidence: [] });
  for (const key of ['repository', 'message', 'values', 'known', 'violations']) {
    assert.equal(readRequest({ ...request, [key]: undefined }), undefined, key);
  }
});
