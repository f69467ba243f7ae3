/**
 * The input of an evaluation. The file beside or above a module is found as OPA's extension and Regal find it: the
 * closest `input.json` or `input.yaml` on the way from the module's folder to the workspace's.
 *
 * https://github.com/open-policy-agent/regal/blob/v0.42.0/internal/lsp/input/input.go (FindForPath)
 * https://github.com/open-policy-agent/vscode-opa/blob/main/src/extension.ts (getInputPath)
 */
import { URI, Utils } from 'vscode-uri';
import type { EvaluationInput } from '../../protocol.ts';
import type { Snapshot } from '../../snapshot.ts';
import { nameOf, normalizeUri, pathWithin, uriWithin } from '../../uris.ts';

export interface FoundInput {
  /** For people. */
  name: string;
  uri?: string;
  /** As the engine is to call it: by its ending it is YAML or JSON. */
  path: string;
  text: string;
}

/** There is no input as it was asked for; the message says why. */
export class NoInput extends Error {
  override name = 'NoInput';
}

export interface InputSources {
  readFile(uri: string): Promise<string | undefined>;
  /** The input of a commit, or of what is staged, of the repository that a folder is in; as JSON. */
  ofRepository(folder: string, what: { commit: string } | 'staged', signal: AbortSignal): Promise<string>;
}

/** What the input is for. */
export interface InputFor {
  /** URI. */
  uri: string;
  text: string;
  /** The module says that it is to be evaluated with its own syntax tree, as rules of Regal are written. */
  wantsItself: boolean;
}

/** Undefined where there is none. Rejects with {@link NoInput}. */
export async function findInput(
  snapshot: Snapshot,
  module: InputFor,
  choice: EvaluationInput,
  sources: InputSources,
  signal: AbortSignal,
): Promise<FoundInput | undefined> {
  switch (choice.from) {
    case 'none':
      return undefined;
    case 'nearest':
      if (module.wantsItself) return { name: 'the module itself', path: nameOf(module.uri), text: module.text };
      return nearest(snapshot, module.uri, sources);
    case 'file': {
      const text = await textOf(snapshot, choice.uri, sources);
      if (text === undefined) throw new NoInput(`The input ${nameOf(choice.uri)} is not there, or is no text file.`);
      return fileInput(snapshot, choice.uri, text);
    }
    case 'text':
      if (choice.text.trim() === '') throw new NoInput(`The input (${choice.name}) is empty.`);
      return { name: choice.name, path: 'input.json', text: choice.text };
    case 'commit': {
      const commit = choice.commit ?? 'HEAD';
      const text = await ofRepository(sources, module.uri, { commit }, signal);
      return { name: commit === 'HEAD' ? 'the last commit' : `commit ${commit}`, path: 'input.json', text };
    }
    case 'staged':
      return {
        name: 'what is staged',
        path: 'input.json',
        text: await ofRepository(sources, module.uri, 'staged', signal),
      };
  }
}

async function ofRepository(
  { ofRepository: ask }: InputSources,
  module: string,
  what: { commit: string } | 'staged',
  signal: AbortSignal,
): Promise<string> {
  if (!module.startsWith('file:')) throw new NoInput('The module lies in no repository: it is not on disk.');
  try {
    return await ask(folderOf(module), what, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new NoInput(
      `The input of ${what === 'staged' ? 'what is staged' : `commit ${what.commit}`} cannot be put together: ${
        error instanceof Error ? error.message : String(error)
      }`,
    );
  }
}

async function nearest(snapshot: Snapshot, module: string, sources: InputSources): Promise<FoundInput | undefined> {
  const own = normalizeUri(module);
  if (!own.startsWith('file:')) return undefined;
  const top = snapshot.folders.find(({ uri }) => pathWithin(uri, own) !== undefined)?.uri ?? folderOf(own);
  for (let folder = folderOf(own); ; folder = folderOf(folder)) {
    for (const name of ['input.json', 'input.yaml']) {
      const uri = uriWithin(folder, name);
      const text = await textOf(snapshot, uri, sources);
      if (text !== undefined) return fileInput(snapshot, uri, text);
    }
    if (folder === top || folder === folderOf(folder)) return undefined;
  }
}

function fileInput(snapshot: Snapshot, uri: string, text: string): FoundInput {
  const normal = normalizeUri(uri);
  const folder = snapshot.folders.find((one) => pathWithin(one.uri, normal) !== undefined);
  const name = (folder && pathWithin(folder.uri, normal)) ?? nameOf(normal);
  return { name, uri, path: name, text };
}

async function textOf(snapshot: Snapshot, uri: string, { readFile }: InputSources): Promise<string | undefined> {
  return snapshot.open.get(normalizeUri(uri))?.text ?? (await readFile(uri));
}

function folderOf(uri: string): string {
  return Utils.dirname(URI.parse(uri)).toString();
}
