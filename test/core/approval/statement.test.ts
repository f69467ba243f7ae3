import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  type ApprovalStatement,
  approvalPredicateType,
  decodeStatement,
  disclosureDigest,
  encodeStatement,
} from '../../../core/approval/statement.ts';

const whole: ApprovalStatement = {
  commit: 'a'.repeat(40),
  tree: 'b'.repeat(40),
  approver: { name: 'Bo Éxample', email: 'bo@example.com' },
  approvedAt: '2026-01-31T12:00:00Z',
  reason: 'Read every line.',
  disclosure: 'c'.repeat(64),
  policy: {
    revision: 'd'.repeat(40),
    tree: 'e'.repeat(40),
    decision: 'id',
    result: 'deny',
    denied: ['approved-model'],
  },
  patch: { id: 'f'.repeat(40), sha256: '0'.repeat(64) },
  repository: { host: 'example.com', owner: 'team', name: 'app' },
};

test('a statement is an in-toto Statement v1 about commit and tree', () => {
  const document = JSON.parse(encodeStatement(whole).toString('utf8'));
  assert.deepEqual(Object.keys(document), ['_type', 'subject', 'predicateType', 'predicate']);
  assert.equal(document._type, 'https://in-toto.io/Statement/v1');
  assert.deepEqual(document.subject, [
    { name: 'commit', digest: { gitCommit: whole.commit } },
    { name: 'tree', digest: { gitTree: whole.tree } },
  ]);
  assert.equal(document.predicateType, approvalPredicateType);
  assert.deepEqual(document.predicate.disclosure, { digest: { sha256: whole.disclosure } });
});

test('what is encoded is decoded, with all and with the least', () => {
  assert.deepEqual(decodeStatement(encodeStatement(whole)), whole);
  const { reason: _reason, patch: _patch, repository: _repository, ...least } = whole;
  const bare: ApprovalStatement = { ...least, policy: { revision: 'pack@0.1.0', decision: 'id', result: 'allow' } };
  assert.deepEqual(decodeStatement(encodeStatement(bare)), bare);
});

test('members that are not known are left out of account; wrong ones make it none', () => {
  const document = JSON.parse(encodeStatement(whole).toString('utf8'));
  const read = (value: unknown) => decodeStatement(Buffer.from(JSON.stringify(value)));
  assert.deepEqual(read({ ...document, added: 1, predicate: { ...document.predicate, added: [] } }), whole);
  const predicate = (fields: object) => ({ ...document, predicate: { ...document.predicate, ...fields } });
  for (const bad of [
    null,
    [],
    { ...document, _type: 'https://in-toto.io/Statement/v0.1' },
    { ...document, predicateType: 'https://slsa.dev/provenance/v1' },
    { ...document, subject: [] },
    { ...document, subject: [document.subject[0]] },
    // Two commits: which of them was meant?
    { ...document, subject: [...document.subject, { name: 'x', digest: { gitCommit: 'f'.repeat(40) } }] },
    { ...document, subject: [{ digest: { gitCommit: 'HEAD', gitTree: whole.tree } }] },
    predicate({ approver: { name: 'Bo' } }),
    predicate({ approvedAt: 'soon' }),
    predicate({ approvedAt: '2026-13-41T12:00:00Z' }),
    predicate({ reason: 1 }),
    predicate({ disclosure: { digest: { sha1: 'c'.repeat(40) } } }),
    predicate({ policy: { revision: 'x', decision: 'id', result: 'maybe' } }),
    predicate({ policy: undefined }),
    predicate({ patch: { id: 'x' } }),
    predicate({ repository: 'app' }),
  ]) {
    assert.equal(read(bad), undefined, JSON.stringify(bad));
  }
  assert.equal(decodeStatement(Buffer.from('{')), undefined);
  assert.equal(decodeStatement(Buffer.from([0x7b, 0xff, 0x7d])), undefined);
});

test('the digest of a disclosure is that of its canonical JSON, whatever the order of its fields', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  assert.equal(disclosureDigest(undefined), sha256('{}'));
  const digest = disclosureDigest({ model: ['a', 'ü'], context: ['"q"'] });
  assert.equal(digest, sha256('{"context":["\\"q\\""],"model":["a","ü"]}'));
  assert.equal(disclosureDigest({ context: ['"q"'], model: ['a', 'ü'] }), digest);
  assert.notEqual(disclosureDigest({ context: ['"q"'], model: ['ü', 'a'] }), digest, 'the order of values counts');
});
