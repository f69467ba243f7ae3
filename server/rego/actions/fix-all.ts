/**
 * Everything that Regal finds in a file and that can be mended without a change of what the module decides: fixes, then linted and
 * fixed again, until nothing is left.
 */
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { toDiagnostic } from '../../diagnostics/to-diagnostic.ts';
import { kindOf } from '../../file-kinds.ts';
import { settingsFor } from '../../settings.ts';
import type { Document, Root } from '../../snapshot.ts';
import { deadlineMs } from '../check.ts';
import { inOwnLayout, ownText, ownTextEdits } from '../embedded/layout.ts';
import { withText } from '../embedded/roots.ts';
import { parse } from '../syntax/parse.ts';
import type { Tree } from '../syntax/tree.ts';
import { editedText, type Offer, type Subject } from './action.ts';
import { type Finding, findingsIn, findingsOf } from './findings.ts';
import { formattedText, lineEdit } from './format-edit.ts';
import { kinds } from './kinds.ts';
import { fixerOf, together } from './lint-fixes.ts';

/** More rounds than any module needs: a fix uncovers another one rarely, and a third hardly ever. */
const maxRounds = 8;

export function fixAll(subject: Subject): Offer[] {
  // Half a text is fixed on the next save.
  const { lint } = settingsFor(subject.snapshot.settings, subject.root.base);
  if (subject.tree.errors.length > 0 || !lint) return [];
  const title = 'Fix all that can be fixed safely';
  return [{ title, kind: kinds.fixAll, edit: async () => ({ documentChanges: await changes(subject) }) }];
}

async function changes(subject: Subject) {
  const { root, path, document } = subject;
  const text = await fixedText(subject);
  return text === document.text ? [] : [lineEdit(root, path, document, text)];
}

async function fixedText(subject: Subject): Promise<string> {
  const { snapshot, path, document, signal } = subject;
  let tree = subject.tree;
  let findings = await findingsOf(subject);
  for (let round = 0; round < maxRounds; round++) {
    const now = await fixedOnce(subject, tree, findings);
    if (now === tree.text) return now;
    tree = parse(now, { version: tree.version });
    if (tree.errors.length > 0) {
      throw new ResponseError<void>(LSPErrorCodes.RequestFailed, `The fixes do not fit together in ${path}.`);
    }
    const edited = withText(document, now);
    const { problems } = await snapshot.ask.root(
      alone(subject.root, path, edited),
      'lint',
      { paths: [path], aggregate: false },
      { signal, deadlineMs, apart: true },
    );
    findings = findingsIn(
      { document: edited },
      problems.map((problem) => toDiagnostic(subject.root, problem)),
    );
  }
  return tree.text;
}

/** The fixes that need no more than a look, together; formatting once nothing else is left to do. */
async function fixedOnce(
  { snapshot, path, document, signal }: Subject,
  tree: Tree,
  findings: readonly Finding[],
): Promise<string> {
  const fixes = findings.flatMap(({ rule, span }) => fixerOf(rule)?.(tree, span.start) ?? []);
  const edits = together(fixes.filter(({ isSafe }) => isSafe));
  if (edits.length > 0) return editedText(tree.text, edits);
  const version = { path, text: tree.text, regoVersion: tree.version };
  const found = new Set(findings.map(({ rule }) => rule));
  if (found.has('use-rego-v1')) return formattedText(snapshot.ask, { ...version, to: 'v0v1' }, signal);
  if (!found.has('opa-fmt')) return tree.text;
  if (!document.embedded) return formattedText(snapshot.ask, version, signal);
  const edited = withText(document, tree.text);
  const text = ownText(edited);
  const now = inOwnLayout(text, await formattedText(snapshot.ask, { ...version, text }, signal), tree.version);
  return TextDocument.applyEdits(TextDocument.create('', 'rego', 0, tree.text), ownTextEdits(edited, now));
}

/** A root of the one module and what its linting is configured by. */
function alone(root: Root, path: string, document: Document): Root {
  const files = new Map([[path, document]]);
  for (const [other, one] of root.files) {
    const kind = kindOf(other);
    if (kind === 'lint-config' || kind === 'lint-rule') files.set(other, one);
  }
  return { ...root, id: `${root.id}#fix-all`, files };
}
