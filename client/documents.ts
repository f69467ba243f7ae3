/** A document filter that both VS Code and the LSP understand. */
interface Filter {
  language: string;
  scheme?: string;
  pattern?: string;
}

/**
 * The documents the language server looks after: Rego everywhere, and what a repository keeps for
 * Countersign. Everything else that is YAML or JSON stays with other extensions.
 */
export const policyDocuments: Filter[] = [
  { language: 'rego' },
  ...['yaml', 'json', 'jsonc'].flatMap((language) => [
    { language, scheme: 'file', pattern: '**/.countersign/**' },
    { language, scheme: 'file', pattern: '**/*.schema_test.{yaml,yml,json}' },
  ]),
  { language: 'yaml', scheme: 'file', pattern: '**/{.regal/config,.regal}.yaml' },
];

/**
 * Commit messages: in an editor, in a rebase's list, and in the box of Source Control. Every window
 * with a repository has one, so that the server is not started for them alone.
 */
export const messageDocuments: Filter[] = [
  { language: 'git-commit' },
  { language: 'git-rebase' },
  { language: 'scminput' },
];

/** YAML in which Rego may be embedded: the text decides, since only such files are to be looked after. */
export const embeddingLanguage = 'yaml';

/** Whether a text may hold Gatekeeper's ConstraintTemplates; the server looks closer. */
export function mayEmbedRego(text: string): boolean {
  return /\bkind["']?[ \t]*:[ \t]*["']?ConstraintTemplate\b/.test(text);
}

/** Whether Rego may stand in a document: a module, or YAML that may embed some. */
export function holdsRego(document: { readonly languageId: string; getText(): string }): boolean {
  const { languageId } = document;
  return languageId === 'rego' || (languageId === embeddingLanguage && mayEmbedRego(document.getText()));
}

/** What tells that a workspace is under Countersign. */
export const configurationFile = '.countersign/config.yaml';
