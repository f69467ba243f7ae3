/** A merge request as GitLab's API shows it. */
import type { ToldChange } from './gathering.ts';
import type { Reader } from './reading.ts';

/** https://docs.gitlab.com/api/merge_requests/#retrieve-a-merge-request */
export interface MergeRequest {
  iid: number;
  head: string;
  /** The commits that its merge made. */
  merged: string[];
  author?: { id: number; username: string };
  sourceProject?: number;
  targetProject: number;
  squash: boolean;
  reference: string;
  change: ToldChange;
}

const where = 'the merge request';

export function readMergeRequest(read: Reader, value: unknown): MergeRequest {
  const one = read.record(value, where);
  const iid = read.number(one, 'iid', where);
  const author =
    one.author === null || one.author === undefined ? undefined : read.record(one.author, `${where}.author`);
  const username = author && read.text(author, 'username', `${where}.author`);
  const state = read.text(one, 'state', where);
  const url = read.maybeText(one, 'web_url', where);
  const draft = read.maybeFlag(one, 'draft', where);
  const targetProject = read.number(one, 'target_project_id', where);
  // Null: the fork was deleted.
  const sourceProject = one.source_project_id === null ? undefined : read.number(one, 'source_project_id', where);
  const references = one.references === undefined ? {} : read.record(one.references, `${where}.references`);
  return {
    iid,
    head: read.commit(one, 'sha', where),
    merged:
      state === 'merged'
        ? ['merge_commit_sha', 'squash_commit_sha', 'sha'].flatMap((key) => read.maybeText(one, key, where) ?? [])
        : [],
    ...(author && username !== undefined && { author: { id: read.number(author, 'id', `${where}.author`), username } }),
    ...(sourceProject !== undefined && { sourceProject }),
    targetProject,
    squash: read.maybeFlag(one, 'squash_on_merge', where) ?? read.maybeFlag(one, 'squash', where) ?? false,
    reference: read.maybeText(references, 'full', `${where}.references`) ?? `!${iid}`,
    change: {
      id: String(iid),
      ...(url !== undefined && { url }),
      title: read.text(one, 'title', where),
      body: read.maybeText(one, 'description', where) ?? '',
      ...(username !== undefined && { author: username }),
      base_branch: read.text(one, 'target_branch', where),
      head_branch: read.text(one, 'source_branch', where),
      ...(draft !== undefined && { draft }),
      state: state === 'merged' ? 'merged' : state === 'closed' ? 'closed' : 'open',
      from_fork: sourceProject !== targetProject,
      labels: read.list(one.labels, `${where}.labels`).map((label) => {
        // With details, labels are objects.
        return typeof label === 'string' ? label : read.text(read.record(label, 'a label'), 'name', 'a label');
      }),
    },
  };
}
