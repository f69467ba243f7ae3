/** What the servers are measured on: files, with faults in them whose reports tell that the work on all is done. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Diagnostic } from 'vscode-languageserver/node';
import { readRegalBundle } from '../regal-bundle.ts';
import { generateWorkspace } from './generated-workspace.ts';

export interface Workspace {
  /** For people: what it is, and how many modules. */
  name: string;
  files: ReadonlyMap<string, string>;
  /** The module that is edited. */
  edited: string;
  /** Modules in which requests are made. */
  asked: string[];
  /** What has been reported once the whole workspace is linted: no other module holds these faults. */
  planted: { path: string; found: (diagnostic: Diagnostic) => boolean }[];
}

/** How many closed modules have a finding of their own added to them, spread over all. */
const marks = 10;

const nowhere = 'zz/nowhere/nowhere.rego';

/** The built-ins that Regal's rules call, which it knows from itself, as its configuration would name them. */
const regalBuiltins = `
capabilities:
  plus:
    builtins:
      - name: regal.last
        decl: { type: function, args: [{ type: array, dynamic: { type: any } }], result: { type: any } }
      - name: regal.parse_module
        decl:
          type: function
          args: [{ type: string }, { type: string }]
          result: { type: object, dynamic: { key: { type: string }, value: { type: any } } }
      - name: regal.is_formatted
        decl: { type: function, args: [{ type: string }, { type: any }], result: { type: boolean } }
`;

/** Regal's own bundle, with the configuration that Regal's repository has for it. */
export function bundleWorkspace(): Workspace {
  const { folder, files } = readRegalBundle();
  const edited = 'regal/result/result.rego';
  const asked = [
    'regal/ast/ast.rego',
    'regal/rules/bugs/constant-condition/constant_condition.rego',
    'regal/rules/imports/unresolved-reference/unresolved_reference.rego',
    'regal/rules/style/prefer-some-in-iteration/prefer_some_in_iteration.rego',
    'regal/util/util.rego',
    'regal/config/config.rego',
  ];
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  texts.set('.regal/config.yaml', readFileSync(join(folder, '.regal/config.yaml'), 'utf8') + regalBuiltins);
  return {
    name: 'Regal’s bundle',
    ...planted(texts, [edited, ...asked]),
    edited,
    asked,
  };
}

export function generatedWorkspace(modules: number): Workspace {
  const files = generateWorkspace(modules);
  const paths = files.map(({ path }) => path);
  const first = (start: string) => paths.filter((path) => path.startsWith(start) && !path.endsWith('_test.rego'));
  // With what it refers to, the gate is one of 33 modules.
  const [edited, gate] = first('gate/') as [string, string];
  const asked = [...first('lib/').slice(0, 1), ...first('model/').slice(0, 1), ...first('rules/').slice(0, 2), gate];
  return {
    name: `${modules} generated modules`,
    ...planted(new Map(files.map(({ path, text }) => [path, text])), [edited, ...asked]),
    edited,
    asked,
  };
}

/** With the faults in modules that nobody opens. */
function planted(files: Map<string, string>, opened: readonly string[]): Pick<Workspace, 'files' | 'planted'> {
  const modules = [...files.keys()].filter((path) => path.endsWith('.rego') && !opened.includes(path));
  const marked = Array.from({ length: marks }, (_, at) => modules[Math.floor(((at + 0.5) * modules.length) / marks)]!);
  for (const path of marked) files.set(path, `${files.get(path)}\n\n\n# TODO: planted\n`);
  // Whether an import leads anywhere takes all modules to tell.
  files.set(
    nowhere,
    '# METADATA\n# description: Imports what there is not\npackage zz.nowhere\n\nimport data.zz.there_is_none\n\n# METADATA\n# description: Uses it\nneeds := there_is_none.name\n',
  );
  const isMark = isFinding('todo-comment');
  return {
    files,
    planted: [
      ...marked.map((path) => ({ path, found: isMark })),
      { path: nowhere, found: isFinding('unresolved-import') },
    ],
  };
}

const made: string[] = [];
process.once('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder for the time of the benchmark. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-bench-')));
  made.push(folder);
  return folder;
}

/** Whether a diagnostic is of this rule of Regal's; some name the rule's category before it. */
export function isFinding(rule: string): (diagnostic: Diagnostic) => boolean {
  return ({ code }) => String(code).split('/').at(-1) === rule;
}

/** Writes a workspace into a folder of its own. */
export function writeWorkspace(files: ReadonlyMap<string, string>): string {
  const folder = temporaryFolder();
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
