/**
 * What the tests' GitLab answers has the members and types that GitLab's entities expose
 * (https://gitlab.com/gitlab-org/gitlab/-/tree/master/lib/api/entities; its OpenAPI file is made of them, and
 * in no package), and that Gitbeaker's types have.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type {
  CommitSchema,
  CommitStatusSchema,
  ExpandedMergeRequestSchema,
  MergeRequestDiffVersionsSchema,
  MergeRequestLevelMergeRequestApprovalSchema,
} from '@gitbeaker/rest';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { readForgeFacts } from '../../core/forge/facts.ts';
import { startGitlab } from '../support/forge-servers/gitlab.ts';

const ajv = new Ajv({ allErrors: true });
ajvFormats.default(ajv);

const text = { type: 'string' };
const id = { type: 'integer' };
const flag = { type: 'boolean' };
const time = { type: 'string', format: 'date-time' };
const maybe = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const object = (properties: Record<string, object>) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
const list = (items: object) => ({ type: 'array', items });

// user_basic.rb, user.rb
const userBasic = { id, username: text, name: text, state: text, avatar_url: maybe(text), web_url: text };
// merge_request_basic.rb, issuable_entity.rb
const mergeRequest = object({
  ...{ id, iid: id, project_id: id, title: text, description: maybe(text), state: text },
  ...{ created_at: time, updated_at: time, merged_at: maybe(time), closed_at: maybe(time) },
  ...{ target_branch: text, source_branch: text, author: object(userBasic), assignees: list(object(userBasic)) },
  ...{ source_project_id: maybe(id), target_project_id: id, labels: list(text), draft: flag, work_in_progress: flag },
  ...{ sha: text, merge_commit_sha: maybe(text), squash_commit_sha: maybe(text), squash: flag, squash_on_merge: flag },
  ...{ references: object({ short: text, relative: text, full: text }), web_url: text },
});

/** By the end of the path, the most particular first. */
const answers: [RegExp, object][] = [
  // merge_request_approvals.rb, approvals.rb
  [
    /\/approvals$/,
    object({
      ...{ user_has_approved: flag, user_can_approve: flag, approved: flag },
      approved_by: list(object({ user: object(userBasic), approved_at: time })),
    }),
  ],
  // merge_request_reviewer.rb
  [/\/reviewers$/, list(object({ user: object(userBasic), state: text, created_at: time }))],
  // merge_request_diff.rb
  [
    /\/versions$/,
    list(
      object({
        ...{ id, head_commit_sha: text, base_commit_sha: text, start_commit_sha: text, created_at: time },
        ...{ merge_request_id: id, state: text, real_size: text },
      }),
    ),
  ],
  // commit.rb
  [
    /\/commits$/,
    list(
      object({
        ...{ id: text, short_id: text, created_at: time, parent_ids: list(text), title: text, message: text },
        ...{ author_name: text, author_email: text, authored_date: time },
        ...{ committer_name: text, committer_email: text, committed_date: time },
      }),
    ),
  ],
  // commit_status.rb
  [
    /\/statuses$/,
    list(
      object({
        ...{ id, sha: text, ref: text, status: text, name: text, target_url: maybe(text), description: maybe(text) },
        ...{ created_at: time, started_at: maybe(time), finished_at: maybe(time), allow_failure: flag },
        ...{ pipeline_id: id, author: object(userBasic) },
      }),
    ),
  ],
  [/\/commits\/[^/]+\/merge_requests$/, list(mergeRequest)],
  [/\/merge_requests\/\d+$/, mergeRequest],
  // member.rb
  [
    /^\/projects\/[^/]+\/members\/all\/\d+$/,
    object({ ...userBasic, access_level: id, created_at: time, expires_at: maybe(time) }),
  ],
  [/^\/groups\/[^/]+\/members\/all$/, list(object({ ...userBasic, access_level: id, created_at: time }))],
  [/^\/users\/\d+$/, object({ ...userBasic, bot: flag, public_email: maybe(text) })],
  // project.rb
  [
    /^\/projects\/[^/]+$/,
    object({
      ...{ id, path_with_namespace: text, default_branch: maybe(text), merge_method: text },
      ...{ squash_option: text, squash_commit_template: maybe(text) },
    }),
  ],
];

const [base, head] = ['a'.repeat(40), 'b'.repeat(40)];
const gitlab = await startGitlab({
  id: 42,
  path: 'group/app',
  users: {
    'ada-example': { id: 1, name: 'Ada Example', access: 40, email: 'ada@example.com' },
    'bo-example': { id: 2, name: 'Bo Example', access: 30 },
  },
  groups: { 'group/core': ['bo-example'] },
  statuses: { [head]: [{ name: 'build', status: 'success' }] },
  mergeRequests: {
    7: {
      title: 'Add the export',
      author: 'ada-example',
      source: { branch: 'topic', sha: head },
      target: { branch: 'main', sha: base },
      approvalsRequired: 1,
      approved: [{ login: 'bo-example', at: '2026-01-31T10:00:00.000Z' }],
      reviewers: [{ login: 'bo-example', state: 'approved' }],
      commits: [{ sha: head, message: 'One', name: 'Ada Example', email: 'ada@example.com', parents: [base] }],
    },
  },
});
after(() => gitlab.close());

async function answer<T>(path: string): Promise<T> {
  const response = await fetch(`${gitlab.url}/api/v4${path}`, { headers: { 'private-token': 'good' } });
  assert.equal(response.status, 200, path);
  return (await response.json()) as T;
}

test('every answer that facts are read from has what the entities expose', async () => {
  const source = { forge: 'gitlab' as const, apiUrl: `${gitlab.url}/api/v4`, project: 'group/app' };
  const options = { environment: {}, token: 'good', teams: ['group/core'], waitMs: 20_000, head };
  const told = await readForgeFacts(source, options);
  await readForgeFacts({ ...source, number: 7 }, options);
  assert.deepEqual([told.change.id, told.unknown], ['7', []]);
  const paths = new Set(gitlab.asked.map(({ path }) => path));
  const used = new Set<RegExp>();
  for (const path of paths) {
    const [pattern, schema] = answers.find(([one]) => one.test(path)) ?? assert.fail(`${path} is not stated`);
    const validate = ajv.compile(schema);
    assert.ok(validate(await answer(path)), `${path}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
    used.add(pattern);
  }
  assert.equal(used.size, answers.length, 'each statement is one of an answer that is used');
});

/** Members that Gitbeaker knows have the types that it knows. The compiler checks it; the test, that they are there. */
test("the answers are of Gitbeaker's types", async () => {
  const request = `/projects/42/merge_requests/7`;
  const known: (keyof ExpandedMergeRequestSchema)[] = [
    'sha',
    'source_project_id',
    'draft',
    'author',
    'diff_refs',
    'labels',
  ];
  const shown = await answer<ExpandedMergeRequestSchema>(request);
  for (const key of known) assert.ok(key in shown, String(key));
  const approvals = await answer<MergeRequestLevelMergeRequestApprovalSchema>(`${request}/approvals`);
  assert.equal(approvals.approved_by?.[0]?.user.username, 'bo-example');
  assert.equal(typeof approvals.approvals_required, 'number');
  const [version] = await answer<MergeRequestDiffVersionsSchema[]>(`${request}/versions`);
  assert.deepEqual([version?.head_commit_sha, typeof version?.created_at], [head, 'string']);
  const [commit] = await answer<CommitSchema[]>(`${request}/commits`);
  assert.deepEqual([commit?.author_email, commit?.message], ['ada@example.com', 'One']);
  const [status] = await answer<CommitStatusSchema[]>(`/projects/42/repository/commits/${head}/statuses`);
  assert.deepEqual([status?.name, status?.status, status?.allow_failure], ['build', 'success', false]);
});
