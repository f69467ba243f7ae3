/** What holds of the tree of any text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from '../../../../server/rego/syntax/parse.ts';
import { type Node, print, type Tree } from '../../../../server/rego/syntax/tree.ts';
import { children, pathAt, visit } from '../../../../server/rego/syntax/walk.ts';

const pieces = [
  ...[
    'package p',
    'import data.a',
    'import future.keywords',
    'default',
    'p',
    'x',
    'input.x',
    '_',
    '1',
    '.5',
    '-',
    '"s"',
  ],
  ...['if', 'contains', 'else', 'some', 'every', 'in', 'not', 'and', 'or', 'with', 'as', 'null', 'true', 'set()'],
  ...['{', '}', '[', ']', '(', ')', ',', ':', ';', '.', ':=', '=', '==', '|', '&', '+', '*', '\n', '\n\t', ' ', '\r\n'],
  ...['$"a{', '}b"', '$`', '`', '"', '\\', '# METADATA\n# title: t\n', '# c\n', '\ufeff', '\0', '😀', '٣', '\ud800'],
];

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => `package p\n${parts.join(' ')}`),
);
const versions = fc.constantFrom('v0' as const, 'v1' as const, 'v0v1' as const);

/** Nodes lie within their parents and behind their neighbours. */
function assertNested(node: Node): void {
  let at = node.start;
  for (const child of children(node)) {
    assert.ok(child.start >= at && child.end >= child.start && child.end <= node.end, JSON.stringify({ node, child }));
    at = child.end;
    assertNested(child);
  }
}

/** No token of a tree without problems is damaged or missing. */
function damages({ root }: Tree): Node[] {
  const found: Node[] = [];
  visit(root, (node) => {
    if (node.kind === 'damage' || node.kind === 'missing') found.push(node);
    return true;
  });
  return found;
}

test('any text has a tree that holds it whole, in order, and tells of its damage', () => {
  fc.assert(
    fc.property(texts, versions, (text, version) => {
      const tree = parse(text, { version });
      assert.equal(print(tree), text);
      assertNested(tree.root);
      for (const { start, end } of tree.errors) assert.ok(start >= 0 && start <= end && end <= text.length);
      if (tree.errors.length === 0) assert.deepEqual(damages(tree), []);
    }),
    { numRuns: 3000 },
  );
});

test('every offset has a path from the module down, each node in the one before', () => {
  fc.assert(
    fc.property(texts, fc.nat(), (text, at) => {
      const offset = at % (text.length + 1);
      const path = pathAt(parse(text), offset);
      assert.equal(path[0]?.kind, 'module');
      for (const { start, end } of path) assert.ok(start <= offset && offset <= end);
    }),
  );
});

test('a module is read the same, whatever stands before and behind it in lines of its own', () => {
  const rule = 'q := 1 if {\n\tx\n}';
  fc.assert(
    fc.property(fc.constantFrom(...pieces.filter((piece) => !/^\$?`|^`/.test(piece))), (piece) => {
      const text = `package p\n\n${rule}\n\nr := ${piece}\n\n${rule}\n`;
      const found = parse(text).root.items.filter(({ start, end }) => text.slice(start, end) === rule);
      assert.equal(found.length, 2, text);
    }),
    { numRuns: 200 },
  );
});

for (const [name, text] of [
  ['brackets', '('.repeat(20_000)],
  ['arrays', `p := ${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['unions or comprehensions', `p := ${'[a | '.repeat(3000)}b${', c]'.repeat(3000)}`],
  ['template strings', `p := ${'$"{'.repeat(3000)}`],
  ['operands', `import future.keywords\np if ${'(not '.repeat(3000)}`],
  ['references', `p := a${'.b(c)'.repeat(20_000)}`],
  ['memberships', `p := a${' in b'.repeat(20_000)}`],
  ['else', `p if a${' else := 1 if b'.repeat(5000)}`],
] as const) {
  test(`${name} within each other, however deep, neither overflow the stack nor take forever`, () => {
    const tree = parse(`package p\n${text}`);
    assert.equal(print(tree), tree.text);
  });
}
