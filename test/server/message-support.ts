/** Repositories and messages for the tests of the message language. */
import type { TestContext } from 'node:test';
import type { CodeAction, Diagnostic } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import { makeRepository, type TestRepository } from '../support/repository.ts';
import { applied, type Client, type ClientOptions, pushedClient, startClient } from './support.ts';

/** VS Code's capabilities, as far as messages go. */
export const capabilities = {
  ...pushedClient,
  workspace: { workspaceFolders: true, inlayHint: { refreshSupport: true } },
};

export interface MessageBench {
  repository: TestRepository;
  client: Client;
  /** The URI of VS Code's input box for the repository. */
  input: string;
  /** Opens or edits the message in the input box, and waits for a report that satisfies the condition. */
  type(text: string, when?: (diagnostics: Diagnostic[]) => boolean): Promise<Diagnostic[]>;
}

/** A repository with the files below `.countersign`, open as the workspace's folder. */
export async function openBench(
  t: TestContext,
  files: Record<string, string>,
  options: ClientOptions = {},
): Promise<MessageBench> {
  const repository = await makeRepository(t);
  for (const [path, text] of Object.entries(files)) await repository.write(path, text);
  await repository.commit('Begin\n');
  const client = await startClient(t, { capabilities, ...options });
  const folder = URI.file(repository.root).toString();
  const event = { added: [{ uri: folder, name: 'repository' }], removed: [] };
  await client.connection.sendNotification('workspace/didChangeWorkspaceFolders', { event });
  const input = `vscode-scm:git/scm0/input?rootUri%3D${encodeURIComponent(encodeURIComponent(folder))}`;
  let open = false;
  return {
    repository,
    client,
    input,
    async type(text, when = () => true) {
      client.publications.length = 0;
      if (open) await client.edit(input, text);
      else await client.open(input, text, 'scminput');
      open = true;
      return (await client.published(input, when)).diagnostics;
    },
  };
}

/** What is reported of a text that is typed into the input box: codes with the text they are at. */
export function told(text: string, diagnostics: readonly Diagnostic[]): [code: string, at: string][] {
  const document = TextDocument.create('', '', 0, text);
  return diagnostics.map(({ code, range }) => [String(code), document.getText(range)]);
}

/** The quick fixes for a report, each with the text it makes. */
export async function fixesFor(
  { client, input }: Pick<MessageBench, 'client' | 'input'>,
  text: string,
  diagnostic: Diagnostic,
): Promise<{ title: string; preferred: boolean; after: string }[]> {
  const params = { textDocument: { uri: input }, range: diagnostic.range, context: { diagnostics: [diagnostic] } };
  const actions = (await client.connection.sendRequest<CodeAction[] | null>('textDocument/codeAction', params)) ?? [];
  return actions.map(({ title, isPreferred = false, edit }) => {
    const [edits = []] = Object.values(edit?.changes ?? {});
    return { title, preferred: isPreferred, after: applied(text, edits) };
  });
}

/** A disclosure's configuration and data, without policies. */
export const configuration: Record<string, string> = {
  '.countersign/config.yaml': 'version: 1\n',
  '.countersign/data/approved-models.yaml':
    'approved_models:\n  models:\n    - name: Example\n      match: [example-1, example-2]\n  forbidden: []\n',
  '.countersign/data/scope.yaml':
    'scope:\n  tiers:\n    - name: standard\n      required: [model, context]\n      context_min_length: 10\n  default: standard\n  rules: []\n',
};

/** One policy with a rule about a field and one about the whole. */
export const policy = `# METADATA
# description: What is wrong with moods.
package own

# METADATA
# title: No blue Mondays
# description: Blue is for Sundays.
# scope: rule
deny contains {"rule": "no-monday", "field": "context", "msg": msg, "commit": commit.sha} if {
	some commit in input.commits
	some value in commit.disclosure.context
	contains(value, "blue")
	msg := $\`{value} in {count(commit.files)} files\`
}

warn contains {"rule": "long-title", "msg": "the title is long", "commit": commit.sha} if {
	some commit in input.commits
	count(commit.subject) > 40
}
`;
