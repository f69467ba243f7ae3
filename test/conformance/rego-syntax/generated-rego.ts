/** Rego by chance: texts that follow the grammar, mostly, with every construct in every place; and heaps of tokens. */
import fc from 'fast-check';

type Text = fc.Arbitrary<string>;

const one = (...texts: string[]): Text => fc.constantFrom(...texts);
/** One of the words of a text. */
const word = (words: string): Text => one(...words.split(' '));
/** The first, but now and then the other, which is hardly ever Rego. */
const mostly = (usual: Text, odd: Text, weight = 40): Text =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });
const optional = (text: Text, weight = 1): Text =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight, arbitrary: text });
const weighed = (...options: [number, Text][]): Text =>
  fc.oneof(
    { depthSize: 'xsmall', withCrossShrink: true },
    ...options.map(([weight, arbitrary]) => ({ weight, arbitrary })),
  );

const blank: Text = weighed(
  [50, one(' ')],
  [12, one('\t', '  ')],
  [3, one('')],
  [3, one('\n', '\r\n', '\n\t', '\n\n')],
);
/** Between tokens, where Rego lets there be anything. */
const gap: Text = mostly(blank, one(' # why\n', '#\n', ' # METADATA\n'), 80);

/** Texts one after another; a string that is a blank alone is a gap. */
function sequence(...parts: (string | Text)[]): Text {
  const texts = parts.map((part) => (part === ' ' ? gap : typeof part === 'string' ? fc.constant(part) : part));
  return fc.tuple(...texts).map((written) => written.join(''));
}

function list(item: Text, separator: Text, minLength: number, maxLength: number): Text {
  return fc
    .array(fc.tuple(item, separator), { minLength, maxLength })
    .map((pairs) => pairs.map(([text, after], index) => (index < pairs.length - 1 ? text + after : text)).join(''));
}

const comma = sequence(',', ' ');
const newline = one('\n\t', '\n', '; ', ';', ' # so\n\t', '\r\n');
const variable = word('x y z p q f foo_1 _');
const name = mostly(
  weighed([6, variable], [1, word('input data')]),
  word('in if contains every not and or some with set default else import package true null as count eq'),
);
const numbers = word('0 1 42 -7 1.50 1e3 -2.5E-1 12345678901234567890 1e400');
const strings = one('""', '"s"', '"é😀"', '"\\n\\u00e9"', '"{x}"', '`raw`', '`a\n"\\`', '"\\ud83d\\ude00"');
const scalar = mostly(
  fc.oneof(numbers, strings, word('null true false')),
  one('.5', '07', '1e', '"\\q"', '"', '1.', '0a', '"\\u12"', '"\\ud83d"', '`', '\ufeff'),
);
const operator = mostly(word('== != < <= > >= + - * / % & | in'), word('and or , := = === ! not : ;'));

const { term, literal, body } = fc.letrec<
  Record<'term' | 'infix' | 'ref' | 'simple' | 'literal' | 'body' | 'query', string>
>((tie) => {
  const [term, infix, simple, literal, query] = [
    tie('term'),
    tie('infix'),
    tie('simple'),
    tie('literal'),
    tie('query'),
  ];
  const index = mostly(
    weighed(
      [10, name.map((text) => `.${text}`)],
      [4, sequence('[', term, ']')],
      [1, sequence('[', ' ', infix, ' ', ']')],
      [3, sequence('(', list(infix, comma, 0, 2), ')')],
      [1, one('["a"]', '[_]')],
    ),
    one(' .x', '. x', '[]', '.', '.1', '[x', '."a"'),
  );
  const entry = sequence(infix, ' ', ':', ' ', infix);
  const within = fc.oneof(one('a ', '\\{', '', 'é'), sequence('{', infix, '}'));
  const members = (item: Text, least: number) => sequence(list(item, comma, least, 3), optional(one(',', ' ', '\n')));
  const block = sequence('{', ' ', query, ' ', '}');
  return {
    term: weighed(
      [4, scalar],
      [4, name],
      [4, tie('ref')],
      [1, sequence('[', members(infix, 0), ']')],
      [1, sequence('{', ' ', members(infix, 1), '}')],
      [1, sequence('{', members(entry, 0), ' ', '}')],
      [1, sequence('[', term, ' ', '|', ' ', query, ']')],
      [1, sequence('{', term, ' ', '|', ' ', query, ' ', '}')],
      [1, sequence('{', term, ' ', ':', ' ', infix, ' ', '|', ' ', query, '}')],
      [1, sequence('(', ' ', infix, ' ', ')')],
      [1, sequence('$"', list(within, fc.constant(''), 0, 3), '"')],
      [1, sequence('$`', list(within, one('', '\n'), 0, 3), '`')],
      [1, fc.oneof(one('set()', 'set( )'), sequence('-', term))],
    ),
    infix: weighed(
      [5, term],
      [2, sequence(term, ' ', operator, ' ', infix)],
      [1, sequence('(', term, ', ', term, ' in ', infix, ')')],
    ),
    ref: fc.tuple(name, fc.array(index, { minLength: 1, maxLength: 3 })).map(([head, rest]) => head + rest.join('')),
    simple: weighed([3, infix], [2, sequence(term, ' ', word(':= = =='), ' ', infix)]),
    literal: weighed(
      [10, simple],
      [3, sequence('not', gap, infix)],
      [1, sequence('not', ' ', fc.oneof(block, literal))],
      [2, sequence('some ', list(variable, comma, 1, 3))],
      [3, sequence('some ', list(term, comma, 1, 2), ' in ', infix)],
      [3, sequence('every ', list(variable, comma, 1, 2), ' in ', term, ' ', block)],
      [
        3,
        sequence(
          simple,
          ' with ',
          weighed([3, one('input', 'input.x', 'data.y["z"]')], [1, name], [1, tie('ref')]),
          ' as ',
          term,
        ),
      ],
      [1, sequence(literal, one(' and ', ' or ', '\nor ', ' and\n'), literal)],
      [1, sequence(block, ' ', word('and or'), ' ', fc.oneof(literal, block))],
      [1, sequence('(', literal, ')')],
    ),
    query: list(literal, newline, 1, 2),
    body: weighed([5, sequence('if', gap, block)], [3, sequence('if ', literal)], [2, sequence(' ', block)]),
  };
});

const assigned = sequence(' ', word(':= ='), ' ', term);
const head = weighed(
  [4, name],
  [2, sequence(name, '(', list(term, comma, 1, 2), ')')],
  [2, sequence(name, '[', term, ']')],
  [2, sequence(name, word('.a .a.b ["a"].b [x].y .a[x] .a[x][y]'))],
  [1, sequence(name, '.a(', term, ')')],
);
const rule = mostly(
  weighed(
    [5, sequence(head, optional(assigned), ' ', body)],
    [3, sequence(head, assigned)],
    [3, sequence(head, ' contains ', term, optional(sequence(' ', body), 6))],
    [1, sequence('default ', head, ' ', word(':= ='), ' ', fc.oneof(scalar, scalar, term))],
    [2, sequence(head, assigned, ' ', body, ' else', optional(assigned, 6), ' ', optional(body, 12))],
    [1, sequence(head, ' ', body, ' ', '{', ' ', literal, ' ', '}')],
  ),
  fc.oneof(head, literal, sequence(head, ' if'), sequence('default ', head, ' ', body)),
);
const packageLine = mostly(
  one('package p', 'package a.b["c d"]', '# about\npackage p.test', 'package p # here'),
  one('', 'package', 'package 1', 'package if.x', 'package p[x]', 'package\n  p'),
);
const importLine = mostly(
  fc.oneof(
    word('in every if contains not and or').map((text) => `import future.keywords.${text}`),
    one('import rego.v1', 'import future.keywords', 'import data.a.b', 'import input as i', 'import data.a["b"] as c'),
  ),
  fc
    .oneof(
      word(
        'x rego rego.v2 future.x data.if future.keywords.no data[x] data input.x data.not.x future["keywords"].in 1',
      ),
      one(
        'rego.v1 as v',
        'future.keywords.in as i',
        'data as if',
        '',
        'data.x as',
        'data.x as _',
        'input\n as i',
        'data . x',
      ),
    )
    .map((path) => `import ${path}`),
);
const annotation = mostly(
  one(
    ...['# title: a', '# description: |\n#   two\n#   lines', '# scope: rule', '# scope: document', '# scope: package'],
    ...[
      '# entrypoint: true',
      '#',
      '# authors:\n# - Ann Example <ann@example.com>\n# - name: Bo',
      '# organizations: [a]',
    ],
    ...['# related_resources:\n# - https://example.com\n# - ref: https://example.com/x\n#   description: y'],
    ...[
      '# custom:\n#   a: 1\n#   b: {c: [null, 1.5, "d"]}',
      '# schemas:\n#   - input: schema.x["y"]',
      '# labels:\n#   a: b',
    ],
    ...['# schemas:\n# - input: {type: object}', '# compile:\n#   unknowns: [input.x]\n#   mask_rule: x', '# x: 1'],
  ),
  one(
    ...['#title: a', '# scope: subpackages', '# scope: x', '# entrypoint: maybe', '# authors: x', '# - a', '# ['],
    ...[
      '# title: [a',
      '# related_resources:\n# - {}',
      '# schemas:\n# - 1: 2',
      '# authors:\n# - 1',
      '#\ttitle: a',
      '#:',
    ],
    ...[
      '# compile:\n#   unknowns: [1 +]',
      '# schemas:\n# - input: x y',
      '# title: a\n# title: b',
      '# custom: 1',
      '# é: *a',
    ],
  ),
);
const metadata = fc
  .tuple(
    mostly(one('# METADATA', '#METADATA'), one('# METADATA x', ' # METADATA', '#  METADATA\t')),
    fc.array(annotation, { maxLength: 3 }),
  )
  .map(([first, rest]) => [first, ...rest].join('\n'));

/** Modules that OPA often accepts. */
export const modules: Text = fc
  .tuple(
    packageLine,
    fc.array(importLine, { maxLength: 3 }),
    fc.array(weighed([8, rule], [2, sequence(metadata, '\n', rule)], [1, sequence('# so\n', rule)]), {
      minLength: 1,
      maxLength: 3,
    }),
    mostly(one('\n\n', '\n', '\r\n'), one(' ', ';'), 10),
  )
  .map(([first, imports, rules, between]) => `${[first, ...imports].join('\n')}\n\n${rules.join(between)}\n`);

const sign = fc.oneof(one(...'{}[]().,:;|"`$#\\@'), one('$"', '$`', ':=', '\ufeff', '\0', '\n'));

/** Heaps of tokens, which OPA hardly ever accepts. */
export const heaps: Text = fc
  .tuple(
    one('package p\n', 'package p\nx := ', 'package p\nx if {\n', 'package p\n# METADATA\n# ', ''),
    fc.array(fc.oneof(name, name, scalar, operator, gap, sign), { maxLength: 25 }),
    one(' ', ''),
  )
  .map(([start, tokens, between]) => start + tokens.join(between));
