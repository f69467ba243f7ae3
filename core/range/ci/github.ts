/**
 * The range of a GitHub Actions run, by the event that started it. Gitea's and Forgejo's runners set the same.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
import { readFile } from 'node:fs/promises';
import { DecisionError } from '../../decision/decide.ts';
import { isRecord } from '../../plain-data.ts';
import type { RangeRequest } from '../range.ts';

/** Undefined outside of GitHub Actions, and for events about no commits, such as a schedule. */
export async function githubRange(environment: NodeJS.ProcessEnv): Promise<RangeRequest | undefined> {
  const { GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: file } = environment;
  if (!name || !file) return undefined;
  const event = await readEvent(file);
  const source = `GitHub, event ${name}`;
  const text = (...keys: string[]): string => required(event, file, keys);
  switch (name) {
    case 'pull_request':
    case 'pull_request_target':
    case 'pull_request_review':
    case 'pull_request_review_comment':
      return {
        kind: 'change',
        target: text('pull_request', 'base', 'ref'),
        base: text('pull_request', 'base', 'sha'),
        head: text('pull_request', 'head', 'sha'),
        source,
      };
    case 'merge_group':
      return {
        kind: 'change',
        target: text('merge_group', 'base_ref').replace(/^refs\/heads\//, ''),
        base: text('merge_group', 'base_sha'),
        queuedUpon: text('merge_group', 'base_sha'),
        head: text('merge_group', 'head_sha'),
        source,
      };
    case 'push': {
      const repository = isRecord(event.repository) ? event.repository : {};
      const main = repository.default_branch;
      return {
        kind: 'push',
        ref: text('ref'),
        before: text('before'),
        after: text('after'),
        ...(typeof main === 'string' && main !== '' && { defaultBranch: main }),
        source,
      };
    }
    default:
      return undefined;
  }
}

async function readEvent(file: string): Promise<Record<string, unknown>> {
  try {
    const event: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isRecord(event)) return event;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DecisionError(
      `Cannot decide: the event in ${file} (GITHUB_EVENT_PATH) cannot be read: ${why}`,
      [],
      error,
    );
  }
  throw new DecisionError(`Cannot decide: ${file} (GITHUB_EVENT_PATH) holds no event.`);
}

function required(event: Record<string, unknown>, file: string, keys: readonly string[]): string {
  let value: unknown = event;
  for (const key of keys) value = isRecord(value) ? value[key] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new DecisionError(`Cannot decide: the event in ${file} (GITHUB_EVENT_PATH) has no ${keys.join('.')}.`);
}
