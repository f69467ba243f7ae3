/** The kinds of our code actions, in a file that the announcement can load without the actions. */
import { CodeActionKind } from 'vscode-languageserver';

export const kinds = {
  /** `source.fixAll` asks for it, too. */
  fixAll: `${CodeActionKind.SourceFixAll}.countersign`,
  /** As Regal's server calls it. */
  createTest: 'source.createTest',
  migrate: 'source.migrate.rego.v1',
} as const;

/** All that are announced for Rego. */
export const regoActionKinds: CodeActionKind[] = [
  CodeActionKind.QuickFix,
  CodeActionKind.RefactorExtract,
  CodeActionKind.RefactorInline,
  CodeActionKind.RefactorRewrite,
  CodeActionKind.SourceOrganizeImports,
  CodeActionKind.SourceFixAll,
  kinds.fixAll,
  kinds.createTest,
  kinds.migrate,
];
