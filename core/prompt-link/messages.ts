/**
 * What a commit hook and an open editor window say to each other. Both ends check what they are
 * sent: the other one may be of another version.
 */
import type { KnownValue } from '../disclosure/known.ts';
import type { Evidence } from '../input.ts';

/** A disclosure's values by field; several where a field was given several times. */
export type FieldValues = Record<string, string | string[]>;

/** A commit that waits for its disclosure. */
export interface PromptRequest {
  /** The work tree's top folder, absolute. */
  repository: string;
  /** The commit message as far as it is written. */
  message: string;
  /** What is already typed or stamped. */
  values: FieldValues;
  known: KnownValue[];
  /** What shows AI use, values or not. */
  evidence?: Evidence[];
  /** What the policy denied when it was asked before. */
  violations: { rule: string; msg: string; field?: string }[];
}

/** What the person answered. */
export type PromptAnswer = { kind: 'values'; values: FieldValues } | { kind: 'no-ai' } | { kind: 'cancel' };

/** Hook to window: {@link AskParams}; answered with a {@link PromptAnswer}, or null when there will be none. */
export const askMethod = 'prompt/ask';
export interface AskParams {
  /** The window's token, which only the user can read. */
  token: string;
  request: PromptRequest;
}

/** Window to hook: a person sees the prompt now. */
export const takenMethod = 'prompt/taken';

/** What one end may send in one conversation, in bytes. */
export const maxBytes = 1_000_000;

/** The request when it has the shape of one; undefined otherwise. Unknown keys are left out. */
export function readRequest(value: unknown): PromptRequest | undefined {
  if (!isRecord(value)) return undefined;
  const { repository, message, values, known, evidence = [], violations } = value;
  if (typeof repository !== 'string' || typeof message !== 'string' || !isFieldValues(values)) return undefined;
  if (!isListOf(known, isKnownValue) || !isListOf(evidence, isEvidence) || !isListOf(violations, isViolation)) {
    return undefined;
  }
  return { repository, message, values, known, evidence, violations };
}

/** The same of an answer. */
export function readAnswer(value: unknown): PromptAnswer | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, values } = value;
  if (kind === 'no-ai' || kind === 'cancel') return { kind };
  return kind === 'values' && isFieldValues(values) ? { kind, values } : undefined;
}

function isFieldValues(value: unknown): value is FieldValues {
  return isRecord(value) && Object.values(value).every((one) => typeof one === 'string' || isListOf(one, isText));
}

function isKnownValue(value: unknown): value is KnownValue {
  return (
    isRecord(value) &&
    [value.field, value.value, value.source, value.detail].every(isText) &&
    (value.certainty === 'recorded' || value.certainty === 'inferred')
  );
}

function isEvidence(value: unknown): value is Evidence {
  return isRecord(value) && isText(value.source) && isText(value.detail) && isOptionalText(value.model);
}

function isViolation(value: unknown): value is PromptRequest['violations'][number] {
  return isRecord(value) && isText(value.rule) && isText(value.msg) && isOptionalText(value.field);
}

function isListOf<T>(value: unknown, is: (one: unknown) => one is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
