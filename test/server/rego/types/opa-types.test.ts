/** Beside OPA's type checker: of schemas in METADATA, the references that it refuses are those that we would flag. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { modulesOf } from '../../../../server/rego/names/modules.ts';
import { unknownIn } from '../../../../server/rego/types/unknown-fields.ts';
import '../../../support/seed.ts';
import { fixture } from '../rego-support.ts';
import { builtins, engine } from './types-support.ts';

after(() => engine.dispose());

const names = ['a', 'b', 'c', 'd'];

/**
 * Schemas that close what they describe. Left out is what OPA reads in a way of its own: objects without properties are
 * open to it, `oneOf`, `enum` and `null` without a type are anything, and no type beside `anyOf` counts.
 */
const { schema } = fc.letrec<{ schema: object; object: object }>((tie) => ({
  object: fc
    .dictionary(fc.constantFrom(...names), tie('schema'), { minKeys: 1, maxKeys: 3 })
    .map((properties) => ({ type: 'object', properties, additionalProperties: false })),
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<object>(
      { type: 'string' },
      { type: 'integer' },
      { type: 'boolean' },
      { type: 'string', enum: ['x', 'y'] },
      { type: 'array', items: { type: 'string' } },
      { $ref: '#/definitions/tree' },
      {},
    ),
    tie('object'),
    tie('object'),
    tie('schema').map((items) => ({ type: 'array', items })),
    fc
      .array(tie('schema'), { minLength: 1, maxLength: 2 })
      .map((items) => ({ type: 'array', items, additionalItems: false })),
    fc.array(tie('object'), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
    tie('object').map((one) => ({
      allOf: [one, { type: 'object', properties: { e: {} }, additionalProperties: false }],
    })),
  ),
}));

const definitions = {
  tree: {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'array', items: { $ref: '#/definitions/tree' } } },
    additionalProperties: false,
  },
};

const step = fc.constantFrom(...names.map((name) => `.${name}`), '.e', '["a"]', '["b"]', '[_]', '[0]', '[1]');

/** A body that looks into the input, at once or by variables. */
const body = fc
  .tuple(fc.array(step, { minLength: 1, maxLength: 3 }), fc.array(step, { minLength: 1, maxLength: 2 }), fc.nat(3))
  .map(([first, second, kind]) => {
    const at = `input${first.join('')}`;
    if (kind === 0) return `x := ${at}\n\tx${second.join('')}`;
    if (kind === 1) return `some y in ${at}\n\ty${second.join('')}`;
    return at;
  });

test('a reference is flagged where OPA refuses it', async () => {
  let refused = 0;
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom(...names), schema, { minKeys: 2 }),
      fc.array(body, { minLength: 20, maxLength: 20 }),
      async (properties, bodies) => {
        const whole = JSON.stringify({ type: 'object', properties, additionalProperties: false, definitions });
        const rules = bodies.map((text, at) => `r${at} if {\n\t${text}\n}\n`);
        const text = `# METADATA\n# schemas:\n#   - input: schema.whole\npackage p\n\n${rules.join('\n')}`;
        const { root } = fixture({ 'p.rego': text, 'schemas/whole.json': whole });
        const module = modulesOf(root).byPath.get('p.rego') ?? assert.fail();
        const ruleAt = (line: number) =>
          /^r\d+/.exec(
            text
              .split('\n')
              .slice(0, line + 1)
              .findLast((one) => /^r\d+/.test(one)) ?? '',
          )?.[0];
        await engine.call('workspace/open', {
          workspace: 'types',
          files: [
            { path: 'p.rego', kind: 'module', text },
            { path: 'schemas/whole.json', kind: 'schema', text: whole },
          ],
        });
        const { problems } = await engine.call('check', { workspace: 'types', paths: ['p.rego'] });
        assert.deepEqual(
          problems.filter(({ code }) => code !== 'rego_type_error'),
          [],
        );
        const theirs = new Set(problems.map(({ range }) => ruleAt(range.start.line)));
        const lines = (offset: number) => text.slice(0, offset).split('\n').length - 1;
        const found = unknownIn(root, module, builtins, { fields: new Set(['metadata']), values: new Set() });
        const ours = new Set(found.map(({ start }) => ruleAt(lines(start))));
        refused += theirs.size;
        taken += bodies.length - theirs.size;
        assert.deepEqual(
          [...ours].sort(),
          [...theirs].sort(),
          `${whole}\n${text}\n${JSON.stringify(problems.map(({ message, range }) => [range.start.line, message]))}`,
        );
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(refused > 50 && taken > 50, `${refused} refused, ${taken} taken`);
});
