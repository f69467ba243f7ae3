/** Findings about names: another one for the rule, the variable, the package or the file, everywhere. */
import { RenameFile } from 'vscode-languageserver';
import { uriOf } from '../../snapshot.ts';
import { uriWithin } from '../../uris.ts';
import { occurrenceAt } from '../names/modules.ts';
import { rangeOf } from '../places.ts';
import { rename } from '../rename.ts';
import type { Span } from '../syntax/tree.ts';
import type { Offer, Subject } from './action.ts';

/** Undefined for findings about anything else. The rename itself says why it cannot be, where it cannot. */
export function renameFor(
  subject: Subject,
  rule: string,
  span: Span,
): Pick<Offer, 'title' | 'edit' | 'disabled'> | undefined {
  if (rule === 'file-missing-test-suffix') return testSuffix(subject);
  const { root, path, document, modules, module, tree, client } = subject;
  const wanted = { 'prefer-snake-case': snakeCase, 'avoid-get-and-list-prefix': withoutPrefix }[rule];
  const at = wanted && occurrenceAt(modules, module, span.start);
  if (!wanted || !at) return undefined;
  const name = tree.text.slice(at.start, at.end);
  const now = wanted(name);
  if (now === name || !/^[A-Za-z_]\w*$/.test(now)) return undefined;
  const position = rangeOf(document, at).start;
  const able = { documentChanges: true, renamesFiles: client.renames };
  return { title: `Rename ${name} to ${now}`, edit: async () => rename(root, path, position, now, able) };
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

function withoutPrefix(name: string): string {
  return name.replace(/^(get|list)_/, '');
}

function testSuffix({ root, path, client }: Subject): Pick<Offer, 'title' | 'edit' | 'disabled'> | undefined {
  const target = path.replace(/(\.rego)?$/, '_test.rego');
  if (root.kind === 'document' || root.files.has(target)) return undefined;
  const title = `Rename the file to ${target.split('/').at(-1)}`;
  if (!client.renames) return { title, disabled: 'This editor does not rename files for a language server.' };
  return { title, edit: { documentChanges: [RenameFile.create(uriOf(root, path), uriWithin(root.base, target))] } };
}
