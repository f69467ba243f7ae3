/** Rego in quoted, folded and plain scalars, as the `yaml` package writes and reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ResponseError } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Document, parse, Scalar } from 'yaml';
import { readTargets } from '../../../../server/rego/embedded/documents.ts';
import { scalarEdits } from '../../../../server/rego/embedded/scalar-edits.ts';
import { scalarPlaces } from '../../../../server/rego/embedded/scalar-places.ts';
import { applied } from '../../support.ts';

const word = fc.constantFrom(
  ...['a', 'é𝒳', "it's", '"x"', '\\', '\n', '\n\n', ' ', '\t', '\n\t', '  ', '#', ': ', '\u0085', '\u2028', '\0', '🏴'],
  ...['longer words here', '{"msg": msg}', 'x := 1', '- a', '}', '\ufeff', '%', '\r\n', '---'],
);
/** What the library writes without quotes, too. */
const plainWord = fc.constantFrom('a', 'x := 1', '}', "it's", 'longer words here', '\n');
const rego = fc
  .oneof(
    fc.array(word, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(' ')),
    fc.array(plainWord, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(' ').replace(/ *\n */g, '\n')),
  )
  .map((text) => `package ${text}`);
const ended = fc.tuple(rego, fc.constantFrom('end', 'end\n', '\n\n')).map((parts) => parts.join(''));
const style = fc.constantFrom(Scalar.QUOTE_DOUBLE, Scalar.QUOTE_SINGLE, Scalar.PLAIN, Scalar.BLOCK_FOLDED);
const ending = fc.constantFrom('\n', '\r\n');

/** Rego in one of the styles, with more of the file behind it. */
const file = fc
  .record({ wanted: ended, type: style, lineWidth: fc.constantFrom(20, 80), end: ending, isFlow: fc.boolean() })
  .map(({ wanted, type, lineWidth, end, isFlow }) => {
    const scalar = new Scalar(wanted);
    scalar.type = type;
    const document = new Document({ kind: 'ConstraintTemplate', spec: { targets: [{ target: 't' }] } });
    document.setIn(['spec', 'targets', 0, 'rego'], scalar);
    document.setIn(['spec', 'targets', 0, 'libs'], ["package 'lib'.a\n"]);
    if (isFlow) Object.assign(document.getIn(['spec', 'targets', 0]) as object, { flow: true });
    return document.toString({ lineWidth }).replaceAll('\n', end);
  });

const textsIn = (text: string) => readTargets(text).flatMap(({ texts }) => texts);

function scalarIn(text: string) {
  const [source] = textsIn(text);
  assert.ok(source);
  // The library takes another style where one cannot hold the text.
  if (source.block) return undefined;
  const yaml = { uri: 'file:///a.yaml', languageId: 'yaml', version: 1, text };
  return { yaml, source, places: scalarPlaces(yaml, source) };
}

test('characters are found where they are written, and the other way round', () => {
  let seen = 0;
  fc.assert(
    fc.property(file, (text) => {
      const scalar = scalarIn(text);
      if (!scalar) return;
      const { source, places } = scalar;
      const { value } = source;
      const lines = TextDocument.create('', '', 0, text);
      assert.ok(places.written(), text);
      seen++;
      for (let offset = 0; offset < value.length; offset++) {
        if (/[\uDC00-\uDFFF]/.test(value.charAt(offset))) continue;
        const character = String.fromCodePoint(value.codePointAt(offset) ?? 0);
        const { start, end } = places.rangeOf({ start: offset, end: offset + character.length });
        assert.equal(places.offsetAt(start), offset);
        assert.equal(places.offsetAt(end), offset + character.length, JSON.stringify([text, offset]));
        const written = text.slice(lines.offsetAt(start), lines.offsetAt(end));
        if (!/\s/.test(character)) {
          assert.ok(written === character || parse(`"${written}"`) === character || written === "''", written);
        }
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(seen > 100);
});

test('what is edited in a scalar reads back as the edited Rego, whatever it is written in', () => {
  const change = fc.record({ at: fc.nat(), length: fc.nat(6), put: fc.oneof(word, fc.constant('')) });
  const kinds = new Map<string, number>();
  fc.assert(
    fc.property(file, fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), (text, changes, wholeLines) => {
      const scalar = scalarIn(text);
      if (!scalar) return;
      const { source, places } = scalar;
      const { value } = source;
      const isWhole = (at: number) =>
        !/[\uDC00-\uDFFF]/.test(value.charAt(at)) && value.slice(at - 1, at + 1) !== '\r\n';
      const spans: { start: number; end: number; put: string }[] = [];
      for (const { at, length, put } of changes) {
        let start = at % value.length;
        let end = Math.min(start + length, value.length);
        if (wholeLines) {
          start = value.lastIndexOf('\n', start - 1) + 1;
          end = value.indexOf('\n', end) + 1 || value.length;
        }
        const isFree = spans.every((one) => end < one.start || one.end < start);
        if (isFree && isWhole(start) && isWhole(end)) spans.push({ start, end, put });
      }
      spans.sort((a, b) => a.start - b.start);
      let expected = '';
      let last = 0;
      for (const { start, end, put } of spans) {
        expected += value.slice(last, start) + put.replaceAll('\r\n', '\n');
        last = end;
      }
      expected += value.slice(last);
      if (expected.trim() === '') return;
      const asked = spans.map(({ start, end, put }) => ({ range: places.rangeOf({ start, end }), newText: put }));
      let edits: ReturnType<typeof scalarEdits>;
      try {
        edits = scalarEdits(scalar, asked);
      } catch (error) {
        assert.ok(error instanceof ResponseError);
        kinds.set('withheld', (kinds.get('withheld') ?? 0) + 1);
        return;
      }
      const after = applied(text, edits);
      assert.deepEqual(
        textsIn(after).map((one) => one.value),
        [
          expected,
          ...textsIn(text)
            .slice(1)
            .map((one) => one.value),
        ],
        JSON.stringify([text, after]),
      );
      const spec = parse(after) as { spec: { targets: [{ rego: string; libs: [string] }] } };
      assert.equal(spec.spec.targets[0].rego, expected);
      assert.equal(spec.spec.targets[0].libs[0], "package 'lib'.a\n");
      const kind = textsIn(after)[0]?.block ? 'block' : (places.written()?.style ?? '');
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }),
    { numRuns: 1000 },
  );
  for (const kind of ['block', 'double', 'single', 'folded', 'plain']) assert.ok(kinds.has(kind), kind);
});
