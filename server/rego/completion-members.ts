/** What follows a dot or stands in brackets: fields by their types, names of packages and rules, built-ins. */
import { type CompletionItem, CompletionItemKind, CompletionItemTag } from 'vscode-languageserver';
import type { Document } from '../snapshot.ts';
import { rangeOf } from './places.ts';
import type { Span } from './syntax/tree.ts';
import { fieldsOf } from './types/parts.ts';
import { showType } from './types/show.ts';
import { typeText } from './types/text.ts';
import { alternatives, type Field, type Type } from './types/type.ts';

/** As many as anyone reads. */
const maxFields = 500;

/** A type is one line beside the name. */
const brief = { depth: 1, width: 5 };

/**
 * The fields that a type is known to have, behind a dot.
 *
 * @param typed from behind the dot to the cursor
 */
export function fieldItems(document: Document, type: Type, typed: Span): CompletionItem[] {
  return [...fieldsOf(type)].slice(0, maxFields).map(([name, field]) => ({
    ...fieldItem(name, field),
    // A name that is none in Rego stands in brackets.
    ...(!/^[A-Za-z_]\w*$/.test(name) && {
      filterText: `.${name}`,
      textEdit: {
        range: rangeOf(document, { start: typed.start - 1, end: typed.end }),
        newText: `[${JSON.stringify(name)}]`,
      },
    }),
  }));
}

export function fieldItem(name: string, { type, required, about }: Field): CompletionItem {
  const documentation = typeText(type, about, { required });
  return {
    label: name,
    kind: CompletionItemKind.Field,
    detail: showType(type, brief),
    // What there always is comes first.
    sortText: `${required ? 0 : 1}${name}`,
    ...(documentation !== '' && { documentation: { kind: 'markdown', value: documentation } }),
    ...(about?.deprecated && { tags: [CompletionItemTag.Deprecated] }),
  };
}

/** Whether there are no other fields than those that are known. */
export function isClosed(type: Type): boolean {
  return alternatives(type).every((one) => one.kind === 'object' && !one.others && !one.patterns?.length);
}

/** What the policies ask of the input there; what they ask but once may be what is being typed. */
export function usedItems(names: ReadonlyMap<string, number>, known: ReadonlySet<string>): CompletionItem[] {
  return [...names].flatMap(([label, times]) =>
    known.has(label) ? [] : { label, kind: CompletionItemKind.Field, sortText: `${times > 1 ? 2 : 3}${label}` },
  );
}
