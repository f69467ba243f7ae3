/** `countersign exception due --issue`: one issue that lists the follow-ups that are owed. */
import type { Owed } from '../core/exceptions/report.ts';
import type { GitRepository } from '../core/git/repository.ts';
import { UsageError } from './exit.ts';
import { block, stderr } from './terminal.ts';

export type IssueChoice = 'github' | 'gitlab';

/**
 * Opens, updates or closes the issue and says so on stderr. Rejects when it cannot: a schedule that keeps
 * nothing is one that nobody looks at.
 */
export async function keepOwedIssue(forge: IssueChoice, owed: Owed, repository: GitRepository): Promise<void> {
  const [{ changeOnForge, tokenFor }, { keepIssue }, { repositoryFacts }, { dueMarker, owedMarkdown }] =
    await Promise.all([
      import('../core/forge/source.ts'),
      import('../core/forge/issue.ts'),
      import('../core/decision/repository-facts.ts'),
      import('../core/exceptions/report.ts'),
    ]);
  const { env: environment } = process;
  const place = changeOnForge(forge, { environment, repository: await repositoryFacts(repository) });
  if (place === undefined) {
    throw new UsageError(`Neither the environment nor the remote's address tells which repository on ${forge} it is.`);
  }
  const token = tokenFor(place, environment);
  if (token === undefined) {
    const variable = forge === 'github' ? 'GITHUB_TOKEN' : 'GITLAB_TOKEN';
    throw new UsageError(`There is no token for ${new URL(place.apiUrl).host}: give one as ${variable}.`);
  }
  const { overdue, due } = owed;
  const text = {
    title: `Follow-ups of exceptions: ${overdue.length} overdue, ${due.length} due`,
    body: owedMarkdown(owed),
    open: overdue.length + due.length > 0,
  };
  const { what, number, url } = await keepIssue(place, dueMarker, text, { token, environment }).catch(explained);
  const said =
    what === 'none'
      ? 'Nothing is owed, and no issue is open.'
      : `The issue ${number} is ${what}${url === undefined ? '' : `: ${url}`}`;
  stderr.write(`${block(said, '')}\n`);
}

async function explained(error: unknown): Promise<never> {
  const [{ ForgeError }, { DecisionError }] = await Promise.all([
    import('../core/forge/forge-error.ts'),
    import('../core/decision/decide.ts'),
  ]);
  throw error instanceof ForgeError ? new DecisionError(error.message, [], error) : error;
}
