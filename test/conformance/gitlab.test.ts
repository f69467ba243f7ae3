/**
 * The requests that are made of GitLab, what the tests' GitLab answers, and what is read of it are as GitLab's own
 * description has them (gitlab-description.ts, which says where the description itself is wrong). Which members are
 * always there, and which may be null, is said by GitLab's entities alone (gitlab-entities.ts). Members that
 * Gitbeaker's types have are of these types, too.
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
import { keepComment } from '../../core/forge/comment.ts';
import { readForgeFacts } from '../../core/forge/facts.ts';
import { keepIssue } from '../../core/forge/issue.ts';
import { startGitlab } from '../support/forge-servers/gitlab.ts';
import { corrections, type Operation, operations } from './gitlab-description.ts';
import { always, entities, type Members, nulls, type Schema } from './gitlab-entities.ts';

const [base, old, head] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];
const mergeRequest = {
  title: 'Add the export',
  author: 'ada-example',
  labels: ['ai'],
  source: { branch: 'topic', sha: head },
  target: { branch: 'main', sha: base },
  reviewers: [
    { login: 'bo-example', state: 'approved' },
    { login: 'ada-example', state: 'requested_changes' },
  ],
  commits: [head, old].map((sha) => ({
    ...{ sha, message: 'One', name: 'Ada Example', email: 'ada@example.com', parents: [base] },
  })),
};
const gitlab = await startGitlab(
  {
    id: 42,
    path: 'group/app',
    users: {
      'ada-example': { id: 1, name: 'Ada Example', access: 40, email: 'ada@example.com' },
      'bo-example': { id: 2, name: 'Bo Example', access: 30 },
    },
    groups: { 'group/core': ['ada-example', 'bo-example'] },
    statuses: { [head]: ['build', 'test'].map((name, id) => ({ name, status: 'success', id })) },
    mergeRequests: {
      7: {
        ...mergeRequest,
        approvalsRequired: 1,
        approved: [{ login: 'bo-example', at: '2026-01-31T10:00:00.000Z' }],
      },
      // The free edition, of a version that does not tell when somebody approved.
      8: {
        ...mergeRequest,
        source: { branch: 'other', sha: old },
        approved: [{ login: 'bo-example', at: null }],
        notes: [
          { login: 'bo-example', body: 'approved this merge request', system: true, at: '2026-01-31T10:00:00.000Z' },
        ],
      },
    },
  },
  // So that there are next pages.
  { pageSize: 1 },
);
after(() => gitlab.close());

const described = (entity: string): Members => ({ ...entities[entity], ...corrections.entities[entity] });
const operation = (name: string): Operation => ({ ...operations[name]!, ...corrections.operations[name] });

const ajv = new Ajv({ allErrors: true, strictTypes: false });
ajvFormats.default(ajv);
for (const entity of Object.keys(entities)) ajv.addSchema({ $id: entity, ...entitySchema(entity) });
/** Parameters of a query come as texts, and lists with commas. */
const texts = new Ajv({ allErrors: true, coerceTypes: 'array' });
ajvFormats.default(texts);

/** Of an entity: no member that is not described, each of its type. */
function entitySchema(entity: string): Schema {
  const maybe = new Set((nulls[entity] ?? '').split(' '));
  const properties = Object.entries(described(entity)).map(([name, schema]): [string, Schema] => [
    name,
    maybe.has(name) ? { anyOf: [schema, { type: 'null' }] } : schema,
  ]);
  const required = always[entity]?.split(' ') ?? [];
  return { type: 'object', additionalProperties: false, required, properties: Object.fromEntries(properties) };
}

/** `GET /projects/{id}` of `GET /projects/42`; the most literal of those that fit. */
function operationOf(method: string, path: string): string {
  const fitting = Object.keys(operations).filter((name) => {
    return new RegExp(`^${name.replace(/\{\w+\}/g, '[^/]+')}$`).test(`${method} ${path}`);
  });
  return fitting.sort((a, b) => a.split('{').length - b.split('{').length)[0] ?? assert.fail(`${method} ${path}`);
}

function holds(value: unknown, schema: Schema, where: string, by = ajv): void {
  const validate = by.compile(schema);
  assert.ok(validate(value), `${where}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
}

/** What was read of answers, as it was read: `GET /user id`. */
const reads = new Set<string>();
const parse = JSON.parse;

/** Watches what is read of the answers as long as `work` takes. */
async function watched(work: () => Promise<void>): Promise<void> {
  JSON.parse = (json: string, reviver?: Parameters<typeof parse>[1]) => {
    const value: unknown = parse(json, reviver);
    const found = gitlab.answers.find(({ answer }) => JSON.stringify(answer.body) === json);
    return found ? watch(value, operationOf(found.asked.method, found.asked.path)) : value;
  };
  try {
    await work();
  } finally {
    JSON.parse = parse;
  }
}

function watch(value: unknown, where: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (Array.isArray(target)) return typeof key === 'string' && /^\d+$/.test(key) ? watch(member, where) : member;
      // A promise is asked whether its value is one.
      if (typeof key !== 'string' || key === 'then') return member;
      reads.add(`${where} ${key}`);
      return watch(member, `${where} ${key}`);
    },
  });
}

/** Whether a schema has a member, however deep. */
function has(schema: Schema, [name, ...deeper]: string[]): boolean {
  if (name === undefined) return true;
  if (typeof schema.$ref === 'string') return has({ properties: described(schema.$ref) }, [name, ...deeper]);
  if (schema.items) return has(schema.items as Schema, [name, ...deeper]);
  if (schema.anyOf) return (schema.anyOf as Schema[]).some((one) => has(one, [name, ...deeper]));
  const member = (schema.properties as Members | undefined)?.[name];
  return member !== undefined && has(member, deeper);
}

const place = { forge: 'gitlab' as const, apiUrl: `${gitlab.url}/api/v4`, project: 'group/app' };

test('facts, comments and issues are asked and answered as described, and no more is read', async () => {
  const facts = { environment: {}, token: 'good', teams: ['group/core'], waitMs: 20_000 };
  const access = {
    token: { token: 'good', variable: 'GITLAB_TOKEN', kind: 'access' as const },
    environment: {},
    waitMs: 20_000,
  };
  await watched(async () => {
    const found = await readForgeFacts(place, { ...facts, head });
    assert.deepEqual([found.change.id, found.unknown, found.change.required_approvals], ['7', [], 1]);
    const free = await readForgeFacts({ ...place, number: 8 }, facts);
    assert.deepEqual([free.unknown, free.change.approvals?.map(({ commit }) => commit)], [[], [old, undefined]]);

    const said: string[] = [];
    for (const body of ['<!-- m --> One', '<!-- m --> Two']) {
      said.push((await keepComment({ ...place, number: 7 }, '<!-- m -->', body, access)).what);
    }
    gitlab.notes.push({ id: 99, mergeRequest: 7, login: 'ada-example', body: '<!-- m --> Two' });
    said.push((await keepComment({ ...place, number: 7 }, '<!-- m -->', '<!-- m --> Two', access)).what);
    assert.deepEqual([said, gitlab.notes.length], [['created', 'updated', 'unchanged'], 1]);

    const kept: string[] = [];
    for (const open of [true, false, true]) {
      kept.push((await keepIssue(place, '<!-- m -->', { title: 'Due', body: '<!-- m --> x', open }, access)).what);
    }
    assert.deepEqual(kept, ['opened', 'closed', 'reopened']);
  });

  const used = new Set<string>();
  for (const { asked, answer } of gitlab.answers) {
    const name = operationOf(asked.method, asked.path);
    const { query = {}, body, status, answer: schema } = operation(name);
    used.add(name);
    holds(
      Object.fromEntries(asked.query),
      { type: 'object', additionalProperties: false, properties: query },
      name,
      texts,
    );
    const { members = {}, required = [] } = body ?? {};
    holds(asked.body ?? {}, { type: 'object', additionalProperties: false, properties: members, required }, name);
    assert.equal(answer.status ?? 200, status, name);
    if (schema) holds(answer.body, schema, name);
    else assert.equal(answer.body, undefined, name);
  }
  assert.deepEqual([...used].sort(), Object.keys(operations).sort(), 'what is described is used');

  for (const read of reads) {
    const [method, path, ...members] = read.split(' ');
    assert.ok(has(operation(`${method} ${path}`).answer ?? {}, members), read);
  }
  assert.ok(reads.size > 40, [...reads].join('\n'));
});

test('what is corrected in the description is in it, and other there', () => {
  for (const [entity, members] of Object.entries(corrections.entities)) {
    for (const [name, schema] of Object.entries(members)) {
      assert.ok(entities[entity]?.[name], `${entity}.${name}`);
      assert.notDeepEqual(entities[entity][name], schema, `${entity}.${name}`);
    }
  }
  for (const name of Object.keys(corrections.operations)) assert.notDeepEqual(operation(name), operations[name], name);
  for (const [entity, names] of [...Object.entries(always), ...Object.entries(nulls)]) {
    for (const name of names.split(' ')) assert.ok(entities[entity]?.[name], `${entity}.${name}`);
  }
});

async function answer<T>(path: string): Promise<T> {
  const response = await fetch(`${gitlab.url}/api/v4${path}`, { headers: { 'private-token': 'good' } });
  assert.equal(response.status, 200, path);
  return (await response.json()) as T;
}

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
