import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEnvelope, preAuthenticationEncoding, sealEnvelope } from '../../../core/approval/envelope.ts';

test("the pre-authentication encoding is DSSE's, by its own test vector", () => {
  // https://github.com/secure-systems-lab/dsse/blob/master/protocol.md#test-vectors
  const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
  assert.equal(encoded.toString(), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

test('lengths are in bytes, and a type cannot pass for a part of the payload', () => {
  assert.equal(preAuthenticationEncoding('é', Buffer.from('ü')).toString(), 'DSSEv1 2 é 2 ü');
  assert.notDeepEqual(
    preAuthenticationEncoding('a', Buffer.from('b 1 c')),
    preAuthenticationEncoding('a 5 b', Buffer.from('c')),
  );
});

test('what is sealed can be opened', () => {
  const [payload, bytes] = [Buffer.from([0, 255, 62, 63]), Buffer.from([251, 255, 1])];
  const envelope = sealEnvelope('text/x', payload, { format: 'ssh', key: 'SHA256:x', bytes });
  assert.deepEqual(openEnvelope(JSON.parse(JSON.stringify(envelope))), {
    payloadType: 'text/x',
    payload,
    signatures: [{ signature: bytes, format: 'ssh' }],
  });
  const urlSafe = { ...envelope, payload: 'AP8-Pw==', added: 1, signatures: [{ sig: '-_8B', format: 'ssh' }] };
  assert.deepEqual(openEnvelope(urlSafe)?.payload, payload);
  assert.deepEqual(openEnvelope(urlSafe)?.signatures[0]?.signature, bytes);
});

test('what is no envelope, or has a second form, is none', () => {
  const good = sealEnvelope('t', Buffer.from('ab'), { format: 'ssh', key: 'k', bytes: Buffer.from('c') });
  assert.ok(openEnvelope(good));
  const [signature] = good.signatures;
  for (const bad of [
    null,
    'x',
    [],
    { ...good, payloadType: 1 },
    { ...good, payload: '' },
    { ...good, payload: `${good.payload}\n` },
    { ...good, payload: ` ${good.payload}` },
    // The last character's spare bits would otherwise be free to choose.
    { ...good, payload: 'YWJ=' },
    { ...good, signatures: [] },
    { ...good, signatures: {} },
    { ...good, signatures: [null] },
    { ...good, signatures: [{ ...signature, sig: 'not base64' }] },
    { ...good, signatures: [{ ...signature, format: 'other' }] },
  ]) {
    assert.equal(openEnvelope(bad), undefined, JSON.stringify(bad));
  }
});
