/**
 * Looks after the open messages: publishes what is wrong with each at every keystroke, and what the
 * policy says of it once the typing pauses.
 *
 * The reports are published, not pulled: VS Code's client drops what it pulled for a document that no
 * tab shows, and its input box is in none.
 */
import type { Diagnostic } from 'vscode-languageserver';
import type { Home } from '../../core/disclosure/home.ts';
import { commentPrefixOf } from '../../core/git/message-file.ts';
import type { Document, Snapshot } from '../snapshot.ts';
import { normalizeUri } from '../uris.ts';
import { type Desk, listOn, newDesk } from './desk.ts';
import { messageKind } from './documents.ts';
import { fastFindings } from './fast.ts';
import { type Finding, findingDiagnostics } from './finding.ts';
import { gatherFor, type JudgingOptions, judge, openRules, rulesFor } from './judging.ts';
import { findPlace } from './places.ts';
import { type RebaseView, rebaseDiagnostics } from './rebase.ts';
import { searchSecrets, secretFindings } from './secrets.ts';
import { readMessageText } from './text.ts';
import { besides, judgementDiagnostics, withoutOverruled } from './verdict.ts';
import type { MessageView } from './view.ts';

/** How long nothing may have been typed before more than the text is looked at, in milliseconds. */
const settle = { secrets: 60, policy: 250 };

/** How long what is known of a commit's AI use is taken for true, in milliseconds. */
const knownFor = 10_000;

/** How long a repository's people are, in milliseconds: they come from its history. */
const peopleFor = 300_000;

export interface MessagesOptions extends JudgingOptions {
  /** The `.countersign` folder of a repository; undefined where there is none. */
  homeOf(snapshot: Snapshot, repository: string, signal: AbortSignal): Promise<Home | undefined>;
  /** Resolves when the folders have been read. */
  ready(): Promise<void>;
  publish(document: Document, diagnostics: Diagnostic[]): void;
  /** What the policy says of some message has changed. */
  judged(): void;
}

export interface Messages {
  /** A message as it is now; undefined for other documents, and where nothing is under Countersign. */
  view(uri: string): Promise<MessageView | undefined>;
  /** A rebase's todo list as it is now; undefined for other documents, and in workspaces that are not trusted. */
  rebase(uri: string): Promise<RebaseView | undefined>;
  /** Whom a trailer may name, best first; asked of git now and then. */
  people(view: MessageView): Promise<readonly { value: string; detail?: string }[]>;
  /** Looks at all of them again. */
  refresh(): void;
  dispose(): void;
}

export function createMessages(options: MessagesOptions): Messages {
  const { world, runtime, log } = options;
  const desks = new Map<string, Desk>();
  const people = new Map<string, { at: number; found: ReturnType<Messages['people']> }>();

  function deskOf(document: Document, snapshot: Snapshot): Desk {
    const key = normalizeUri(document.uri);
    let desk = desks.get(key);
    if (!desk || desk.trusted !== snapshot.trusted) {
      desk?.work.abort();
      const place = options.ready().then(() => findPlace(document, world.current(), runtime));
      place.catch((error: unknown) => log(`${document.uri}: its repository was not found: ${String(error)}`));
      desk = newDesk(desk?.opened ?? document.text, place, snapshot.trusted);
      desks.set(key, desk);
    }
    return desk;
  }

  async function viewOf(document: Document, desk: Desk): Promise<MessageView | undefined> {
    const kind = messageKind(document);
    const place = await desk.place.catch(() => undefined);
    if (!place || !kind || kind === 'rebase') return undefined;
    // The folders have been read by now, and with them, perhaps, this repository's.
    const snapshot = world.current();
    const asked = options.homeOf(snapshot, place.repository, new AbortController().signal);
    // Outside the workspace the disk is read for it: the last one will do until it is.
    if (!desk.home) desk.home = await asked;
    else asked.then((home) => renewed(document, desk, home)).catch((error: unknown) => log(String(error)));
    if (!desk.home) return undefined;
    const { comment, cleanup = 'strip' } = place.settings;
    const text = readMessageText(document.text, {
      kind,
      commentPrefix: kind === 'input' ? '#' : commentPrefixOf(comment, document.text),
      strip: kind === 'file' && (cleanup === 'strip' || cleanup === 'default'),
    });
    const facts = { home: desk.home, now: runtime.now(), ...(desk.known && { known: desk.known.value }) };
    const found: Finding[] = [...fastFindings(text, facts), ...secretFindings(text, desk.secrets)];
    const findings = withoutOverruled(found, desk.judgement);
    const { judgement } = desk;
    const rules = openRules(world, place.repository) ?? desk.rules;
    return {
      document,
      repository: place.repository,
      text,
      facts,
      findings,
      judgement,
      rules,
      judges: snapshot.trusted,
    };
  }

  async function listOf(document: Document, desk: Desk): Promise<RebaseView | undefined> {
    const place = await desk.place.catch(() => undefined);
    if (!place || !desk.trusted || messageKind(document) !== 'rebase') return undefined;
    const home = await options.homeOf(world.current(), place.repository, desk.work.signal);
    return home && listOn(desk, document, place.repository, home, runtime);
  }

  /** The configuration was read again and is another one. */
  function renewed(document: Document, desk: Desk, home: Home | undefined): void {
    if (desk.home === home || desks.get(normalizeUri(document.uri)) !== desk) return;
    desk.home = home;
    void look(document.uri);
  }

  function show({ document, text, facts, findings, judgement, rules }: MessageView): void {
    options.publish(document, [
      ...findingDiagnostics(text, besides(findings, judgement)),
      ...judgementDiagnostics(judgement, text, facts, rules),
    ]);
  }

  function isLatest(document: Document): boolean {
    return world.current().open.get(normalizeUri(document.uri)) === document;
  }

  /** Reports on a message, and begins what takes longer. */
  async function look(uri: string): Promise<void> {
    const snapshot = world.current();
    const document = snapshot.open.get(normalizeUri(uri));
    if (!document || !messageKind(document)) return;
    const desk = deskOf(document, snapshot);
    desk.work.abort();
    desk.work = new AbortController();
    const { signal } = desk.work;
    try {
      if (messageKind(document) === 'rebase') {
        const list = await listOf(document, desk);
        if (isLatest(document)) options.publish(document, list ? rebaseDiagnostics(list) : []);
        return;
      }
      const view = await viewOf(document, desk);
      if (!isLatest(document) || signal.aborted) return;
      if (!view) return options.publish(document, []);
      show(view);
      await settled(view, desk, signal);
    } catch (error) {
      if (!signal.aborted) log(`${uri}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  /** What takes longer, once nothing is typed for a moment. */
  async function settled(view: MessageView, desk: Desk, signal: AbortSignal): Promise<void> {
    const again = async () => {
      signal.throwIfAborted();
      const next = await viewOf(view.document, desk);
      signal.throwIfAborted();
      if (next) show(next);
      return next;
    };
    await runtime.sleep(settle.secrets, signal);
    const before = desk.secrets;
    desk.secrets = await searchSecrets(view.text, before);
    if (secretFindings(view.text, desk.secrets).length !== secretFindings(view.text, before).length) await again();
    if (!view.judges) return;
    await runtime.sleep(settle.policy - settle.secrets, signal);
    const now = runtime.now().getTime();
    let current = view;
    if (!desk.known || Math.abs(now - desk.known.at) >= knownFor) {
      const value = await gatherFor(view, options, signal);
      const changed = JSON.stringify(value) !== JSON.stringify(desk.known?.value);
      desk.known = { value, at: now };
      if (changed) current = (await again()) ?? view;
    }
    if (view.text.title.start === view.text.title.end) {
      // Git makes no commit without a message.
      desk.judgement = undefined;
    } else {
      desk.rules = await rulesFor(view.repository, options, signal);
      desk.judgement = await judge(current, desk.opened, options, signal);
    }
    await again();
    options.judged();
  }

  const stop = world.onWrite((now, before) => {
    const others = now.roots !== before.roots || now.trusted !== before.trusted || now.settings !== before.settings;
    for (const [key, document] of now.open) {
      if (!messageKind(document) || (!others && before.open.get(key) === document)) continue;
      void look(document.uri);
    }
    for (const [key, document] of before.open) {
      const desk = desks.get(key);
      if (now.open.has(key) || !desk) continue;
      desk.work.abort();
      desks.delete(key);
      options.publish(document, []);
    }
  });

  return {
    async view(uri) {
      const snapshot = world.current();
      const document = snapshot.open.get(normalizeUri(uri));
      if (!document || !messageKind(document)) return undefined;
      return viewOf(document, deskOf(document, snapshot));
    },
    async rebase(uri) {
      const snapshot = world.current();
      const document = snapshot.open.get(normalizeUri(uri));
      return document && listOf(document, deskOf(document, snapshot));
    },
    people({ repository, facts }) {
      const at = runtime.now().getTime();
      const asked = people.get(repository);
      if (asked && Math.abs(at - asked.at) < peopleFor) return asked.found;
      const found = runtime.messageGit().then((git) => git.people(repository, facts.home));
      people.set(repository, { at, found });
      found.catch(() => people.delete(repository));
      return found;
    },
    refresh() {
      for (const document of world.current().open.values()) if (messageKind(document)) void look(document.uri);
    },
    dispose() {
      stop();
      for (const { work } of desks.values()) work.abort();
    },
  };
}
