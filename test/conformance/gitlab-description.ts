/**
 * What GitLab's own OpenAPI file says of the requests that this project makes, and of what answers them: version
 * 19.5, doc/api/openapi/openapi_v3.yaml of https://github.com/gitlabhq/gitlabhq at
 * 045bf8777ea893e770b49d420febaeb7bf89e24a. It is in no package, so its facts are restated here: paths (below
 * /api/v4), names and types of parameters, and (gitlab-entities.ts) of the members of answers. Filters of issues
 * with brackets in their names are left out.
 */
import {
  among,
  anything,
  each,
  flag,
  list,
  type Members,
  of,
  type Schema,
  text,
  time,
  whole,
} from './gitlab-entities.ts';

export interface Operation {
  query?: Members;
  body?: { members: Members; required?: string[] };
  status: number;
  /** Absent: nothing is answered. */
  answer?: Schema;
}

const page = each(whole, 'page per_page');
const sort = among('asc', 'desc');
const customAttributes: Members = { with_custom_attributes: flag, custom_attributes: anything };
const kinds = among('issue', 'incident', 'test_case', 'requirement', 'task', 'ticket');
/** What both requests that write an issue take. */
const written: Members = {
  ...each(text, 'title description milestone due_date start_date'),
  ...each(whole, 'assignee_id milestone_id weight epic_id epic_iid'),
  ...each(list(text), 'labels add_labels remove_labels'),
  ...each(flag, 'confidential discussion_locked'),
  assignee_ids: list(whole),
  issue_type: kinds,
  severity: among('unknown', 'low', 'medium', 'high', 'critical'),
};
const mergeRequests = '/projects/{id}/merge_requests';
const mergeRequest = `${mergeRequests}/{merge_request_iid}`;
const note = `${mergeRequests}/{noteable_id}/notes/{note_id}`;
const commit = '/projects/{id}/repository/commits/{sha}';

export const operations: Record<string, Operation> = {
  'GET /user': { status: 200, answer: of('UserPublic') },
  'GET /users/{id}': { query: customAttributes, status: 200, answer: of('UserProfile') },
  'GET /groups/{id}/members/all': {
    query: { query: text, user_ids: list(whole), show_seat_info: flag, state: among('awaiting', 'active'), ...page },
    status: 200,
    answer: list(of('Member')),
  },
  'GET /projects/{id}': {
    query: { ...customAttributes, ...each(flag, 'statistics license') },
    status: 200,
    answer: of('ProjectsWithAccessAndCatalogSetting'),
  },
  'GET /projects/{id}/members/all/{user_id}': { status: 200, answer: of('Member') },
  [`GET ${mergeRequest}`]: {
    query: each(flag, 'render_html include_diverged_commits_count include_rebase_in_progress'),
    status: 200,
    answer: of('MergeRequest'),
  },
  [`GET ${mergeRequest}/approvals`]: { status: 200, answer: of('MergeRequestApprovals') },
  [`GET ${mergeRequest}/reviewers`]: { status: 200, answer: list(of('MergeRequestReviewer')) },
  [`GET ${mergeRequest}/versions`]: { query: page, status: 200, answer: list(of('MergeRequestDiff')) },
  [`GET ${mergeRequest}/commits`]: { query: page, status: 200, answer: list(of('Commit')) },
  [`GET ${mergeRequests}/{noteable_id}/notes`]: {
    query: {
      order_by: among('created_at', 'updated_at'),
      sort,
      activity_filter: among('all_notes', 'only_comments', 'only_activity'),
      ...page,
    },
    status: 200,
    answer: of('Note'),
  },
  [`POST ${mergeRequests}/{noteable_id}/notes`]: {
    body: {
      members: { ...each(text, 'body created_at merge_request_diff_head_sha'), ...each(flag, 'confidential internal') },
      required: ['body'],
    },
    status: 201,
    answer: of('Note'),
  },
  [`PUT ${note}`]: { body: { members: { body: text, confidential: flag } }, status: 200, answer: of('Note') },
  [`DELETE ${note}`]: { status: 200, answer: of('Note') },
  [`GET ${commit}/merge_requests`]: {
    query: { state: text, ...page },
    status: 200,
    answer: list(of('MergeRequestBasic')),
  },
  [`GET ${commit}/statuses`]: {
    query: {
      ...each(text, 'ref stage name'),
      ...{ pipeline_id: whole, all: flag, order_by: among('id', 'pipeline_id'), sort, ...page },
    },
    status: 200,
    answer: list(of('CommitStatus')),
  },
  'GET /projects/{id}/issues': {
    query: {
      ...each(flag, 'with_labels_details confidential'),
      ...each(whole, 'closed_by_id author_id'),
      ...each(text, 'milestone search in author_username my_reaction_emoji cursor'),
      ...each(time, 'created_after created_before updated_after updated_before'),
      ...each(list(text), 'labels assignee_username'),
      state: among('opened', 'closed', 'all'),
      order_by: among(
        ...['created_at', 'due_date', 'label_priority', 'milestone_due', 'popularity', 'priority'],
        ...['relative_position', 'title', 'updated_at', 'weight'],
      ),
      sort,
      issue_type: kinds,
      iids: list(whole),
      scope: among('created-by-me', 'assigned-to-me', 'created_by_me', 'assigned_to_me', 'all'),
      ...page,
    },
    status: 200,
    answer: of('Issue'),
  },
  'POST /projects/{id}/issues': {
    body: {
      members: {
        ...written,
        ...each(whole, 'merge_request_to_resolve_discussions_of iid'),
        ...{ discussion_to_resolve: text, created_at: time },
      },
      required: ['title'],
    },
    status: 201,
    answer: of('Issue'),
  },
  'PUT /projects/{id}/issues/{issue_iid}': {
    body: { members: { ...written, updated_at: time, state_event: among('reopen', 'close') } },
    status: 200,
    answer: of('Issue'),
  },
};

/**
 * Where the file, which is generated from what endpoints declare of themselves, says other than GitLab does: what
 * is exposed without a type is "a string" there, and lists of entities are one entity.
 */
export const corrections: { entities: Record<string, Members>; operations: Record<string, Partial<Operation>> } = {
  entities: {
    // A number, as in the examples at https://docs.gitlab.com/api/project_members/.
    Member: { access_level: whole },
    // Lists, as in the examples at https://docs.gitlab.com/api/merge_requests/.
    MergeRequestBasic: each(list(of('UserBasic')), 'assignees reviewers'),
    MergeRequest: each(list(of('UserBasic')), 'assignees reviewers'),
    // A list: https://docs.gitlab.com/api/merge_request_approvals/, as ApprovalState has it.
    MergeRequestApprovals: { approved_by: list(of('Approvals')) },
    // A list: https://docs.gitlab.com/api/issues/.
    Issue: { assignees: list(of('UserBasic')) },
  },
  operations: {
    // Premium answers with what the file describes for POST: https://docs.gitlab.com/api/merge_request_approvals/.
    [`GET ${mergeRequest}/approvals`]: { answer: { anyOf: [of('MergeRequestApprovals'), of('ApprovalState')] } },
    // lib/api/merge_requests.rb, which pages what it has not said to page: `paginate(reviewers)`.
    [`GET ${mergeRequest}/reviewers`]: { query: page },
    // Pages of notes (lib/api/notes.rb: `paginate`) and of issues (https://docs.gitlab.com/api/issues/).
    [`GET ${mergeRequests}/{noteable_id}/notes`]: { answer: list(of('Note')) },
    'GET /projects/{id}/issues': { answer: list(of('Issue')) },
    // lib/api/helpers.rb, `destroy_conditionally!`: 204 and no body.
    [`DELETE ${note}`]: { status: 204, answer: undefined },
  },
};
