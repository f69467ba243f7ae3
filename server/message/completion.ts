/** Completion in a message: keys of trailers, whole disclosures, and their values. */
import { type CompletionItem, CompletionItemKind, InsertTextFormat, type Position } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type DisclosureField, disclosureFields } from '../../core/disclosure/form.ts';
import { lineBreakOf } from './edits.ts';
import { lackingFields } from './fields.ts';
import { commonKey, commonKeys, fieldOfKey } from './keys.ts';
import { offeredLines } from './line-forms.ts';
import { type KnownValue, sourceWords } from './provenance.ts';
import { isTrailerLine, type MessageLine, type MessageText } from './text.ts';
import type { MessageView } from './view.ts';

export interface CompletionOptions {
  /** The client fills in snippets. */
  snippets: boolean;
  /** Whom trailers may name, best first. */
  people(): Promise<readonly { value: string; detail?: string }[]>;
}

export async function completeMessage(
  view: MessageView,
  position: Position,
  options: CompletionOptions,
): Promise<CompletionItem[]> {
  const { text } = view;
  const document = TextDocument.create('', '', 0, text.source);
  const offset = document.offsetAt(position);
  const lineStart = offset - position.character;
  const nextBreak = text.source.indexOf('\n', lineStart);
  const line = text.source.slice(lineStart, nextBreak < 0 ? text.source.length : nextBreak).replace(/\r$/, '');
  if (!isInBody(text, lineStart, line)) return [];
  const before = line.slice(0, position.character);
  const value = /^([A-Za-z0-9-]+)[ \t]*:[ \t]*(.*)$/.exec(before);
  const range = (from: number, to: number) => ({
    start: { line: position.line, character: from },
    end: { line: position.line, character: to },
  });
  if (value) {
    const from = before.length - value[2]!.length;
    // With the blank that belongs after the separator.
    const blank = /:$/.test(before) ? ' ' : '';
    const items = await valueItems(view, value[1]!, options);
    return items.map((item, at) => ({
      ...item,
      sortText: String(at).padStart(4, '0'),
      filterText: blank + item.label,
      textEdit: { range: range(from, line.length), newText: blank + item.label },
    }));
  }
  if (!/^[A-Za-z0-9-]*$/.test(before)) return [];
  const written = /^[A-Za-z0-9-]*[ \t]*:?[ \t]*/.exec(line)![0];
  // A paragraph of prose right above would take the trailer in.
  const above = lineAbove(text, lineStart);
  const parted = above !== undefined && above.kind === 'text' && !isInBlock(text, above);
  const lead = parted ? lineBreakOf(text.source) : '';
  return keyItems(view, options.snippets).map((item, at) => ({
    ...item,
    sortText: String(at).padStart(4, '0'),
    filterText: item.filterText ?? item.label,
    textEdit: {
      range: range(0, item.kind === CompletionItemKind.Snippet ? line.length : written.length),
      newText: lead + (item.insertText ?? item.label),
    },
    insertText: undefined,
  }));
}

/** After the title's paragraph, and above what git strips. */
function isInBody(text: MessageText, lineStart: number, line: string): boolean {
  if (text.title.start === text.title.end || (line !== '' && line.startsWith(text.commentPrefix))) return false;
  if (lineStart <= text.title.end) return false;
  // Blank lines at the end are where the next trailer is written.
  const between = text.source.slice(text.end, lineStart);
  return lineStart <= text.end || /^[ \t\r\n]*$/.test(between);
}

function lineAbove(text: MessageText, lineStart: number): MessageLine | undefined {
  return text.lines.find(({ end }) => end === lineStart - 1 || end === lineStart);
}

function isInBlock({ block, lastParagraph }: MessageText, line: MessageLine): boolean {
  if (line.start >= block.start && line.start < block.end) return true;
  // The line being written breaks the block for as long as it is none: its paragraph was one.
  return lastParagraph.includes(line) && lastParagraph.filter(isTrailerLine).length > 0;
}

function keyItems(view: MessageView, snippets: boolean): CompletionItem[] {
  const { text, facts } = view;
  const { config } = facts.home;
  const fields = disclosureFields(facts.home, facts.now);
  const lacking = lackingFields(text, facts, fields);
  const lineBreak = lineBreakOf(text.source);
  const items: CompletionItem[] = [];
  if (lacking.length > 1 && config.disclosure.profile === 'countersign') {
    const lines = lacking.map(({ field, value }, at) => {
      const shown = snippets ? `\${${at + 1}:${escaped(value)}}` : value;
      return `${snippets ? escaped(field.trailer) : field.trailer}: ${shown}`;
    });
    items.push({
      label: 'AI disclosure',
      kind: CompletionItemKind.Snippet,
      detail: lacking.map(({ field }) => field.trailer).join(', '),
      documentation: {
        kind: 'markdown',
        value: [
          '```',
          ...lacking.map(({ field, value }) => `${field.trailer}: ${value}`),
          '```',
          ...provenance(lacking),
        ].join('\n'),
      },
      filterText: `${lacking[0]!.field.trailer} AI disclosure`,
      insertText: lines.join(lineBreak),
      insertTextFormat: snippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    });
  }
  for (const { key, value } of offeredLines(facts, fields).slice(0, 3)) {
    items.push({ label: `${key}: ${value}`, kind: CompletionItemKind.Snippet, insertText: `${key}: ${value}` });
  }
  const present = new Set(text.trailers.filter(({ value }) => value !== '').map(({ key }) => key.toLowerCase()));
  const isPresent = ({ trailer }: DisclosureField) => present.has(trailer.toLowerCase());
  // Where contributions made with AI are refused, nobody is led to declare one.
  const offered = config.disclosure.profile === 'forbid' ? [] : fields;
  for (const field of [...offered.filter((one) => !isPresent(one)), ...offered.filter(isPresent)]) {
    items.push({
      label: field.trailer,
      kind: CompletionItemKind.Property,
      detail: field.required ? `${field.title} (required)` : field.title,
      ...(field.description && { documentation: { kind: 'markdown', value: field.description } }),
      insertText: `${field.trailer}: `,
      command: suggestAgain,
    });
  }
  for (const { key, description } of commonKeys) {
    if (fieldOfKey(key, config) !== undefined) continue;
    items.push({
      label: key,
      kind: CompletionItemKind.Keyword,
      documentation: { kind: 'markdown', value: description },
      insertText: `${key}: `,
      command: suggestAgain,
    });
  }
  return items;
}

/** VS Code's: after a key come its values. Other clients know no such command and leave it. */
const suggestAgain = { title: 'Suggest', command: 'editor.action.triggerSuggest' };

function provenance(lacking: ReturnType<typeof lackingFields>): string[] {
  const known = lacking.filter(({ from }) => from !== undefined);
  return known.length === 0 ? [] : ['', ...known.map(({ field, from }) => `- ${field.trailer}: from ${from}`)];
}

/** A snippet's text for itself. */
function escaped(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}

async function valueItems(view: MessageView, key: string, { people }: CompletionOptions): Promise<CompletionItem[]> {
  const { home, now, known } = view.facts;
  const name = fieldOfKey(key, home.config);
  const field = disclosureFields(home, now).find((one) => one.name === name);
  const items: CompletionItem[] = [];
  const add = (item: CompletionItem) => {
    if (!items.some(({ label }) => label === item.label)) items.push(item);
  };
  for (const line of offeredLines(view.facts, disclosureFields(home, now))) {
    if (line.key.toLowerCase() === key.toLowerCase()) add({ label: line.value, kind: CompletionItemKind.Value });
  }
  for (const value of (known?.values ?? []).filter((one) => one.field === name)) add(knownItem(value));
  if (field?.prefill !== undefined) add({ label: field.prefill, kind: CompletionItemKind.Value, detail: 'now' });
  for (const { value, detail } of field?.suggestions ?? [])
    add({ label: value, kind: CompletionItemKind.Value, detail });
  if (name === 'approver' || (name === undefined && commonKey(key)?.person)) {
    for (const { value, detail } of await people()) add({ label: value, kind: CompletionItemKind.Reference, detail });
  }
  return items;
}

function knownItem({ value, source, certainty, detail }: KnownValue): CompletionItem {
  return {
    label: value,
    kind: CompletionItemKind.Value,
    detail: sourceWords(source, certainty),
    documentation: { kind: 'plaintext', value: detail },
  };
}
