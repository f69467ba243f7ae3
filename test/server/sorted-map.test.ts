/** Maps that share what they have in common: the same as a plain map, whatever is done to them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SortedMap } from '../../server/sorted-map.ts';

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '/', 'é'), maxLength: 4 });
const edit = fc.array(fc.tuple(key, fc.option(fc.nat(3), { nil: undefined })), { maxLength: 40 });
const many = Array.from({ length: 500 }, (_, at) => [`k${at}`, at] as [string, number]);

function plain(map: ReadonlyMap<string, number>): [string, number][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

test('edits as those of a plain map, in order; the version before stays as it was', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(edit, { maxLength: 6 }), key, (large, edits, prefix) => {
      const model = new Map<string, number>(large ? many : []);
      let map = SortedMap.of(model);
      for (const changes of edits) {
        const before = map;
        const was = [...before];
        for (const [one, value] of changes) {
          if (value === undefined) model.delete(one);
          else model.set(one, value);
        }
        map = before.edited(new Map(changes));
        assert.deepEqual([...map], plain(model));
        assert.equal(map.size, model.size);
        assert.deepEqual([...before], was);
        const differing = [...new Set([...map.keys(), ...before.keys()])].filter(
          (one) => map.get(one) !== before.get(one),
        );
        assert.deepEqual(SortedMap.differences(before, map).sort(), differing.sort());
        if (differing.length === 0) assert.equal(map, before);
      }
      assert.deepEqual(
        [...map.startingWith(prefix)],
        plain(model).filter(([one]) => one.startsWith(prefix)),
      );
      for (const one of [prefix, ...model.keys()]) {
        assert.equal(map.get(one), model.get(one));
        assert.equal(map.has(one), model.has(one));
      }
    }),
  );
});
