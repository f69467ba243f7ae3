/** The modules that the Rego suite works on, and how it finds places in them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../suite.ts';
import { write } from '../workspace.ts';
import { root, uriOf } from './window.ts';

export const money = 'shop/money/money.rego';
export const discount = 'shop/discount/discount.rego';
export const discountTest = 'shop/discount/discount_test.rego';
export const template = 'templates/owner.yaml';
export const quoted = 'templates/quoted.yaml';
/** A module that no test opens, with a field that the schema beside it does not have. */
export const closed = 'closed/closed.rego';

const modules: Record<string, string> = {
  [money]: `# METADATA
# title: Money
# description: Sums of money, in cents.
package shop.money

# METADATA
# description: The price of some pieces.
total(price, pieces) := price * pieces

limit := 10000
`,
  [discount]: `package shop.discount

import data.shop.money

default allow := false

allow if {
	every line in input.lines {
		money.total(line.price, line.pieces) < money.limit
	}
	not refused
}

refused if {
	some line in input.lines
	line.price < 0
}

names contains upper(name) if {
	some line in input.lines
	name := line.name
}
`,
  [discountTest]: `package shop.discount_test

import data.shop.discount

test_cheap_lines_are_allowed if {
	discount.allow with input as {"lines": [{"name": "tea", "price": 300, "pieces": 2}]}
}
`,
  'shop/discount/input.json': '{"lines": [{"name": "tea", "price": 300, "pieces": 2}]}\n',
  [template]: `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: owner
spec:
  crd:
    spec:
      names:
        kind: Owner
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package owner

        violation[{"msg": msg}] {
          not owned
          msg := "it has no owner"
        }

        owned {
          input.review.object.metadata.labels.owner
        }
`,
  [quoted]: `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: quoted
spec:
  crd:
    spec:
      names:
        kind: Quoted
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: "package quoted\\n\\nviolation[{\\"msg\\": msg}] { msg := \\"no\\"; unnamed }\\n\\nunnamed { upper(\\"a\\") }\\n"
`,
  [closed]: 'package closed\n\nrefused if input.colour == "red"\n',
  'closed/input.schema.json': '{"type": "object", "properties": {"color": {}}, "additionalProperties": false}\n',
};

export function writeModules(): void {
  write(root, modules);
}

/** The text of a module as it was written at the start. */
export function sourceOf(path: string): string {
  return modules[path] ?? assert.fail(path);
}

/** Opens a module in an editor. */
export async function open(path: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uriOf(path));
  await vscode.window.showTextDocument(document);
  return document;
}

/** Where `text` stands first in a document, and its `|` there; the start of `text` without one. */
export function place(document: vscode.TextDocument, text: string): vscode.Position {
  const bar = text.indexOf('|');
  const at = document.getText().indexOf(text.replace('|', ''));
  assert.ok(at >= 0, `${text} is not in ${document.uri.path}`);
  return document.positionAt(at + Math.max(bar, 0));
}

/** Asks one of VS Code's own commands about a place until the answer is as wanted. */
export async function asked<T>(what: string, wanted: (answer: T) => boolean, command: string, ...args: unknown[]) {
  return until(
    what,
    async () => {
      const answer = await vscode.commands.executeCommand<T>(command, ...args);
      return answer && wanted(answer) && answer;
    },
    60_000,
  );
}

/** Places as `file:line`, from one, sorted. */
export function shownPlaces(found: readonly (vscode.Location | vscode.LocationLink)[]): string[] {
  return found
    .map((one) =>
      'targetUri' in one ? { uri: one.targetUri, range: one.targetSelectionRange ?? one.targetRange } : one,
    )
    .map(({ uri, range }) => `${uri.path.split('/').at(-1)}:${range.start.line + 1}`)
    .sort();
}
