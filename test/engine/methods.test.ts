/** Each method of engine/protocol.ts through the binding, in both builds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCodes, type TestResult } from '../../engine/protocol.ts';
import { describeBuilds, engineError, rego } from './builds.ts';

const roles = rego(
  'roles.rego',
  `package roles

import data.people

# METADATA
# description: who may
allow contains name if {
	some name, person in people
	person.role == "admin"
}
`,
);
const people = {
  path: 'people.yaml',
  kind: 'data' as const,
  text: 'people:\n  zoë: {role: admin}\n  max: {role: guest}\n',
};
const rolesTest = rego(
  'roles_test.rego',
  `package roles_test

import data.roles

test_admin if {
	print("asked")
	"zoë" in roles.allow
}

test_guest if {
	who := "max"
	who in roles.allow
}

todo_test_later if false

one := 1

one := 2

test_error if one
`,
);

describeBuilds('methods', (use) => {
  test('version names what is linked', async () => {
    const version = await use().call('version', {});
    assert.equal(version.build, use().build);
    assert.match(version.opa, /^v?1\.20\.2$/);
    assert.match(version.regal, /^v?0\.42\.0$/);
    assert.match(version.go, /^1\./);
  });

  test('capabilities carry the built-ins with types and descriptions', async () => {
    const { capabilities } = await use().call('capabilities', {});
    const builtins = capabilities.builtins as { name: string; description?: string; decl: unknown }[];
    const count = builtins.find(({ name }) => name === 'count');
    assert.ok(count?.decl);
    assert.match(count?.description ?? '', /number of elements/);
  });

  test('a workspace is opened, updated by file and closed', async () => {
    const engine = use();
    const workspace = 'updated';
    const value = async () => (await engine.call('eval', { workspace, query: 'x = data.a.x' })).evaluations[0]?.result;
    const opened = await engine.call('workspace/open', {
      workspace,
      files: [rego('a.rego', 'package a\n\nx := data.b.y\n'), rego('b.rego', 'package b\n\ny := 1\n')],
    });
    assert.deepEqual(opened.problems, []);
    assert.deepEqual((await value())?.[0]?.bindings, { x: 1 });
    await engine.call('workspace/update', { workspace, changed: [rego('b.rego', 'package b\n\ny := 2\n')] });
    assert.deepEqual((await value())?.[0]?.bindings, { x: 2 });
    await engine.call('workspace/update', { workspace, removed: ['b.rego'] });
    assert.deepEqual(await value(), []);
    await engine.call('workspace/close', { workspace });
    await assert.rejects(value(), engineError(errorCodes.unknownWorkspace));
  });

  test('data is mounted at its place, YAML or JSON', async () => {
    const workspace = 'mounted';
    await use().call('workspace/open', {
      workspace,
      files: [
        { path: 'x/data.json', kind: 'data', text: '{"n": 1}', at: ['x', 'deep'] },
        { path: 'root.yaml', kind: 'data', text: 'top: yes we can' },
      ],
    });
    const { evaluations } = await use().call('eval', { workspace, query: 'data' });
    assert.deepEqual(evaluations[0]?.result[0]?.expressions[0]?.value, { x: { deep: { n: 1 } }, top: 'yes we can' });
  });

  test('unreadable data is a problem of its file', async () => {
    const workspace = 'broken data';
    const { problems } = await use().call('workspace/open', {
      workspace,
      files: [{ path: 'broken.yaml', kind: 'data', text: 'a: 1\nb: [\n' }],
    });
    assert.equal(problems[0]?.path, 'broken.yaml');
    assert.equal(problems[0]?.severity, 'error');
  });

  test('parse gives the tree with locations, comments and annotations', async () => {
    const { module, problems } = await use().call('parse', { path: roles.path, text: roles.text });
    assert.deepEqual(problems, []);
    const tree = JSON.stringify(module);
    assert.match(tree, /"annotations"/);
    assert.match(tree, /"who may"/);
    assert.match(tree, /"location"/);
  });

  test('parse reports every syntax error and no tree', async () => {
    const { module, problems } = await use().call('parse', { path: 'bad.rego', text: 'package a\n\np if {\n' });
    assert.equal(module, undefined);
    assert.equal(problems[0]?.code, 'rego_parse_error');
    assert.equal(problems[0]?.source, 'opa');
  });

  test('rego v0 is read where it is asked for', async () => {
    const v0 = { path: 'v0.rego', text: 'package a\n\np[x] { x := 1 }\n' };
    assert.deepEqual((await use().call('parse', { ...v0, regoVersion: 'v0' })).problems, []);
    assert.notDeepEqual((await use().call('parse', v0)).problems, []);
  });

  test('check reports all errors, not the first ten', async () => {
    const workspace = 'many errors';
    const rules = Array.from({ length: 25 }, (_, index) => `r${index} := undefined_${index}(1)`).join('\n\n');
    await use().call('workspace/open', { workspace, files: [rego('many.rego', `package many\n\n${rules}\n`)] });
    const { problems } = await use().call('check', { workspace });
    assert.equal(problems.filter(({ code }) => code === 'rego_type_error').length, 25);
  });

  test('check of one module looks at its closure alone', async () => {
    const workspace = 'closure';
    await use().call('workspace/open', {
      workspace,
      files: [
        rego('a.rego', 'package a\n\nx := data.b.y\n'),
        rego('b.rego', 'package b\n\ny := f(1)\n'),
        rego('c.rego', 'package c\n\nz := g(1)\n'),
      ],
    });
    const { problems } = await use().call('check', { workspace, paths: ['a.rego'] });
    assert.deepEqual([...new Set(problems.map(({ path }) => path))], ['b.rego']);
  });

  test('check knows strict mode and the schemas of METADATA', async () => {
    const workspace = 'schemas';
    const text = `package s

# METADATA
# schemas:
#   - input: schema.person
p if input.nmae == "x"

q if {
	unused := 1
	true
}
`;
    const schema = '{"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": false}';
    await use().call('workspace/open', {
      workspace,
      files: [rego('s.rego', text), { path: 'schemas/person.schema.json', kind: 'schema', text: schema }],
    });
    const lax = await use().call('check', { workspace });
    assert.deepEqual(
      lax.problems.map(({ code, range }) => [code, range.start.line]),
      [['rego_type_error', 5]],
    );
    const strict = await use().call('check', { workspace, strict: true });
    assert.ok(
      strict.problems.some(({ message }) => /unused/.test(message)),
      JSON.stringify(strict.problems),
    );
  });

  test('lint finds what Regal finds, and honours configuration and custom rules', async () => {
    const workspace = 'lint';
    const text = 'package lint\n\nimport rego.v1\n\nallow = true\n';
    await use().call('workspace/open', { workspace, files: [rego('lint.rego', text)] });
    const titles = async () => (await use().call('lint', { workspace })).problems.map(({ code }) => code);
    const found = await use().call('lint', { workspace });
    assert.equal(found.filesLinted, 1);
    const assignment = found.problems.find(({ code }) => code === 'use-assignment-operator');
    assert.equal(assignment?.source, 'regal');
    assert.equal(assignment?.category, 'style');
    assert.match(assignment?.url ?? '', /^https:/);
    assert.deepEqual(assignment?.range.start, { line: 4, character: 6 });
    const config = 'rules:\n  style:\n    use-assignment-operator:\n      level: ignore\n';
    const custom = `# METADATA
# description: no rule is called allow
package custom.regal.rules.naming["no-allow"]

import data.regal.result

report contains violation if {
	some rule in input.rules
	rule.head.ref[0].value == "allow"
	violation := result.fail(rego.metadata.chain(), result.location(rule.head))
}
`;
    await use().call('workspace/update', {
      workspace,
      changed: [
        { path: '.regal/config.yaml', kind: 'lint-config', text: config },
        { path: '.regal/rules/no-allow.rego', kind: 'lint-rule', text: custom },
      ],
    });
    const after = await titles();
    assert.ok(!after.includes('use-assignment-operator'));
    assert.ok(after.includes('no-allow'), after.join());
  });

  test('check compiles custom rules with what Regal has', async () => {
    const workspace = 'custom rules';
    const path = '.regal/rules/r.rego';
    const rule = (text: string) => ({
      path,
      kind: 'lint-rule' as const,
      text: `package custom.regal.rules.naming.r\n\nimport data.regal.ast\n\n${text}\n`,
    });
    const found = async (paths?: string[]) =>
      (await use().call('check', { workspace, ...(paths && { paths }) })).problems.map(
        (one) => `${one.path} ${one.range.start.line} ${one.message.split('\n')[0]}`,
      );
    const files = [
      rego('p.rego', 'package p\n'),
      rule('x := ast.ref_to_string(regal.parse_module("", "").package.path)'),
    ];
    await use().call('workspace/open', { workspace, files, editing: true });
    assert.deepEqual([await found(), await found([path])], [[], []]);
    await use().call('workspace/update', { workspace, changed: [rule('x := ast.nope(1)')] });
    const expected = [`${path} 4 undefined function data.regal.ast.nope`];
    assert.deepEqual([await found(), await found([path])], [expected, expected]);
  });

  test('lint of one file answers for that file', async () => {
    const workspace = 'lint one';
    await use().call('workspace/open', {
      workspace,
      files: [rego('one.rego', 'package one\n\nallow = true\n'), rego('two.rego', 'package two\n\nallow = true\n')],
    });
    const { problems, filesLinted } = await use().call('lint', { workspace, paths: ['one.rego'] });
    assert.equal(filesLinted, 1);
    assert.deepEqual([...new Set(problems.map(({ path }) => path))], ['one.rego']);
  });

  test('format gives canonical text, and for v0 too', async () => {
    const formatted = await use().call('format', {
      path: 'f.rego',
      text: 'package   f\np  if  {  input.x ; input.y }\n',
    });
    assert.match(formatted.text ?? '', /^package f\n\np if \{/);
    const v0 = await use().call('format', {
      path: 'f.rego',
      text: 'package f\np  {  input.x ; input.y }\n',
      regoVersion: 'v0',
    });
    assert.match(v0.text ?? '', /^package f\n\np \{/);
    const broken = await use().call('format', { path: 'f.rego', text: 'package f\np if {' });
    assert.equal(broken.text, undefined);
    assert.equal(broken.problems.length, 1);
  });

  test('outline names packages, rules and tests', async () => {
    const workspace = 'outline';
    await use().call('workspace/open', { workspace, files: [roles, rolesTest, people] });
    const { modules } = await use().call('outline', { workspace });
    assert.deepEqual(
      modules.map((module) => [
        module.path,
        module.package,
        module.rules.map(({ name, test: isTest }) => [name, isTest]),
      ]),
      [
        ['roles.rego', 'roles', [['allow', false]]],
        [
          'roles_test.rego',
          'roles_test',
          [
            ['test_admin', true],
            ['test_guest', true],
            ['todo_test_later', true],
            ['one', false],
            ['one', false],
            ['test_error', true],
          ],
        ],
      ],
    );
  });

  test('test tells pass, fail, error and skip, with places, output and coverage', async () => {
    const workspace = 'tests';
    await use().call('workspace/open', { workspace, files: [roles, rolesTest, people] });
    const finished: TestResult[] = [];
    const run = await use().call(
      'test',
      { workspace, coverage: true },
      { onTestFinished: (result) => finished.push(result) },
    );
    assert.deepEqual(run.problems, []);
    const byName = new Map(run.tests.map((result) => [result.name.replace('data.roles_test.', ''), result]));
    assert.equal(byName.get('test_admin')?.outcome, 'pass');
    assert.equal(byName.get('test_admin')?.output, 'asked\n');
    assert.equal(byName.get('test_admin')?.location.range.start.line, 4);
    assert.equal(byName.get('test_guest')?.outcome, 'fail');
    assert.equal(byName.get('test_guest')?.failure?.location.range.start.line, 11);
    assert.deepEqual(byName.get('test_guest')?.failure?.locals.who, 'max');
    assert.equal(byName.get('todo_test_later')?.outcome, 'skip');
    assert.equal(byName.get('test_error')?.outcome, 'error');
    assert.deepEqual(finished.map(({ name }) => name).sort(), run.tests.map(({ name }) => name).sort());
    const coverage = run.coverage?.files.find(({ path }) => path === 'roles.rego');
    assert.ok((coverage?.covered.length ?? 0) > 0);
    const filtered = await use().call('test', { workspace, filter: 'admin$' });
    assert.deepEqual(
      filtered.tests.map(({ name }) => name),
      ['data.roles_test.test_admin'],
    );
  });

  test('eval gives results in the order of the inputs, with output, metrics and the given time', async () => {
    const workspace = 'eval';
    const text = 'package e\n\nx := input.n * 2 if print("n is", input.n)\n\nnow := time.now_ns()\n';
    await use().call('workspace/open', { workspace, files: [rego('e.rego', text)] });
    const several = await use().call('eval', {
      workspace,
      query: 'data.e.x',
      inputs: [{ n: 1 }, { n: 2 }, {}],
      metrics: true,
    });
    const values = several.evaluations.map(({ result }) => result[0]?.expressions[0]?.value);
    assert.deepEqual(values, [2, 4, undefined]);
    assert.match(several.evaluations[0]?.output ?? '', /n is 1/);
    assert.ok((several.evaluations[0]?.metrics?.timer_rego_query_eval_ns ?? 0) > 0);
    const then = await use().call('eval', { workspace, query: 'data.e.now', now: '2024-02-29T12:00:00Z' });
    assert.equal(then.evaluations[0]?.result[0]?.expressions[0]?.value, Date.parse('2024-02-29T12:00:00Z') * 1e6);
  });

  test('eval takes an input as a Rego term', async () => {
    const workspace = 'terms';
    await use().call('workspace/open', { workspace, files: [] });
    const { evaluations } = await use().call('eval', {
      workspace,
      query: '2 in input.s; is_set(input.s)',
      inputTerm: '{"s": {1, 2}}',
    });
    assert.equal(evaluations[0]?.result.length, 1);
    const variable = use().call('eval', { workspace, query: 'input', inputTerm: '[x]' });
    await assert.rejects(variable, engineError(-32602, /inputTerm/));
  });

  test('eval fails closed', async () => {
    const workspace = 'closed';
    const engine = use();
    await engine.call('workspace/open', {
      workspace,
      files: [rego('c.rego', 'package c\n\nx := 1 if input.a\n\nx := 2 if input.b\n')],
    });
    await assert.rejects(
      engine.call('eval', { workspace, query: 'data.c.x', input: { a: true, b: true } }),
      engineError(errorCodes.evaluation, /eval_conflict_error/),
    );
    await assert.rejects(
      engine.call('eval', { workspace, query: '1 / 0', strictBuiltinErrors: true }),
      engineError(errorCodes.evaluation, /divide by zero/),
    );
    const lax = await engine.call('eval', { workspace, query: '1 / 0' });
    assert.deepEqual(lax.evaluations[0]?.result, []);
    assert.match(lax.evaluations[0]?.builtinErrors?.[0]?.message ?? '', /divide by zero/);
    await engine.call('workspace/update', { workspace, changed: [rego('d.rego', 'package d\n\ny := nothing(1)\n')] });
    await assert.rejects(
      engine.call('eval', { workspace, query: 'data.c.x' }),
      engineError(errorCodes.compile, /d\.rego/),
    );
  });

  test('built-ins without a fixed answer tell what they gave, and give it again', async () => {
    const engine = use();
    const workspace = 'random';
    const files = [
      rego(
        'r.rego',
        'package r\n\nx := [rand.intn(concat("", ["é", "x"]), 1000000), time.now_ns(), uuid.rfc4122("k")]\n',
      ),
    ];
    await engine.call('workspace/open', { workspace, files });
    const ask = async (more: object) => {
      const { evaluations } = await engine.call('eval', { workspace, query: 'data.r.x', ...more });
      return { value: evaluations[0]?.result[0]?.expressions[0]?.value, cache: evaluations[0]?.ndBuiltinCache };
    };
    const plain = await ask({});
    assert.equal(plain.cache, undefined, 'unless asked');
    const now = '2026-01-02T03:04:05.678Z';
    const first = await ask({ ndBuiltinCache: {}, now });
    assert.deepEqual(Object.keys(first.cache ?? {}).sort(), ['rand.intn', 'time.now_ns', 'uuid.rfc4122']);
    const again = await ask({ ndBuiltinCache: JSON.parse(JSON.stringify(first.cache)) });
    assert.deepEqual(again, first, 'also the time');
    const known = { ...first.cache, 'rand.intn': { '["éx", 1000000]': 4711 } };
    const [, ...rest] = first.value as unknown[];
    assert.deepEqual((await ask({ ndBuiltinCache: known })).value, [4711, ...rest]);
    for (const wrong of [7, { 'rand.intn': 7 }, { 'rand.intn': { 'no json': 1 } }]) {
      await assert.rejects(ask({ ndBuiltinCache: wrong }), /ndBuiltinCache/);
    }
  });

  test('the network is out of reach unless it is allowed', async () => {
    const workspace = 'network';
    const files = [rego('n.rego', 'package n\n\nx := http.send({"method": "get", "url": "http://127.0.0.1:1"})\n')];
    await use().call('workspace/open', { workspace, files });
    const { problems } = await use().call('check', { workspace });
    assert.match(problems[0]?.message ?? '', /http\.send/);
    await use().call('workspace/open', { workspace, files, network: true });
    assert.deepEqual((await use().call('check', { workspace })).problems, []);
  });

  test('compile gives a wasm policy or a bundle', async () => {
    const workspace = 'compile';
    const text = 'package c\n\nallow if sprintf("%d", [input.n]) == "1"\n';
    await use().call('workspace/open', { workspace, files: [rego('c.rego', text)] });
    const wasm = await use().call('compile', { workspace, target: 'wasm', entrypoints: ['c/allow'] });
    assert.equal(Buffer.from(wasm.bytes, 'base64').subarray(0, 4).toString('latin1'), '\0asm');
    assert.deepEqual(wasm.hostBuiltins, ['sprintf']);
    const bundle = await use().call('compile', {
      workspace,
      target: 'bundle',
      entrypoints: ['c/allow'],
      revision: 'r1',
    });
    assert.deepEqual([...Buffer.from(bundle.bytes, 'base64').subarray(0, 2)], [0x1f, 0x8b]);
  });

  test('plan gives OPA’s plan of the entrypoints, and the data', async () => {
    const workspace = 'plan';
    const files = [
      rego('c.rego', 'package c\n\nallow if sprintf("%d", [input.n]) == data.one\n'),
      { path: 'd.json', kind: 'data' as const, text: '{"one": "1", "large": 12345678901234567890}' },
    ];
    await use().call('workspace/open', { workspace, files });
    const { plan, data } = await use().call('plan', { workspace, entrypoints: ['c/allow'] });
    assert.deepEqual(
      JSON.parse(plan).static.builtin_funcs.map(({ name }: { name: string }) => name),
      ['sprintf'],
    );
    assert.equal(data, '{"large":12345678901234567890,"one":"1"}');
    await assert.rejects(use().call('plan', { workspace, entrypoints: ['c/deny'] }), engineError(-32602, /c\/deny/));
  });

  test('a request it cannot read is refused with a reason', async () => {
    const engine = use();
    await assert.rejects(engine.call('eval', { workspace: 7 } as never), engineError(-32602, /workspace/));
    await assert.rejects(engine.call('no/such' as 'version', {}), engineError(-32601));
  });
});
