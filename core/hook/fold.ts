/** One message of several commits': what each disclosed is kept, once, where git reads it. Pure. */
import { type DisclosureConfig, declaredBy, disclosingLines } from '../disclosure/profiles.ts';
import { readMessage } from '../git/message.ts';
import type { Disclosure } from '../input.ts';
import { type ParsedTrailer, parseTrailers } from '../trailers/parse.ts';

/**
 * What the commits that become one disclose: those whose messages (whole) are given, and those
 * whose messages stand in the text that git made of them, a comment line above each.
 */
export function foldedDisclosures(
  messages: readonly string[],
  text: string,
  config: DisclosureConfig,
  commentPrefix: string,
): Disclosure[] {
  const sections = sectionsOf(text, commentPrefix).map(({ text: section }) => section);
  return [...messages, ...sections].flatMap((message) => {
    const disclosure = declaredBy(readMessage(message).trailers, config);
    return disclosure ? [disclosure] : [];
  });
}

/**
 * The text without the disclosures that stand above its last block: git reads them no more there,
 * and stamped anew they would be said twice. All else stays byte for byte.
 */
export function withoutFoldedTrailers(text: string, config: DisclosureConfig, commentPrefix: string): string {
  const sections = sectionsOf(text, commentPrefix);
  const own = new Set(Object.values(config.trailers).map((key) => key.toLowerCase()));
  let kept = '';
  let at = 0;
  for (const section of sections.slice(0, -1)) {
    const { trailers } = parseTrailers(section.text, { commentPrefix });
    const lines = new Set(disclosingLines(trailers, config).map(({ trailer }) => trailer));
    const discloses = (trailer: ParsedTrailer) => own.has(trailer.key.toLowerCase()) || lines.has(trailer);
    for (const trailer of trailers.filter(discloses)) {
      kept += text.slice(at, section.start + trailer.span.start);
      at = lineEndAfter(text, section.start + trailer.span.end);
    }
  }
  return kept + text.slice(at);
}

interface Section {
  start: number;
  text: string;
}

/**
 * The stretches between comment lines: in the text of a squash, a commit's message each. What git
 * writes in the comments depends on the language; that there are some does not.
 */
function sectionsOf(text: string, commentPrefix: string): Section[] {
  const sections: Section[] = [];
  let start = 0;
  let at = 0;
  const close = (end: number) => {
    const section = text.slice(start, end);
    if (section.trim() !== '') sections.push({ start, text: section });
  };
  while (at < text.length) {
    const end = lineEndAfter(text, at);
    if (text.startsWith(commentPrefix, at)) {
      close(at);
      start = end;
    }
    at = end;
  }
  close(text.length);
  return sections;
}

function lineEndAfter(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline < 0 ? text.length : newline + 1;
}
