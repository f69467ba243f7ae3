/** What is inferred of Rego: from the text, the built-ins, schemas, samples and data. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fixture } from '../rego-support.ts';
import { engine, inCountersign, ruleTypes, typeAtCursor } from './types-support.ts';

after(() => engine.dispose());

test('literals, operators, comprehensions and built-ins', () => {
  const types = ruleTypes({
    'p.rego': `package p

a := "x"
b := [1, "x", null]
c := {"a": 1, "b": {"c": true}}
d := {1, 2}
e := set()
f := [upper(x) | some x in {"a", "b"}]
g := {k: v | some k, v in [true, false]}
h := {count(x) | some x in [[1]]}
i := 1 + 2
j := {1, "a"} - {1}
k := {1} | {"a"}
l := -3
m := 1 in [1]
n := 1 < 2
o := $"{a}"
q := split("a,b", ",")
r := io.jwt.decode("x")
s := object.get(c, "a", "none")
t := object.get(c, "z", "none")
u := array.concat([1], ["a"])
v := sort({"a", "b"})
w := time.now_ns()
x := unknown.builtin(1)
y := {}
z := json.unmarshal("{}").a.b
`,
  });
  assert.deepEqual(types, {
    a: '"x"',
    b: '[1, "x", null]',
    c: 'object{"a": 1, "b": object{"c": true}}',
    d: 'set[number]',
    e: 'set[any]',
    f: 'array[string]',
    g: 'object[number: boolean]',
    h: 'set[number]',
    i: 'number',
    j: 'set[1 | "a"]',
    k: 'set[1 | "a"]',
    l: '-3',
    m: 'boolean',
    n: 'boolean',
    o: 'string',
    q: 'array[string]',
    r: '[object, object, string]',
    s: '1 | "none"',
    t: 'any',
    u: 'array[1 | "a"]',
    v: 'array["a" | "b"]',
    w: 'number',
    x: 'any',
    y: 'object',
    z: 'any',
  });
});

test('rules: values, else, default, sets, objects, functions, general heads, other modules, recursion', () => {
  const types = ruleTypes({
    'lib.rego': `package lib

roles contains "admin"

roles contains "dev" if input.x

level := "low" if input.a

else := "high"

by_id[id] := user if {
	some user in [{"id": 7, "name": "Ann"}]
	id := user.id
}

tree[a][b] contains c if some [a, b, c] in [["x", 1, true]]

f(x, y) := {"a": x, "n": y + 1}

default allow := false

allow if input.y

cfg.a.b := 1

cfg.a.c := "x"

loop := loop2

loop2 := loop
`,
    'p.rego': `package p

import data.lib
import data.lib.f as g

a := lib.roles
b := lib.level
c := lib.by_id[_].name
d := g("x", 2)
e := lib.cfg.a
h := lib.allow
i := data.lib.tree
j := lib.loop
k := lib.f(1, 2)
l := [x | some x in lib.roles]
m := lib.nothing
`,
  });
  assert.deepEqual(types, {
    a: 'set["admin" | "dev"]',
    b: '"low" | "high"',
    c: '"Ann"',
    d: 'object{"a": any, "n": number}',
    e: 'object{"b": 1, "c": "x"}',
    h: 'boolean',
    i: 'object["x": object[1: set[true]]]',
    j: 'any',
    k: 'object{"a": any, "n": number}',
    l: 'array["admin" | "dev"]',
    m: 'any',
  });
});

test('variables: by assignment, unification, parts, collections, keys, use, calls', () => {
  const at = (body: string, above = '') =>
    typeAtCursor(fixture({ 'p.rego': `package p\n\n${above}\n\nr if {\n\t${body}\n\tinput.z\n}\n` }));
  assert.equal(at('x := 1\n\t<|>x > 0'), '1');
  assert.equal(at('x = "a"\n\t<|>x'), '"a"');
  assert.equal(at('[x, {"k": y}] := [1, {"k": "v"}]\n\tx\n\t<|>y'), '"v"');
  assert.equal(at('some i, x in ["a"]\n\t<|>i\n\tx'), 'number');
  assert.equal(at('some k, x in {"a": true}\n\tx\n\t<|>k'), '"a"');
  assert.equal(at('some i\n\t["a", "b"][i] == "a"\n\t<|>i'), 'number');
  assert.equal(at('every x in {"a"} { <|>x != "b" }'), '"a"');
  assert.equal(at('split("a", ",", x)\n\t<|>x'), 'array[string]');
  assert.equal(at('f(1)', 'f(<|>x) if x.y == "a"'), '1');
  assert.equal(at('g("a")', 'g(<|>x) := upper(x)'), '"a"');
  assert.equal(at('input.a', 'h(<|>x) := upper(x)'), 'string');
  assert.equal(at('input.a', 'h(<|>x) := x * 2'), 'number');
  assert.equal(at('f({"y": {"z": 1}})', 'f(x) if x.y.<|>z == 1'), '1');
  assert.equal(at('x := [y | y := [1, "a"][_]]\n\t<|>x'), 'array[1 | "a"]');
});

const sample = JSON.stringify({
  token: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz',
  users: [
    { name: 'Ann', age: 3 },
    { name: null, mail: 'ann@example.com' },
  ],
  request: { headers: { accept: '*/*' } },
});

test('a sample input tells fields and kinds, from the closest folder, and never its values', () => {
  const at = (source: string, files: Record<string, string>, path = 'a/b/p.rego') =>
    typeAtCursor(fixture({ [path]: `package p\n\n${source}\n`, ...files }));
  const up = { 'a/input.json': sample, 'input.json': '{"token": 1}' };
  assert.equal(at('r := input.tok<|>en', up), 'string');
  assert.equal(at('r := input.tok<|>en', { 'input.json': '{"token": 1}' }), 'number');
  assert.equal(at('r := input.tok<|>en', { 'a/b/input.yaml': 'token: [1]\n', ...up }), 'array[number]');
  assert.equal(at('r := input.tok<|>en', { 'a/b/input.json': '{', ...up }), 'string', 'a broken one is not there');
  assert.equal(at('r := input.tok<|>en', { 'c/input.json': sample }), undefined);
  assert.equal(at('r := input.tok<|>en', { 'input.yaml': 'token: [1]\n', 'input.json': sample }), 'string');
  assert.equal(at('r := input.users[_].na<|>me', up), 'string | null');
  assert.equal(at('r := input.us<|>ers', up), 'array[object{"name": string | null, "age": number, "mail": string}]');
  assert.equal(at('r if {\n\tsome u in input.users\n\tu.ma<|>il\n}', up), 'string');
  assert.equal(at('import input.request as q\n\nr := q.head<|>ers', up), 'object{"accept": string}');
  assert.equal(at('import input.request\n\nr := request.headers["acc<|>ept"]', up), 'string');
});

test('base data tells its form', () => {
  const files = { 'lib/data.json': '{"limits": {"max": 3}}', 'data.yaml': 'teams: [{name: a}]\n' };
  const at = (source: string) => typeAtCursor(fixture({ 'p.rego': `package p\n\n${source}\n`, ...files }));
  assert.equal(at('r := data.lib.limits.ma<|>x'), 'number');
  assert.equal(at('r := data.teams[_].na<|>me'), 'string');
});

test("in a .countersign folder the input is Countersign's", () => {
  const at = (source: string) =>
    typeAtCursor(inCountersign(fixture({ '.countersign/policies/p.rego': `package p\n\n${source}\n` })));
  assert.equal(at('r := input.pha<|>se'), '"commit" | "change" | "push"');
  assert.equal(at('r if {\n\tsome c in input.commits\n\tc.author.em<|>ail\n}'), 'string');
  assert.equal(at('r := input.commits[_].disclosure["model"][<|>0]'), 'string');
});
