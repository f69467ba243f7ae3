/** With which input a module is evaluated: asked once, remembered for the module. */
import * as vscode from 'vscode';
import {
  type EvaluationInput,
  type InputSkeletonParams,
  type InputSkeletonResult,
  inputSkeleton,
} from '../../server/protocol.ts';
import { type Item, pickOne, separator } from '../commit/pick.ts';
import type { PolicyServer } from '../server-process.ts';

export interface Inputs {
  of(uri: string): EvaluationInput;
  /** Asks; false when the user left. */
  choose(uri: string): Promise<boolean>;
}

/** Of modules that were not chosen for long, the choice is forgotten. */
const most = 200;

const key = 'evaluationInputs';

type Choice =
  | EvaluationInput
  | { from: 'pick' }
  | { from: 'clipboard' }
  | { from: 'typed' }
  | { from: 'revision' }
  | { from: 'create' };

export function createInputs(state: vscode.Memento, server: PolicyServer): Inputs {
  // Texts may hold what nobody wants to have kept: they are gone with the window.
  const texts = new Map<string, EvaluationInput>();

  function remember(uri: string, input: EvaluationInput): void {
    texts.delete(uri);
    const { [uri]: _, ...others } = state.get<Record<string, EvaluationInput>>(key, {});
    if (input.from === 'text') texts.set(uri, input);
    const kept = [...Object.entries(others), ...(input.from === 'text' ? [] : [[uri, input] as const])];
    void state.update(key, Object.fromEntries(kept.slice(-most)));
  }

  const of = (uri: string): EvaluationInput =>
    texts.get(uri) ?? state.get<Record<string, EvaluationInput>>(key, {})[uri] ?? { from: 'nearest' };

  return {
    of,
    async choose(uri) {
      const items = choices(of(uri));
      const choice = await pickOne<Choice>(items, {
        title: vscode.l10n.t('Input for {0}', vscode.workspace.asRelativePath(vscode.Uri.parse(uri, true))),
        placeholder: vscode.l10n.t('What to evaluate this module with; it is remembered for the module'),
      });
      const input = choice && (await inputOf(choice, uri, server));
      if (!input) return false;
      remember(uri, input);
      return true;
    },
  };
}

function choices(now: EvaluationInput): Item<Choice>[] {
  const current = (one: EvaluationInput): { description?: string } =>
    JSON.stringify(one) === JSON.stringify(now) ? { description: vscode.l10n.t('chosen now') } : {};
  const item = (icon: string, label: string, choice: Choice, detail?: string): Item<Choice> => ({
    label: `$(${icon}) ${label}`,
    choice,
    ...(detail && { detail }),
    ...('uri' in choice || ['nearest', 'none', 'commit', 'staged'].includes(choice.from)
      ? current(choice as EvaluationInput)
      : {}),
  });
  const documents = vscode.workspace.textDocuments
    .filter(({ languageId, uri }) => /^(json|jsonc|yaml)$/.test(languageId) && /^(file|untitled)$/.test(uri.scheme))
    .slice(0, 20)
    .map(({ uri }) => item('json', vscode.workspace.asRelativePath(uri), { from: 'file', uri: uri.toString() }));
  return [
    item(
      'search',
      vscode.l10n.t('The Closest Sample'),
      { from: 'nearest' },
      vscode.l10n.t('input.json or input.yaml beside the module, else above it'),
    ),
    item(
      'new-file',
      vscode.l10n.t('Create input.json Beside the Module…'),
      { from: 'create' },
      vscode.l10n.t('With everything of the input that the module names'),
    ),
    ...(documents.length > 0 ? [separator<Choice>(vscode.l10n.t('Open documents')), ...documents] : []),
    separator(vscode.l10n.t('Other texts')),
    item('go-to-file', vscode.l10n.t('Choose a File…'), { from: 'pick' }),
    item(
      'clippy',
      vscode.l10n.t('JSON from the Clipboard'),
      { from: 'clipboard' },
      vscode.l10n.t('As it is now; forgotten with this window'),
    ),
    item('edit', vscode.l10n.t('Type JSON…'), { from: 'typed' }, vscode.l10n.t('Forgotten with this window')),
    separator(vscode.l10n.t('What policies judge')),
    item('git-commit', vscode.l10n.t('The Last Commit'), { from: 'commit', commit: 'HEAD' }),
    item('git-commit', vscode.l10n.t('Another Commit…'), { from: 'revision' }),
    item('git-commit', vscode.l10n.t('What Is Staged Now'), { from: 'staged' }),
    separator(''),
    item('circle-slash', vscode.l10n.t('No Input'), { from: 'none' }),
  ];
}

async function inputOf(choice: Choice, uri: string, server: PolicyServer): Promise<EvaluationInput | undefined> {
  switch (choice.from) {
    case 'pick': {
      const [file] =
        (await vscode.window.showOpenDialog({
          title: vscode.l10n.t('Input for the Evaluation'),
          filters: { 'JSON, YAML, Rego': ['json', 'yaml', 'yml', 'rego'] },
          defaultUri: vscode.Uri.joinPath(vscode.Uri.parse(uri, true), '..'),
        })) ?? [];
      return file && { from: 'file', uri: file.toString() };
    }
    case 'clipboard': {
      const text = await vscode.env.clipboard.readText();
      return { from: 'text', text, name: vscode.l10n.t('the clipboard') };
    }
    case 'typed': {
      const text = await vscode.window.showInputBox({
        title: vscode.l10n.t('Input for the Evaluation'),
        prompt: vscode.l10n.t('JSON, such as {0}', '{"user": "ann"}'),
        ignoreFocusOut: true,
        validateInput: (typed) => (isJson(typed) ? undefined : vscode.l10n.t('This is no JSON yet.')),
      });
      return text === undefined ? undefined : { from: 'text', text, name: vscode.l10n.t('what was typed') };
    }
    case 'revision': {
      const commit = await vscode.window.showInputBox({
        title: vscode.l10n.t('Input for the Evaluation'),
        prompt: vscode.l10n.t('A commit, as git names it, such as {0}', 'HEAD~1'),
        ignoreFocusOut: true,
      });
      return commit?.trim() ? { from: 'commit', commit: commit.trim() } : undefined;
    }
    case 'create':
      return createSample(uri, server);
    default:
      return choice;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Writes a sample to begin with and opens it; one that is there is opened as it is. */
async function createSample(uri: string, server: PolicyServer): Promise<EvaluationInput | undefined> {
  const file = vscode.Uri.joinPath(vscode.Uri.parse(uri, true), '..', 'input.json');
  const isThere = await vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    const client = await server.ready();
    const params: InputSkeletonParams = { uri };
    const { text } = await client.sendRequest<InputSkeletonResult>(inputSkeleton, params);
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  }
  await vscode.window.showTextDocument(file, { viewColumn: vscode.ViewColumn.Beside });
  return { from: 'nearest' };
}
