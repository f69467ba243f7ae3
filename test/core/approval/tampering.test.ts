/** No byte of what is signed, or of the signature, can be another. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkCountersignatures } from '../../../core/approval/countersignatures.ts';
import type { Envelope } from '../../../core/approval/envelope.ts';
import { makeRepository } from '../../support/repository.ts';
import { allowed, commitOf, entry, opened, sealed, sshKey, sshSigner, statementOf, trustIn } from './support.ts';

const now = new Date('2024-07-01T00:00:00Z');

test('a flipped bit anywhere in payload or signature leaves nothing valid', async (t) => {
  const made = await makeRepository(t);
  await made.write('a.txt', 'one\n');
  const id = await made.commit('Add\n\nAI-Model: example-1\n');
  const repository = await opened(made);
  const commit = await commitOf(repository, id);
  const tree = (await made.git('rev-parse', `${id}^{tree}`)).trim();
  const key = sshKey(path.dirname(made.root), 'bo');
  const good = await sealed(repository, await statementOf(repository, commit, tree), sshSigner(key));
  const trust = trustIn(allowed('bo@example.com', key, ''));
  const statuses = async (envelopes: Envelope[]) => {
    const entries = envelopes.map((envelope) => entry(id, envelope));
    const found = await checkCountersignatures(repository, [commit], entries, trust, { now });
    return found.get(id)!.map(({ status }) => status);
  };
  assert.deepEqual(await statuses([good]), ['valid']);

  const flipped = (text: string, bit: number) => {
    const bytes = Buffer.from(text, 'base64');
    const at = Math.floor(bit / 8) % bytes.length;
    bytes[at]! ^= 1 << (bit % 8);
    return bytes.toString('base64');
  };
  const changes = fc.tuple(fc.constantFrom('payload', 'sig'), fc.nat(100_000));
  await fc.assert(
    fc.asyncProperty(changes, async ([what, bit]) => {
      const [signature] = good.signatures;
      const bad =
        what === 'payload'
          ? { ...good, payload: flipped(good.payload, bit) }
          : { ...good, signatures: [{ ...signature!, sig: flipped(signature!.sig, bit) }] };
      const [status] = await statuses([bad]);
      // A flipped bit of the public key in the signature makes it another key's.
      assert.ok(status === 'broken' || status === 'untrusted', `${what} ${bit}: ${status}`);
    }),
    { numRuns: 60 },
  );
});

test('any text in place of an envelope is judged, and never as valid', async (t) => {
  const made = await makeRepository(t);
  await made.write('a.txt', 'one\n');
  const repository = await opened(made);
  const commit = await commitOf(repository, await made.commit('Add\n'));
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.record({
      payloadType: fc.constantFrom('application/vnd.in-toto+json', 'x', 1),
      payload: fc.oneof(fc.base64String(), fc.string()),
      signatures: fc.oneof(
        fc.array(fc.record({ sig: fc.base64String({ minLength: 4 }), format: fc.constantFrom('ssh', 'openpgp', 'x') })),
        fc.jsonValue(),
      ),
    }),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (value) => {
      const entries = [entry(commit.sha, value)];
      const found = await checkCountersignatures(repository, [commit], entries, trustIn(''), { now });
      assert.equal(found.get(commit.sha)?.[0]?.status, 'broken');
    }),
    { numRuns: 300 },
  );
});
