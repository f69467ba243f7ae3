/** Secrets in a message. The search takes milliseconds, so each paragraph is searched once for as long as it stands. */
import { type FoundSecret, findSecrets } from '../../core/disclosure/secrets.ts';
import type { Finding } from './finding.ts';
import type { MessageText } from './text.ts';

/** What was found in paragraphs, by their text. */
export type KnownSecrets = ReadonlyMap<string, readonly FoundSecret[]>;

/** The paragraphs of a message with what was found in them before; the others are searched. */
export async function searchSecrets(text: MessageText, known: KnownSecrets): Promise<KnownSecrets> {
  const found = new Map<string, readonly FoundSecret[]>();
  for (const { source } of paragraphsOf(text)) found.set(source, known.get(source) ?? (await findSecrets(source)));
  return found;
}

export function secretFindings(text: MessageText, known: KnownSecrets): Finding[] {
  return paragraphsOf(text).flatMap(({ start, source }) =>
    (known.get(source) ?? []).map(
      (secret): Finding => ({
        code: 'secret',
        severity: 'error',
        message: `There is a secret here (${secret.message}). Take it out, and replace it where it is in use: it may have been seen.`,
        span: { start: start + secret.start, end: start + secret.end },
        fixes: [],
      }),
    ),
  );
}

function paragraphsOf({ source, lines, start, end }: MessageText): { start: number; source: string }[] {
  const paragraphs: { start: number; source: string }[] = [];
  let from = start;
  for (const line of [...lines, undefined]) {
    if (line && line.kind !== 'blank') continue;
    const to = line?.start ?? end;
    const paragraph = source.slice(from, to).trimEnd();
    if (paragraph !== '') paragraphs.push({ start: from, source: paragraph });
    from = line ? line.end + 1 : end;
  }
  return paragraphs;
}
