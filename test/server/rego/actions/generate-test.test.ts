/** Tests are written beside the module, and they compile, run, and ask what the rules ask. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFile, TextDocumentEdit, type WorkspaceEdit } from 'vscode-languageserver/node';
import { applied } from '../../support.ts';
import { plainClient, textAfter, workspace } from './action-support.ts';

const policy = `package app.authz

import rego.v1

import input.request

default allow := false

allow if {
	admin
	request.method in {"GET", "HEAD"}
}

admin if "admin" in input.user.roles

deny contains "too many" if count(input.items) > 3

level := "high" if {
	input.score > 70
	some item in input.items
	item.kind == "x"
}

double(x) := x * 2

_private := 1
`;

const written = `package app.authz_test

import rego.v1

import data.app.authz

test_allow if {
	authz.allow with input as {"request": {"method": "GET"}, "user": {"roles": ["admin"]}}
}

test_admin if {
	authz.admin with input as {"user": {"roles": ["admin"]}}
}

test_deny if {
	"too many" in authz.deny with input as {"items": []}
}

test_level if {
	authz.level == "high" with input as {"score": 70, "items": []}
}

test_double if {
	authz.double(0)
}
`;

function made(edit: WorkspaceEdit): { uri: string; text: string } {
  const [create, text] = edit.documentChanges ?? [];
  assert.ok(CreateFile.is(create) && TextDocumentEdit.is(text));
  return {
    uri: create.uri,
    text: applied(
      '',
      text.edits.filter((one) => 'newText' in one),
    ),
  };
}

test('tests of a file and of a rule', async (t) => {
  const { open, client } = await workspace(t);
  const module = await open('app/authz.rego', policy);
  const file = made(await module.edit('Create tests of this file', { only: ['source'] }));
  assert.equal(file.uri, client.uri('policy/app/authz_test.rego'));
  assert.equal(file.text, written);
  const tests = await client.open('policy/app/authz_test.rego', file.text);
  assert.deepEqual(await client.pull(tests, 'check'), []);

  // What is there stays, and names stay apart.
  const again = await open('app/authz.rego', policy.replace('level :=', 'lev<|>el :='));
  const edit = await again.edit('Create a test of level', { only: ['refactor'] });
  assert.equal(
    textAfter(file.text, tests, edit),
    `${written}\ntest_level_2 if {\n\tauthz.level == "high" with input as {"score": 70, "items": []}\n}\n`,
  );
});

test('other forms: v0, names that are no words, values of a sample', async (t) => {
  const { open, client } = await workspace(t, {
    '.regal/config.yaml': 'project:\n  rego-version: 0\n',
    'x/input.json': '{"count": 3, "token": "s3cret-value"}',
    'x/other_test.rego': 'package x["y-z_test"]\n\nimport data.x["y-z"] as it\n\ntest_n { it.n }\n',
  });
  const module = await open('x/y.rego', 'package x["y-z"]\n\nn[k] { input.count > input.xs[k]; input.token }\n');
  const { text } = made(await module.edit('Create tests of this file', { only: ['source.createTest'] }));
  assert.equal(
    text,
    'package x["y-z_test"]\n\nimport data.x["y-z"] as y_z\n\ntest_n {\n\tcount(y_z.n) == 1 with input as {"count": 0, "xs": [""], "token": true}\n}\n',
  );
  const other = await open('x/other.rego', 'package x["y-z"]\n\nm := 1\n');
  const edit = await other.edit('Create tests of this file', { only: ['source.createTest'] });
  const uri = client.uri('policy/x/other_test.rego');
  assert.match(
    textAfter('package x["y-z_test"]\n\nimport data.x["y-z"] as it\n\ntest_n { it.n }\n', uri, edit),
    /\ttest_n|test_m \{\n\tit\.m == 1\n\}\n$/,
  );
});

test('no tests of tests, nor where files cannot be made', async (t) => {
  const { open } = await workspace(t, {}, { capabilities: plainClient });
  for (const [path, text] of [
    ['a_test.rego', 'package a_test\n\nx := 1\n'],
    ['b.rego', 'package b\n\nx := 1\n'],
  ] as const) {
    const offered = await (await open(path, text)).actions({ only: ['source.createTest'] });
    assert.deepEqual(offered, []);
  }
});
