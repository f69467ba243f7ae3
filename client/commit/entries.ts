/** The values of a disclosure that is being made: each field's, one or several, and where each is from. */
import type { DisclosureField, FieldValues, KnownValue } from '../../server/protocol.ts';

/** One value of one field. */
export interface Entry {
  field: DisclosureField;
  value: string;
  /** What told of this very value. */
  known?: KnownValue;
  /** It was chosen for the last commit, and nobody has said that it holds for this one. */
  offered?: boolean;
}

export interface Sources {
  fields: readonly DisclosureField[];
  /** Best first within a field. */
  known: readonly KnownValue[];
  /** Typed for this commit. */
  typed: FieldValues;
  /** Chosen for the last one. */
  offered: FieldValues;
}

/** Knowledge of this commit, and not a mere offer. */
export function isOfThisCommit({ source }: KnownValue): boolean {
  return source !== 'previous' && source !== 'git';
}

/** Several values make sense where each is chosen from a list: models, approvers. */
export function mayBeSeveral({ suggestions }: DisclosureField): boolean {
  return suggestions.length > 0;
}

/**
 * What stands in the form at first, at least one entry for each field: what was typed; else what is
 * known of this commit; else what is offered; else what can be filled in; else nothing.
 */
export function entriesOf(sources: Sources): Entry[] {
  return sources.fields.flatMap((field) => {
    const typed = valuesOf(sources.typed, field.name);
    return typed.length > 0 ? entriesFor(field, typed, sources.known) : defaultsFor(field, sources);
  });
}

/** What differs from what stood there by itself, and so must not be lost. */
export function typedValues(entries: readonly Entry[], sources: Sources): FieldValues {
  const result: FieldValues = {};
  for (const field of sources.fields) {
    const values = given(entries, field.name);
    const before = given(defaultsFor(field, sources), field.name);
    if (values.length > 0 && values.join('\n') !== before.join('\n')) result[field.name] = values;
  }
  return result;
}

/** The values as they are stamped; fields without one are left out. */
export function disclosureOf(entries: readonly Entry[]): FieldValues {
  const names = new Set(entries.map(({ field }) => field.name));
  return Object.fromEntries(
    [...names].map((name) => [name, given(entries, name)] as const).filter(([, values]) => values.length > 0),
  );
}

function defaultsFor(field: DisclosureField, { known, offered }: Sources): Entry[] {
  const ofField = known.filter((one) => one.field === field.name);
  const sure = ofField.filter(isOfThisCommit);
  const recorded = sure.filter(({ certainty }) => certainty === 'recorded');
  const [best] = sure;
  const found = mayBeSeveral(field) && recorded.length > 0 ? recorded : best ? [best] : [];
  if (found.length > 0) return entriesFor(field, [...new Set(found.map(({ value }) => value))], known);
  const filledIn = ofField.find(({ source }) => source === 'git')?.value ?? field.prefill;
  const others = valuesOf(offered, field.name);
  if (others.length > 0) return entriesFor(field, others, known).map((entry) => ({ ...entry, offered: true }));
  return entriesFor(field, [filledIn ?? ''], known);
}

function entriesFor(field: DisclosureField, values: readonly string[], known: readonly KnownValue[]): Entry[] {
  return values.map((value) => ({
    field,
    value,
    known: known.find((one) => one.field === field.name && one.value === value && one.source !== 'previous'),
  }));
}

function given(entries: readonly Entry[], name: string): string[] {
  const values = entries.filter(({ field }) => field.name === name).map(({ value }) => value.trim());
  return [...new Set(values)].filter((value) => value !== '');
}

function valuesOf(values: FieldValues, name: string): string[] {
  return [values[name] ?? []].flat().filter((value) => value.trim() !== '');
}
