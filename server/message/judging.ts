/** Asks what takes longer than a keystroke: what is known of the commit's AI use, and what the policy says. */
import type { Known } from '../../core/disclosure/known.ts';
import type { Engine } from '../../engine/engine.ts';
import { home as homeFolder } from '../file-kinds.ts';
import type { Runtime } from '../runtime.ts';
import { normalizeUri, uriWithin } from '../uris.ts';
import type { World } from '../world.ts';
import { fastFindings } from './fast.ts';
import { type RuleSource, rulesOf } from './rules.ts';
import { type Judgement, judgementOf } from './verdict.ts';
import type { MessageView } from './view.ts';

export interface JudgingOptions {
  world: World;
  runtime: Runtime;
  engine: () => Promise<Engine>;
  log(line: string): void;
}

/** What is known of the commit's AI use; nothing when it cannot be read, which is logged. */
export async function gatherFor(
  { repository, document, facts }: MessageView,
  { world, runtime, log }: JudgingOptions,
  signal: AbortSignal,
): Promise<Known> {
  const { sessionLogs } = world.current().settings;
  try {
    const params = { repository, message: document.text, sessionLogs };
    return await runtime.gatherKnown(params, facts.home, facts.now, signal);
  } catch (error) {
    signal.throwIfAborted();
    log(`What is known of the commit's AI use could not be read: ${String(error)}`);
    return { values: [], evidence: [] };
  }
}

/**
 * What the policy says of the commit that the message would make. Rejects only when the signal aborts.
 *
 * @param opened the text that the document had when it was opened
 */
export async function judge(
  { document, repository, text, facts }: MessageView,
  opened: string,
  { runtime, engine }: JudgingOptions,
  signal: AbortSignal,
): Promise<Judgement> {
  try {
    const git = await runtime.messageGit();
    const staged = {
      message: document.text,
      messageFile: text.kind === 'file',
      amend: text.kind === 'file' && (await git.amends(repository, opened)),
      // The policy finds by itself what the message shows.
      evidence: facts.known?.evidence.filter(({ source }) => source !== 'message'),
    };
    const answer = await git.decide(repository, staged, engine, facts.now, signal);
    signal.throwIfAborted();
    if ('undecided' in answer) return { kind: 'undecided', text: text.source, message: answer.undecided };
    return judgementOf(answer, text, facts, fastFindings(text, facts));
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'undecided', text: text.source, message: error instanceof Error ? error.message : String(error) };
  }
}

/** The rules of the repository's policies, where its `.countersign` folder is in the workspace. */
export function openRules(world: World, repository: string): readonly RuleSource[] | undefined {
  const root = world.current().roots.get(uriWithin(normalizeUri(repository), homeFolder));
  return root && rulesOf(root);
}

/** The same, read from disk where it is not. */
export async function rulesFor(
  repository: string,
  { world, runtime, log }: JudgingOptions,
  signal: AbortSignal,
): Promise<readonly RuleSource[]> {
  const known = openRules(world, repository);
  if (known) return known;
  const { files } = await runtime.scanFolder(repository, homeFolder, log, signal);
  const documents = files.map(({ path, text }) => {
    return [path, { uri: uriWithin(repository, path), languageId: '', version: null, text }] as const;
  });
  return rulesOf({ files: new Map(documents) });
}
