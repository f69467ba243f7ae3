/** A session of an agent as its log tells it: what all of the readers in this folder make of their formats. */

export interface Session {
  /** What people call the agent. */
  agent: string;
  /** The session's id in the agent's own terms. */
  id: string;
  /** Where the agent worked; the session is not used where the log does not say. */
  cwd?: string;
  /** The session's title, when the log has one of its own. */
  title?: string;
  /** Each use of a model. */
  uses: { model: string; time?: number }[];
  /** Each change of a file: its path as the log has it, absolute or below `cwd`. */
  edits: { path: string; model?: string; time?: number }[];
  /** The last sign of life, in milliseconds since the epoch. */
  last?: number;
}

/** Where a log lies, and how it is read. */
export interface SessionLog {
  file: string;
  /** When it was last written, in milliseconds since the epoch. */
  modified: number;
  /** Bytes. */
  size: number;
  /**
   * Where the session worked, from the log's start alone, for agents that keep the logs of all projects
   * together; undefined when that does not tell.
   */
  cwd?: () => Promise<string | undefined>;
  /** Reads it; undefined when it is no log of this agent. */
  read: () => Promise<Session | undefined>;
}

export interface LogPlace {
  /** The user's home folder. */
  home: string;
  environment: NodeJS.ProcessEnv;
  /** The work tree's top folder. */
  root: string;
  /** Logs that were last written before this time are left alone. */
  since: Date;
  now: Date;
  /** Says what was left out, and why; never what it held. */
  log: (text: string) => void;
}

/** Finds an agent's logs, in the places that are documented for it. */
export type LogFinder = (place: LogPlace) => Promise<SessionLog[]>;

/** A text of a log that is a name or a title; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A time of a log in milliseconds; undefined when it is none. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const time = typeof value === 'number' ? value : Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}
