/** Times as people say them. */

const units = [
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** `in 3 hours`, `2 days ago`; the largest unit of which there are two, or the one that there is. */
export function fromNow(time: string, now: Date): string {
  const away = Date.parse(time) - now.getTime();
  const [unit, length] = units.find(([, one]) => Math.abs(away) >= 2 * one) ??
    units.find(([, one]) => Math.abs(away) >= one) ?? ['minute', 60_000];
  return relative.format(Math.trunc(away / length), unit);
}
