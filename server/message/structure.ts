/** Findings about where trailers stand: lines that git ignores, a block that one line breaks, duplicates. */
import { type IgnoredLine, ignoredLines } from '../../core/disclosure/ignored.ts';
import type { Span } from '../../core/trailers/parse.ts';
import { replaced, withoutLines, withTrailerLines } from './edits.ts';
import type { Finding, Fix, MessageFacts } from './finding.ts';
import { commonKey, fieldOfKey, meantKey } from './keys.ts';
import { isFolded, isTrailerLine, keyOf, type MessageLine, type MessageText, readMessageText } from './text.ts';

export function structureFindings(text: MessageText, { home }: Pick<MessageFacts, 'home'>): Finding[] {
  const careless = ignoredIn(text, home.config);
  const broken = brokenBlock(text, home.config, careless);
  return [
    ...broken.findings,
    ...ignored(text, home.config, careless, broken.told),
    ...duplicates(text),
    ...strangeKeys(text, home.config),
  ];
}

type Trailers = Parameters<typeof fieldOfKey>[1];

/**
 * A last paragraph of trailers that git takes for text, because of lines that are none. Only where a
 * key tells that trailers were meant: prose with a colon is prose.
 */
function brokenBlock(
  text: MessageText,
  config: Trailers,
  careless: readonly IgnoredLine[],
): { findings: Finding[]; told: ReadonlySet<number> } {
  const paragraph = text.lastParagraph;
  const isMeant = (line: MessageLine) =>
    isTrailerLine(line) && (fieldOfKey(keyOf(line), config) !== undefined || commonKey(keyOf(line)) !== undefined);
  const meant = paragraph.filter(isMeant);
  if (meant.length === 0) return { findings: [], told: new Set() };
  const findings: Finding[] = [];
  const bad = paragraph.filter(
    (line, at) => !isTrailerLine(line) && !line.text.startsWith(cherryPicked) && !belongsToTrailer(paragraph, at),
  );
  const move = separate(text, groupsOf(paragraph, isMeant));
  const declares = meant.some((line) => fieldOfKey(keyOf(line), config) !== undefined);
  // A line that was meant as a trailer itself is told so, and how to write it.
  const meantAs = new Set(careless.map(({ span }) => span.start));
  for (const line of bad.filter(({ start }) => !meantAs.has(start))) {
    const above = paragraph[paragraph.indexOf(line) - 1];
    const fixes: Fix[] = [move];
    if (above && isTrailerLine(above) && !isFolded(line)) {
      fixes.unshift({
        title: `Make this line part of ${keyOf(above)}`,
        apply: () => replaced(text.source, { start: line.start, end: line.start }, ' '),
      });
    }
    findings.push({
      code: 'broken-block',
      severity: declares ? 'error' : 'warning',
      message: `Git reads no trailers from this paragraph, because this line is none (lines ${numbersOf(text, meant)} would be). Put the trailers into a paragraph of their own, or indent the line to continue the one above.`,
      span: trimmed(line),
      fixes,
    });
  }
  return { findings, told: new Set(bad.length > 0 ? meant.map(({ start }) => start) : []) };
}

/** Git's own line, which may stand among trailers. */
const cherryPicked = '(cherry picked from commit ';

/** Indented below a trailer, other continuation lines between. */
function belongsToTrailer(paragraph: readonly MessageLine[], at: number): boolean {
  let owner = at;
  while (owner >= 0 && isFolded(paragraph[owner]!)) owner--;
  return owner >= 0 && owner !== at && isTrailerLine(paragraph[owner]!);
}

/** Each line that is meant, with those that continue it. */
function groupsOf(paragraph: readonly MessageLine[], isMeant: (line: MessageLine) => boolean): MessageLine[][] {
  const groups: MessageLine[][] = [];
  let open: MessageLine[] | undefined;
  for (const line of paragraph) {
    if (isMeant(line)) {
      open = [line];
      groups.push(open);
    } else if (open && isFolded(line)) open.push(line);
    else open = undefined;
  }
  return groups;
}

function separate(text: MessageText, groups: readonly MessageLine[][]): Fix {
  const lines = groups.flat();
  return {
    title: 'Put the trailers into a paragraph of their own',
    preferred: true,
    apply: () => withTrailerLines(withoutLines(text.source, lines), text, lines.map(textOf)),
  };
}

/** Lines with a configured key that git does not read, wherever they stand. */
function ignoredIn(text: MessageText, config: Trailers): IgnoredLine[] {
  return ignoredLines(text.source.slice(text.start), config, text)
    .map((line) => ({ ...line, span: { start: line.span.start + text.start, end: line.span.end + text.start } }))
    .filter(({ span }) => !text.trailers.some((trailer) => trailer.span.start === span.start));
}

function ignored(
  text: MessageText,
  config: Trailers,
  careless: readonly IgnoredLine[],
  told: ReadonlySet<number>,
): Finding[] {
  const declared = new Set(text.trailers.map(({ key }) => fieldOfKey(key, config)));
  return careless.flatMap(({ field, key, value, span, why }): Finding[] => {
    const at = text.lines.findIndex((line) => line.start === span.start);
    const line = text.lines[at];
    if (!line || told.has(span.start)) return [];
    const inTitle = span.start < text.titleParagraph.end;
    const wellFormed = isTrailerLine(line) && keyOf(line).toLowerCase() === key.toLowerCase();
    // Continuation lines go along, but for those of a line that was no trailer.
    const group = wellFormed ? [line, ...foldedBelow(text.lines, at)] : [line];
    const lines = wellFormed ? group.map(textOf) : [`${key}: ${value}`];
    const here = wellFormed ? [] : [inPlace(text, line, key, value)];
    return [
      {
        code: inTitle && wellFormed ? 'trailer-in-title' : 'ignored-trailer',
        severity: wellFormed && !declared.has(field) ? 'error' : 'warning',
        message: `Git does not read this line as a trailer. ${why}`,
        span: trimmed(line),
        field,
        fixes: [
          ...here,
          {
            title: 'Move the line to the trailers at the end',
            preferred: here.every((fix) => fix.apply() === undefined),
            apply: () => withTrailerLines(withoutLines(text.source, group), text, lines),
          },
        ],
      },
    ];
  });
}

/** The line as a trailer where it stands; nothing where git reads none. */
function inPlace(text: MessageText, line: MessageLine, key: string, value: string): Fix {
  return {
    title: `Write it as ${key}: …`,
    preferred: true,
    apply() {
      const after = replaced(text.source, trimmed(line), `${key}: ${value}`);
      const read = readMessageText(after, text).trailers.some(({ span }) => span.start === line.start);
      return read ? after : undefined;
    },
  };
}

function foldedBelow(lines: readonly MessageLine[], at: number): MessageLine[] {
  const below = lines.slice(at + 1);
  const end = below.findIndex((line) => !isFolded(line));
  return end < 0 ? below : below.slice(0, end);
}

/** The same trailer twice. */
function duplicates(text: MessageText): Finding[] {
  const seen = new Set<string>();
  return text.trailers.flatMap(({ key, value, span }): Finding[] => {
    const id = `${key.toLowerCase()}\0${value.trim().toLowerCase()}`;
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    const message = `The trailer ${key} stands here a second time, with the same value.`;
    const fix: Fix = {
      title: `Remove this ${key}`,
      preferred: true,
      apply: () => withoutLines(text.source, [span]),
    };
    return [{ code: 'duplicate-trailer', severity: 'warning', message, span, unnecessary: true, fixes: [fix] }];
  });
}

/** Keys that are almost a configured one, or written in another case. */
function strangeKeys(text: MessageText, config: Trailers): Finding[] {
  return text.trailers.flatMap(({ key, keySpan }): Finding[] => {
    const fix = (right: string): Fix => ({
      title: `Change the key to ${right}`,
      preferred: true,
      apply: () => replaced(text.source, keySpan, right),
    });
    const meant = meantKey(key, config);
    if (meant) {
      const message = `${key} is no key of the disclosure; ${meant.key} is.`;
      return [
        {
          code: 'unknown-key',
          severity: 'warning',
          message,
          span: keySpan,
          field: meant.field,
          fixes: [fix(meant.key)],
        },
      ];
    }
    const field = fieldOfKey(key, config);
    const right = field === undefined ? undefined : config.trailers[field];
    if (right === undefined || right === key) return [];
    const message = `Git reads ${key} as ${right}, which is how the configuration writes it.`;
    return [{ code: 'key-case', severity: 'hint', message, span: keySpan, field, fixes: [fix(right)] }];
  });
}

function trimmed({ start, text }: MessageLine): Span {
  return { start, end: start + text.trimEnd().length };
}

function textOf({ text }: MessageLine): string {
  return text.replace(/\r$/, '');
}

/** Line numbers from one, in the document. */
function numbersOf(text: MessageText, lines: readonly MessageLine[]): string {
  const before = text.source.slice(0, text.start).split('\n').length - 1;
  return lines.map((line) => before + text.lines.indexOf(line) + 1).join(', ');
}
