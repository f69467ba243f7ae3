/** Brings the prompts of commit hooks to the client's window. */
import { CancellationTokenSource, type Connection } from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import type { ListenOptions, PromptLink } from '../../core/prompt-link/listen.ts';
import { guardNotification } from '../guard.ts';
import {
  type AskDisclosureParams,
  type AskDisclosureResult,
  askDisclosure,
  type PromptShownParams,
  promptShown,
  type WindowStateParams,
  windowState,
} from '../protocol.ts';
import type { Runtime } from '../runtime.ts';
import type { World } from '../world.ts';

interface Parts {
  world: World;
  runtime: Pick<Runtime, 'listenForPrompts'>;
  /** Reads what a form in this folder is made of, so that the first prompt need not wait for it. */
  warm(folder: string): Promise<unknown>;
  log(line: string): void;
}

/** Returns how to stop listening. */
export function registerWindowLink(connection: Connection, { world, runtime, warm, log }: Parts): () => Promise<void> {
  const shown = new Map<number, () => void>();
  let questions = 0;

  const ask: ListenOptions['ask'] = async (request, taken, signal) => {
    questions += 1;
    const id = questions;
    const cancel = new CancellationTokenSource();
    const onAbort = () => cancel.cancel();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) cancel.cancel();
    shown.set(id, taken);
    try {
      const params: AskDisclosureParams = { id, repository: URI.file(request.repository).toString(), request };
      return (await connection.sendRequest<AskDisclosureResult>(askDisclosure, params, cancel.token)) ?? undefined;
    } catch (error) {
      if (!signal.aborted) log(`A commit's prompt was not shown: ${error instanceof Error ? error.message : error}`);
      return undefined;
    } finally {
      shown.delete(id);
      signal.removeEventListener('abort', onAbort);
      cancel.dispose();
    }
  };

  let state: WindowStateParams | undefined;
  let link: { id: string; open: Promise<PromptLink> } | undefined;
  // One change after another: a window that is switched off and on again must end up on.
  let turn: Promise<void> = Promise.resolve();
  const follow = () => {
    turn = turn.then(change).catch((error: unknown) => {
      link = undefined;
      log(`Commits made in a terminal do not find this window: ${error instanceof Error ? error.message : error}`);
    });
    return turn;
  };
  async function change(): Promise<void> {
    const wanted = state?.terminalPrompt && world.current().trusted ? state : undefined;
    if (link && link.id !== wanted?.id) {
      const { open } = link;
      link = undefined;
      await (await open).dispose();
    }
    if (!wanted) return;
    if (!link) {
      link = { id: wanted.id, open: runtime.listenForPrompts({ id: wanted.id, ask, log }) };
      for (const folder of wanted.folders) warm(folder).catch(() => {}); // a prompt will tell
    }
    const folders = wanted.folders.map((uri) => URI.parse(uri)).filter(({ scheme }) => scheme === 'file');
    await (await link.open).update({ folders: folders.map(({ fsPath }) => fsPath), focused: wanted.focused });
  }

  connection.onNotification(
    windowState,
    guardNotification(windowState, log, (params: WindowStateParams) => {
      state = params;
      return follow();
    }),
  );
  connection.onNotification(promptShown, ({ id }: PromptShownParams) => shown.get(id)?.());
  // Trust may come later.
  world.onWrite((now, before) => {
    if (now.trusted !== before.trusted) void follow();
  });
  return () => {
    state = undefined;
    return follow();
  };
}
