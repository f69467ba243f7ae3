/**
 * Moves a module to the folder that its package names, as Regal's `directory-package-mismatch` wants it: below the
 * closest folder with a `.manifest` or a Regal configuration, which are Regal's roots, else below the workspace folder.
 */

import { RenameFile } from 'vscode-languageserver';
import { isMap, parseDocument } from 'yaml';
import { type Document, uriOf } from '../../snapshot.ts';
import { uriWithin } from '../../uris.ts';
import { lintConfigOf } from '../rego-version.ts';
import type { Offer, Subject } from './action.ts';

/** Undefined where the file has a place already, or its package names no folder. */
export function moveToPackage(subject: Subject): Pick<Offer, 'title' | 'edit' | 'disabled'> | undefined {
  const { root, path, module, client } = subject;
  if (root.kind === 'document') return undefined;
  const names = module.names.package.map(({ name }) => name);
  // Others may have a meaning of their own for the file system; Regal leaves them, too.
  if (names.length === 0 || !names.every((name) => /^[A-Za-z_][\w-]*$/.test(name))) return undefined;
  const config = lintConfigOf(root);
  const last = names.at(-1) ?? '';
  const folders = [...names.slice(0, -1), excludesTestSuffix(config) ? last.replace(/_test$/, '') : last];
  const own = path.split('/');
  const name = own.at(-1) ?? '';
  const wanted = [...rootOf(subject, own.slice(0, -1)), ...folders];
  const target = free(subject, [...wanted, name].join('/'));
  if (target === path) return undefined;
  const title = `Move the file to ${wanted.join('/')}/`;
  if (!client.renames) return { title, disabled: 'This editor does not move files for a language server.' };
  return { title, edit: { documentChanges: [RenameFile.create(uriOf(root, path), uriWithin(root.base, target))] } };
}

/** Regal's default, unless its configuration says otherwise. */
function excludesTestSuffix(config: Document | undefined): boolean {
  if (!config) return true;
  const { contents } = parseDocument(config.text, { logLevel: 'silent' });
  if (!isMap(contents)) return true;
  return contents.getIn(['rules', 'idiomatic', 'directory-package-mismatch', 'exclude-test-suffix']) !== false;
}

/** The closest folder, from the module's own upwards, that begins a bundle or a project of its own. */
function rootOf({ root }: Subject, folders: readonly string[]): string[] {
  for (let count = folders.length; count > 0; count--) {
    const folder = folders.slice(0, count).join('/');
    const marks = ['.manifest', '.regal.yaml', '.regal/config.yaml'];
    if (marks.some((mark) => root.files.has(`${folder}/${mark}`))) return folders.slice(0, count);
  }
  return [];
}

/** The path, or where a file has it the next with a number, as Regal's own server makes it. */
function free({ root, path }: Subject, wanted: string): string {
  const [, stem = wanted, test = ''] = /^(.*?)(_test)?\.rego$/.exec(wanted) ?? [];
  for (let number = 0; ; number++) {
    const target = number === 0 ? wanted : `${stem}_${number}${test}.rego`;
    if (target === path || !root.files.has(target)) return target;
  }
}
