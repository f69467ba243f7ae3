/**
 * Starts servers on one workspace. A contender's server is started once for all that is measured in one that has come
 * to rest, and anew for what is measured from the start.
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Diagnostic } from 'vscode-languageserver/node';
import type { Sample } from '../bench.ts';
import type { Contender } from './contenders.ts';
import { type Session, startSession, TooLong } from './session.ts';
import { temporaryFolder, type Workspace, writeWorkspace } from './workspaces.ts';

/** In milliseconds. */
export interface Limits {
  /** From the start of a server until its first report. */
  open: number;
  /** Until it has linted everything and come to rest; a peer has its own. */
  ready: { ours: number; peer: number };
  /** Where linting everything takes minutes: measured while it goes on, so long after the start. */
  settle?: number;
  /** For one report or answer. */
  answer: number;
}

interface Settled {
  session: Session;
}

export interface Runs {
  /** A server that has linted the whole workspace and come to rest; the same for all works. */
  settled(contender: Contender): Promise<Settled>;
  /** From the start of a new server until all was linted, with an empty cache. */
  linted(contender: Contender): Promise<Sample>;
  /** The same folder and cache again, in a new server, after the last one has ended. */
  reopened(contender: Contender): Promise<Sample>;
  /** From the start to the first report on the edited file that satisfies this, the fault being on disk. */
  opened(contender: Contender, added: string, when: (found: Diagnostic) => boolean): Promise<Sample>;
}

export function runsOf(workspace: Workspace, limits: Limits): Runs {
  const places = new Map<Contender, { folder: string; cache: string }>();
  const sessions = new Map<Contender, Promise<Settled>>();

  /** One that did not so much as open in time is not waited for again. */
  const late = new Map<Contender, TooLong>();

  function placeOf(contender: Contender): { folder: string; cache: string } {
    const place = places.get(contender) ?? { folder: writeWorkspace(workspace.files), cache: temporaryFolder() };
    places.set(contender, place);
    return place;
  }

  async function open(contender: Contender, { folder, cache }: { folder: string; cache: string }): Promise<Session> {
    const session = await startSession(contender, folder, cache);
    await session.open(workspace.edited, workspace.files.get(workspace.edited)!);
    return session;
  }

  /** The time of the last of the reports that show that everything was linted. */
  async function linted(contender: Contender, session: Session): Promise<number> {
    const times = workspace.planted.map(({ path, found }) =>
      session.seen(path, (all) => all.some(found), readyLimit(contender, limits)),
    );
    return Math.max(...(await Promise.all(times)));
  }

  async function settle(contender: Contender): Promise<Settled> {
    const known = late.get(contender);
    if (known) throw known;
    const session = await open(contender, placeOf(contender));
    try {
      if (limits.settle !== undefined) {
        for (const path of workspace.asked) await session.open(path, workspace.files.get(path)!);
        await sleep(limits.settle);
        return { session };
      }
      await linted(contender, session);
      await session.rest(readyLimit(contender, limits));
      for (const path of workspace.asked) {
        if (path !== workspace.edited) await session.open(path, workspace.files.get(path)!);
      }
      await session.rest(readyLimit(contender, limits));
      return { session };
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The others stand still meanwhile: what one still does about the last work would show in the times of the next. */
  async function settled(contender: Contender): Promise<Settled> {
    for (const [other, settled] of sessions) {
      const made = await settled.catch(() => undefined); // one that was too late stays out
      made?.session.halt(other !== contender);
    }
    const made = sessions.get(contender) ?? settle(contender);
    sessions.set(contender, made);
    return made;
  }

  return {
    settled,
    async linted(contender) {
      const place = { folder: writeWorkspace(workspace.files), cache: temporaryFolder() };
      const session = await open(contender, place);
      try {
        const ms = (await linted(contender, session)) - session.started;
        return { ms, cpuMs: session.cpu(), rss: session.memory().peak };
      } finally {
        await session.close();
        rmSync(place.folder, { recursive: true, force: true, maxRetries: 3 });
      }
    },
    async reopened(contender) {
      await (await settled(contender)).session.close();
      sessions.delete(contender);
      const session = await open(contender, placeOf(contender));
      try {
        return { ms: (await linted(contender, session)) - session.started, cpuMs: session.cpu() };
      } finally {
        await session.close();
      }
    },
    async opened(contender, added, when) {
      const text = workspace.files.get(workspace.edited)! + added;
      const folder = writeWorkspace(new Map(workspace.files).set(workspace.edited, text));
      const cache = temporaryFolder();
      const session = await startSession(contender, folder, cache);
      try {
        await session.open(workspace.edited, text);
        const at = await session.seen(workspace.edited, (all) => all.some(when), limits.open);
        return { ms: at - session.started, cpuMs: session.cpu() };
      } catch (error) {
        if (contender.peer && error instanceof TooLong) late.set(contender, error);
        throw error;
      } finally {
        await session.close();
        rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    },
  };
}

export function readyLimit({ peer }: Contender, { ready }: Limits): number {
  return peer ? ready.peer : ready.ours;
}
