/** Whatever is cut out of a module: knowledge of it is asked for at any place, and nothing breaks. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { complete } from '../../../../server/rego/completion.ts';
import { hover } from '../../../../server/rego/hover.ts';
import { signatureHelp } from '../../../../server/rego/signature.ts';
import { typeDefinition } from '../../../../server/rego/types/type-definition.ts';
import { unknownFields } from '../../../../server/rego/types/unknown-fields.ts';
import '../../../support/seed.ts';
import { fixture } from '../rego-support.ts';
import { builtins, engine, inCountersign } from './types-support.ts';

after(() => engine.dispose());

const pack = join(import.meta.dirname, '../../../../policies');
const modules = readdirSync(pack)
  .filter((name) => name.endsWith('.rego'))
  .map((name) => [name, readFileSync(join(pack, name), 'utf8')] as const);
const pieces = [
  '.',
  '[',
  '"',
  '== ',
  '(',
  '{',
  '}',
  ' with input as {',
  'some x in ',
  '# METADATA\n# ',
  'x := x',
  'every ',
  '\r\n',
  '😀',
];

test('hover, completion, signatures, type definitions and unknown fields of damaged modules', () => {
  const cut = fc.record({
    which: fc.nat(modules.length - 1),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(60),
    piece: fc.constantFrom('', ...pieces),
    behind: fc.nat(3),
  });
  fc.assert(
    fc.property(cut, ({ which, from, length, piece, behind }) => {
      const [name, text] = modules[which] as readonly [string, string];
      const at = Math.floor(from * text.length);
      const damaged = `${text.slice(0, at)}${piece}${text.slice(at + length)}`;
      const path = `.countersign/policies/${name}`;
      const others = modules.filter((one) => one[0] === 'finding.rego' || one[0] === 'disclosure.rego');
      const sources = Object.fromEntries([
        ...others.map(([other, own]) => [`.countersign/policies/${other}`, own]),
        [path, damaged],
      ]);
      const { root } = inCountersign(fixture(sources as Record<string, string>, { broken: true }));
      const lines = damaged.slice(0, at + piece.length + behind).split('\n');
      const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
      complete(root, path, position, builtins);
      complete(root, path, position, builtins, { snippets: false, trigger: ' ' });
      hover(root, path, position, builtins);
      signatureHelp(root, path, position, builtins);
      typeDefinition(root, path, position, builtins, new Map());
      unknownFields(root, path, builtins);
    }),
    { numRuns: 150 },
  );
});
