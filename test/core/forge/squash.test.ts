/** The messages that squash merges would make. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { githubSquashMessage, gitlabSquashMessage, type SquashedCommit } from '../../../core/forge/squash.ts';

const ann = { name: 'Ann Example', email: 'ann@example.com', merge: false };
const bo = { name: 'Bo Example', email: 'bo@example.com', merge: false };
const pull = { number: 7, title: 'Add the export', body: 'Why.\r\n\r\nAI-Model: claude-opus-4-6' };
const two: SquashedCommit[] = [
  { ...ann, message: 'One\n\nAI-Model: claude-opus-4-6\n' },
  { ...bo, message: 'Two\n\nCo-authored-by: Cy Example <cy@example.com>\n' },
];
const isAnn = ({ email }: SquashedCommit) => email === ann.email;

test('GitHub: the commits as a list, so that their trailers are none of the message', () => {
  const message = githubSquashMessage({ title: 'PR_TITLE', message: 'COMMIT_MESSAGES' }, pull, two, isAnn);
  assert.equal(
    message,
    [
      'Add the export (#7)',
      '* One\n\nAI-Model: claude-opus-4-6',
      '* Two\n\nCo-authored-by: Cy Example <cy@example.com>',
      '---------',
      'Co-authored-by: Bo Example <bo@example.com>\nCo-authored-by: Cy Example <cy@example.com>',
    ].join('\n\n'),
  );
});

test('GitHub: a single commit keeps its title and body, so that its trailers stay', () => {
  const settings = { title: 'COMMIT_OR_PR_TITLE', message: 'COMMIT_MESSAGES' } as const;
  assert.equal(githubSquashMessage(settings, pull, two.slice(0, 1), isAnn), 'One (#7)\n\nAI-Model: claude-opus-4-6');
  assert.match(githubSquashMessage(settings, pull, two, isAnn), /^Add the export \(#7\)\n\n\* One/);
});

test('GitHub: the description, or nothing', () => {
  const of = (message: 'PR_BODY' | 'BLANK', commits = two.slice(0, 1)) =>
    githubSquashMessage({ title: 'PR_TITLE', message }, pull, commits, isAnn);
  assert.equal(of('PR_BODY'), 'Add the export (#7)\n\nWhy.\n\nAI-Model: claude-opus-4-6');
  assert.equal(of('BLANK'), 'Add the export (#7)');
  assert.equal(
    of('BLANK', [{ ...bo, message: 'x' }]),
    'Add the export (#7)\n\nCo-authored-by: Bo Example <bo@example.com>',
  );
});

const request = {
  title: 'Add the export',
  description: 'Why.',
  sourceBranch: 'topic',
  targetBranch: 'main',
  localReference: '!7',
  reference: 'group/app!7',
  url: 'https://gitlab.example.com/group/app/-/merge_requests/7',
  sourceProjectId: 42,
  authorEmails: [ann.email],
  commits: [...two].reverse(),
};
const gitlab = (template: string | null, more: Partial<typeof request> = {}) =>
  gitlabSquashMessage({ ...request, template, ...more });

test('GitLab: the title without a template, the variables with one', () => {
  assert.deepEqual(gitlab(null), { message: 'Add the export', missing: [] });
  assert.deepEqual(gitlab(''), { message: 'Add the export', missing: [] });
  assert.equal(gitlab('%{first_commit}').message, 'One\n\nAI-Model: claude-opus-4-6');
  assert.equal(
    gitlab('%{first_multiline_commit}', { commits: [{ ...bo, message: 'No body' }] }).message,
    'Add the export',
  );
  assert.equal(
    gitlab('%{title} (%{local_reference})\r\n\r\n%{source_branch} → %{target_branch}, %{unknown}').message,
    'Add the export (!7)\n\ntopic → main, %{unknown}',
  );
  assert.equal(
    gitlab('%{title}\n\n%{co_authored_by}').message,
    'Add the export\n\nCo-authored-by: Bo Example <bo@example.com>',
  );
});

test('GitLab: a line of nothing but an empty variable goes, with the blank line before it', () => {
  assert.equal(gitlab('%{title}\n\n%{description}\n\nEnd', { description: '' }).message, 'Add the export\n\nEnd');
  assert.equal(gitlab('%{title}\n\n%{description}', { description: '' }).message, 'Add the export');
  assert.equal(gitlab('%{title}\n%{description}\nEnd', { description: '' }).message, 'Add the export\nEnd');
  assert.equal(gitlab('%{title}\n\nSee %{description}.', { description: '' }).message, 'Add the export\n\nSee .');
});

test('GitLab: what depends on whoever merges is left out, and said to be', () => {
  // The blank line is between two that are taken out: GitLab keeps it.
  assert.deepEqual(gitlab('%{title}\n\n%{merged_by}\n\n%{approved_by}'), {
    message: 'Add the export\n\n',
    missing: ['approved_by', 'merged_by'],
  });
});

test('GitLab: values are put in as they are, whatever they hold', () => {
  const title = 'Take $& and %{url} as they are';
  assert.equal(gitlab('%{title}', { title }).message, title);
});

test('GitLab: merges and all too long bodies are not in the list', () => {
  const commits = [
    { ...bo, message: `Big\n\n${'x'.repeat(110 * 1024)}` },
    { ...bo, message: "Merge branch 'main'", merge: true },
  ];
  assert.equal(
    gitlab('%{all_commits}', { commits }).message,
    '* Big\n\n-- Skipped commit body exceeding 100KiB in size.',
  );
});
