/** Reads what code hosts answer, member by member: what is not as documented is an error, never a guess. */
import { unreadable } from './forge-error.ts';

type Json = Record<string, unknown>;

/** Reads members of objects; each rejects with a `ForgeError` that names the host and the member. */
export interface Reader {
  record(value: unknown, where: string): Json;
  list(value: unknown, where: string): unknown[];
  text(of: Json, key: string, where: string): string;
  /** Undefined for null and for what is not there. */
  maybeText(of: Json, key: string, where: string): string | undefined;
  number(of: Json, key: string, where: string): number;
  maybeFlag(of: Json, key: string, where: string): boolean | undefined;
  /** A commit's full id. */
  commit(of: Json, key: string, where: string): string;
  /** RFC 3339. */
  time(of: Json, key: string, where: string): string;
}

export function readerOf(host: string): Reader {
  const wrong = (where: string, wanted: string) => unreadable(host, `${where} is no ${wanted}`);
  const record: Reader['record'] = (value, where) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
    throw wrong(where, 'object');
  };
  const text: Reader['text'] = (of, key, where) => {
    const value = of[key];
    if (typeof value === 'string') return value;
    throw wrong(`${where}.${key}`, 'text');
  };
  return {
    record,
    text,
    list: (value, where) => {
      if (Array.isArray(value)) return value;
      throw wrong(where, 'list');
    },
    maybeText: (of, key, where) => (of[key] === null || of[key] === undefined ? undefined : text(of, key, where)),
    number: (of, key, where) => {
      const value = of[key];
      if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
      throw wrong(`${where}.${key}`, 'number');
    },
    maybeFlag: (of, key, where) => {
      const value = of[key];
      if (value === null || value === undefined) return undefined;
      if (typeof value === 'boolean') return value;
      throw wrong(`${where}.${key}`, 'boolean');
    },
    commit: (of, key, where) => {
      const value = text(of, key, where);
      if (/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(value)) return value;
      throw wrong(`${where}.${key}`, 'commit id');
    },
    time: (of, key, where) => {
      const value = text(of, key, where);
      if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value) && !Number.isNaN(Date.parse(value))) return value;
      throw wrong(`${where}.${key}`, 'time');
    },
  };
}
