/** `countersign gate --comment`: the verdict as one comment on the change, changed in place by each run. */
import { Option } from 'commander';
import type { ForgeChange } from '../core/forge/source.ts';
import type { Repository } from '../core/input.ts';
import type { GateResult } from '../core/report/gate-result.ts';
import { UsageError } from './exit.ts';
import { block, stderr } from './terminal.ts';

export interface CommentOptions {
  comment?: 'auto' | 'github' | 'gitlab';
  /** The number of the change, where CI's environment does not tell. */
  change?: number;
}

/** How long a comment may keep a build waiting, in milliseconds. */
const waitMs = 30_000;

export function commentOption(): Option {
  return new Option(
    '--comment <where>',
    'keep one comment on the pull or merge request that is judged: auto (as CI tells), github, gitlab',
  ).choices(['auto', 'github', 'gitlab']);
}

/** Writes the verdict, where it is asked for. Never rejects: it stands whether or not people can be told of it there. */
export async function keepVerdictComment(options: CommentOptions, result: GateResult): Promise<void> {
  if (options.comment === undefined) return;
  await telling(async () => {
    const { markdownReport } = await import('../core/report/markdown.ts');
    return keep(options, result.repository, markdownReport(result));
  });
}

/**
 * Runs the gate, and when it fails says so in the comment: else that of the last run would still tell of a
 * pass. The failure goes on.
 */
export async function commentOnFailure(options: CommentOptions, gate: () => Promise<void>): Promise<void> {
  try {
    await gate();
  } catch (error) {
    if (options.comment !== undefined) {
      await telling(async () => {
        const { undecidedMarkdown } = await import('../core/report/markdown.ts');
        const [{ problemLines }, { DecisionError }] = await Promise.all([
          import('./failure.ts'),
          import('../core/decision/decide.ts'),
        ]);
        const message = error instanceof Error ? error.message : String(error);
        const problems = error instanceof UsageError || error instanceof DecisionError ? error.problems : [];
        const lines = problemLines(problems, (_, text) => text, 20).split('\n');
        return keep(options, { name: '' }, undecidedMarkdown([...message.split('\n'), ...lines]));
      });
    }
    throw error;
  }
}

async function telling(write: () => Promise<string>): Promise<void> {
  const said = await write().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    return `The comment could not be written; the verdict stands without it. ${why}`;
  });
  stderr.write(`${stderr.style('yellow', 'note')}: ${block(said, '      ')}\n`);
}

async function keep({ comment, change: asked }: CommentOptions, repository: Repository, body: string): Promise<string> {
  const [{ changeOfEnvironment, changeOnForge, tokenFor }, { keepComment }, { commentMarker }] = await Promise.all([
    import('../core/forge/source.ts'),
    import('../core/forge/comment.ts'),
    import('../core/report/markdown.ts'),
  ]);
  const { env: environment } = process;
  const payload = await eventPayload(environment);
  const given = asked === undefined ? {} : { number: asked };
  const forge = comment === 'github' || comment === 'gitlab' ? comment : undefined;
  const change: ForgeChange | undefined = forge
    ? changeOnForge(forge, { environment, payload, repository, ...given })
    : changeOfEnvironment(environment, payload);
  const number = change?.number;
  if (change === undefined || number === undefined) {
    return 'No comment is written: the environment tells of no pull or merge request that this run is for.';
  }
  const token = tokenFor(change, environment);
  if (token === undefined) {
    return `No comment is written: there is no token for ${new URL(change.apiUrl).host} in the environment.`;
  }
  const kept = await keepComment({ ...change, number }, commentMarker, body, { token, environment, waitMs });
  return `The comment on ${number} is ${kept.what}${kept.url === undefined ? '' : `: ${kept.url}`}`;
}

/** What GitHub Actions tells of the event, if anything; what is wrong with it, who reads the range says. */
async function eventPayload({ GITHUB_EVENT_PATH: file }: NodeJS.ProcessEnv): Promise<unknown> {
  if (!file) return undefined;
  const { readFile } = await import('node:fs/promises');
  return JSON.parse(await readFile(file, 'utf8'));
}
