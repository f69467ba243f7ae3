/** Options that several commands share. */
import { Option } from 'commander';

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
