/** Times in the words of the display language. */
import * as vscode from 'vscode';

const units = [
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** `in 3 hours`, `2 days ago`: the largest unit of which there are two, else the one that there is. */
export function fromNow(time: string, now = Date.now()): string {
  const away = Date.parse(time) - now;
  const [unit, length] = units.find(([, one]) => Math.abs(away) >= 2 * one) ??
    units.find(([, one]) => Math.abs(away) >= one) ?? ['minute', 60_000];
  return formats().relative.format(Math.trunc(away / length), unit);
}

/** The whole of it: day, time and zone. */
export function absolute(time: string): string {
  return formats().absolute.format(new Date(time));
}

let made: { relative: Intl.RelativeTimeFormat; absolute: Intl.DateTimeFormat } | undefined;

function formats(): NonNullable<typeof made> {
  made ??= {
    relative: new Intl.RelativeTimeFormat(vscode.env.language, { numeric: 'always' }),
    absolute: new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium', timeStyle: 'long' }),
  };
  return made;
}
