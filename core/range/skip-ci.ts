/** Words in a message that keep code hosts from running jobs for a push. */

/**
 * GitHub: https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
 * GitLab: https://docs.gitlab.com/ci/pipelines/#skip-a-pipeline
 * Azure Pipelines: https://learn.microsoft.com/azure/devops/pipelines/repos/azure-repos-git#skipping-ci-for-individual-pushes
 */
const instruction =
  /\[(?:skip[ -](?:ci|actions|azurepipelines|azpipelines|azp)|(?:ci|actions|azurepipelines|azpipelines|azp)[ -]skip|no ci)\]|\*\*\*no_ci\*\*\*|^skip-checks: ?true$/im;

/** The first such word of a message; undefined when there is none. */
export function skipInstruction(message: string): string | undefined {
  return instruction.exec(message)?.[0];
}

/** What to say of a change with such commits: a squash merge takes their messages along. */
export function skipNote(found: readonly { sha: string; word: string }[]): string | undefined {
  const [first] = found;
  if (!first) return undefined;
  const others = found.length > 1 ? ` and ${found.length - 1} more` : '';
  return `${first.sha.slice(0, 10)}${others} says ${first.word}: merged so, or squashed with it, the push may not be judged again. A scheduled run, a merge queue or a pre-receive hook does it all the same.`;
}
