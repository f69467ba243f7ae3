/** Options that several commands share. */
import { InvalidArgumentError, Option } from 'commander';
import { UsageError } from './exit.ts';

export function formatOption(): Option {
  return new Option('--format <format>', 'how to print the result').choices(['text', 'json']).default('text');
}

export function regoOption(): Option {
  return new Option('--rego <version>', "how to read Rego, in place of what the policies' config.yaml says").choices([
    'v0',
    'v1',
    'v0v1',
  ]);
}

/** The values of `--format` and `--rego`. */
export type Format = 'text' | 'json';

/** Reads the value of `--timeout`. */
export function readSeconds(value: string): number {
  const seconds = Number(value);
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new UsageError(`--timeout is a number of seconds, not ${JSON.stringify(value)}.`);
}

export type FieldValue = [name: string, value: string];

/** Collects an option that may be repeated. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Collects `name=value`. */
export function collectField(text: string, before: FieldValue[] = []): FieldValue[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It is written name=value.');
  return [...before, [text.slice(0, at), text.slice(at + 1)]];
}
