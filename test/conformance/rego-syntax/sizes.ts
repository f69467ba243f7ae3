/**
 * A worker that parses long and hostile texts, each in two sizes, and posts for each what that cost: that a text takes
 * for ever shows in that nothing comes any more.
 */
import { parentPort } from 'node:worker_threads';
import { lower } from '../../../server/rego/syntax/lower.ts';
import { parse } from '../../../server/rego/syntax/parse.ts';
import { print } from '../../../server/rego/syntax/tree.ts';

/** CPU time in milliseconds for a text of 128 KiB, and for one of 1 MiB. */
export interface Cost {
  name: string;
  small: number;
  large: number;
  errors: number;
  /** Whether printing the large tree gave back the text. */
  printed: boolean;
}

const size = 2 ** 20;

/** What a text is made of: what comes first, what is repeated, what comes last. */
const texts: Record<string, [string, string, string]> = {
  'a comment': ['package p # ', 'a ', ''],
  'a string': ['package p\nx := "', 'a\\n', '"'],
  'a string without end': ['package p\nx := "', 'a', ''],
  'a raw string': ['package p\nx := `', 'a\n', '`'],
  'a raw string without end': ['package p\nx := `', 'a\n', ''],
  'a template string': ['package p\nx := $"', '{input.x} and ', '"'],
  'template strings in template strings': ['package p\nx := ', '$"{', ''],
  'template strings whose expressions do not end': ['package p\nx := ', '$"{\n', ''],
  'raw template strings in each other': ['package p\nx := ', '$`{\n', ''],
  'a number': ['package p\nx := 1', '0', ''],
  'a name': ['package p\nx', 'x', ' := 1'],
  'an array in one line': ['package p\nx := [', '1, ', ']'],
  'a set in lines': ['package p\nx := {', '1,\n', '}'],
  'an object': ['package p\nx := {', '"k": [1],', '}'],
  'a sum': ['package p\nx := 1', ' + 1', ''],
  'a mixed sum': ['package p\nx := 1', ' + 1 * 2', ''],
  'comparisons of comparisons': ['package p\nx if { 1', ' == 1', ' }'],
  unions: ['package p\nx := a', ' | b & c', ''],
  memberships: ['package p\nx if { 1', ' in [1]', ' }'],
  'conjunctions of disjunctions': [
    'package p\nimport future.keywords.and\nimport future.keywords.or\nx if { a',
    ' or b and c',
    ' }',
  ],
  'a body in one line': ['package p\nx if { ', 'a; ', '}'],
  'a body in lines': ['package p\nx if {\n', '\ta == 1\n', '}'],
  'a reference by dots': ['package p\nx := a', '.b', ''],
  'a reference by brackets': ['package p\nx := a', '[0]', ''],
  'calls of calls': ['package p\nx := f', '(1)', ''],
  'a head': ['package p\nx', '["a"].b', ' := 1'],
  'many arguments': ['package p\nf(', 'x, ', 'y) := 1'],
  'many withs': ['package p\nx if { a', ' with input.x as 1', ' }'],
  'many elses': ['package p\nx := 1 if { a }', ' else := 2 if { b }', ''],
  'many symbols': ['package p\nx if { some a', ', a', ' }'],
  'open brackets': ['package p\nx := ', '[', ''],
  'open braces': ['package p\nx := ', '{', ''],
  'open parentheses': ['package p\nx := ', '(', ''],
  'open brackets of all kinds': ['package p\nx := ', '[({', ''],
  'open brackets in lines': ['package p\nx := ', '[\n', ''],
  'calls that are open': ['package p\nx := ', 'f(', ''],
  'references that are open': ['package p\nx := ', 'a[', ''],
  'comprehensions that are open': ['package p\nx := ', '[x | ', ''],
  'objects that are open': ['package p\nx := ', '{"a": ', ''],
  'bodies that are open': ['package p\n', 'x if {\n', ''],
  'groups that are open': ['package p\nimport future.keywords.not\nx if ', 'not (', ''],
  'quantifiers that are open': ['package p\nx if ', 'every x in y { ', ''],
  'heads that are open': ['package p\n', 'x[', ''],
  'closing brackets': ['package p\nx := 1\n', ']', ''],
  'closing brackets of all kinds': ['package p\nx := 1\n', ')}]', ''],
  'crossed brackets': ['package p\nx := ', '[(])', ''],
  quotes: ['package p\nx := ', '"', ''],
  backquotes: ['package p\nx := ', '`', ''],
  dollars: ['package p\nx := ', '$', ''],
  backslashes: ['package p\nx := "', '\\', ''],
  minuses: ['package p\nx := ', '-', '1'],
  nots: ['package p\nx if { ', 'not ', 'x }'],
  somes: ['package p\nx if { ', 'some ', 'x }'],
  'assignments without values': ['package p\n', 'x := ', ''],
  'heads without bodies': ['package p\n', 'x if\n', ''],
  'words without meaning': ['package p\n', 'else as with default ', ''],
  packages: ['', 'package p\n', ''],
  imports: ['package p\n', 'import data.a.b as c\n', ''],
  defaults: ['package p\n', 'default x := 1\n', ''],
  rules: ['package p\n\n', 'x := y if {\n\tsome y in input.z[_].a\n\tnot f(y, [1, "a"])\n}\n\n', ''],
  'METADATA blocks': ['package p\n\n', '# METADATA\n# title: a\n# custom:\n#   b: [1]\nx := 1\n\n', ''],
  'METADATA blocks of nothing': ['package p\n\n', '# METADATA\n# title: a\n\n', ''],
  'one METADATA block': ['package p\n\n# METADATA\n# description: |\n', '#  a\n', 'x := 1\n'],
  'a METADATA block that is open': ['package p\n\n# METADATA\n# title: ', '[', '\nx := 1\n'],
  comments: ['package p\n\n', '# a\n', 'x := 1\n'],
  'empty lines': ['package p\n', '\r\n', 'x := 1\r\n'],
  spaces: ['package p\nx := ', ' ', '1'],
  'illegal characters': ['package p\n', '@', ''],
  'characters of two units': ['package p\n', '😀', ''],
  nulls: ['package p\n', '\0', ''],
};

/**
 * Those whose trees are lowered, too. In OPA's tree a sum of many is so deep that nothing can hold it, and OPA looks
 * through all METADATA blocks for each rule.
 */
const lowered = new Set(['an array in one line', 'a body in lines', 'rules', 'comments', 'imports']);

for (const [name, [first, repeated, last]] of Object.entries(texts)) {
  const lowers = lowered.has(name);
  const small = parseLong(first, repeated, last, size / 8, lowers);
  const large = parseLong(first, repeated, last, size, lowers);
  const cost: Cost = {
    name,
    small: small.cost,
    large: large.cost,
    errors: large.tree.errors.length,
    printed: print(large.tree) === large.tree.text,
  };
  parentPort?.postMessage(cost);
}

function parseLong(first: string, repeated: string, last: string, length: number, lowers: boolean) {
  const text = first + repeated.repeat(Math.ceil(length / repeated.length)) + last;
  const before = process.threadCpuUsage();
  const tree = parse(text);
  if (lowers) lower(tree);
  const { user, system } = process.threadCpuUsage(before);
  return { cost: (user + system) / 1000, tree };
}
