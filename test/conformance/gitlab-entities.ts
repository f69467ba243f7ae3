/**
 * The entities that GitLab answers with, as its OpenAPI file has them (which one: gitlab-description.ts), and what it
 * does not say of them.
 *
 * Left out are members that lead to entities which nothing here has to do with (pipelines, epics, statistics), and
 * most settings of a project. Of no entity's member the file says that it has to be there, nor that it may be null:
 * `always` and `nulls` say that, by GitLab's entities
 * (https://gitlab.com/gitlab-org/gitlab/-/tree/master/lib/api/entities) and the examples at
 * https://docs.gitlab.com/api/.
 */

/** A JSON Schema; `$ref` names an entity. */
export type Schema = Record<string, unknown>;
export type Members = Record<string, Schema>;

export const text = { type: 'string' };
export const whole = { type: 'integer' };
export const flag = { type: 'boolean' };
export const time = { type: 'string', format: 'date-time' };
const day = { type: 'string', format: 'date' };
export const anything = { type: 'object' };
export const of = (entity: string): Schema => ({ $ref: entity });
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const among = (...values: string[]): Schema => ({ type: 'string', enum: values });
export const each = (schema: Schema, names: string): Members =>
  Object.fromEntries(names.split(' ').map((name) => [name, schema]));

const userBasic: Members = {
  ...each(whole, 'id'),
  ...each(text, 'username public_email name state avatar_url avatar_path web_url'),
  ...each(flag, 'locked'),
  custom_attributes: list({ type: 'object', properties: each(text, 'key value') }),
};

const userPublic: Members = {
  ...userBasic,
  ...each(text, 'created_at bio location linkedin twitter discord website_url github job_title pronouns'),
  ...each(text, 'organization work_information followers following is_followed local_time'),
  ...each(flag, 'bot'),
};

const mergeRequestBasic: Members = {
  ...each(whole, 'id iid project_id source_project_id target_project_id user_notes_count upvotes downvotes'),
  ...each(whole, 'approvals_before_merge'),
  ...each(text, 'title description state title_html description_html target_branch source_branch imported_from'),
  ...each(text, 'merge_status detailed_merge_status sha merge_commit_sha squash_commit_sha reference web_url'),
  ...each(time, 'created_at updated_at merged_at closed_at merge_after prepared_at'),
  ...each(flag, 'draft imported work_in_progress merge_when_pipeline_succeeds discussion_locked squash'),
  ...each(flag, 'should_remove_source_branch force_remove_source_branch allow_collaboration squash_on_merge'),
  ...each(flag, 'allow_maintainer_to_push has_conflicts blocking_discussions_resolved'),
  ...each(of('UserBasic'), 'merged_by merge_user closed_by assignees assignee reviewers'),
  author: of('MergeRequestAuthor'),
  labels: list(text),
  milestone: of('Milestone'),
  references: of('IssuableReferences'),
  time_stats: of('IssuableTimeStats'),
  task_completion_status: of('TaskCompletionStatus'),
};

/** By their names in the file, without `APIEntities`. */
export const entities: Record<string, Members> = {
  UserBasic: userBasic,
  UserProfile: { ...userPublic, ...each(text, 'bio_html') },
  UserPublic: {
    ...userPublic,
    ...each(time, 'last_sign_in_at confirmed_at last_activity_on current_sign_in_at'),
    ...each(text, 'email commit_email preferred_language'),
    ...each(text, 'shared_runners_minutes_limit extra_shared_runners_minutes_limit'),
    ...each(whole, 'theme_id color_scheme_id projects_limit'),
    ...each(flag, 'can_create_group can_create_project two_factor_enabled external private_profile'),
  },
  Member: {
    ...userBasic,
    ...each(text, 'access_level created_at expires_at email is_using_seat override membership_state'),
    ...each(flag, 'two_factor_enabled'),
    created_by: of('UserBasic'),
  },
  NamespaceBasic: { ...each(whole, 'id parent_id'), ...each(text, 'name path kind full_path avatar_url web_url') },
  ProjectsWithAccessAndCatalogSetting: {
    ...each(whole, 'id'),
    ...each(text, 'description name name_with_namespace path path_with_namespace default_branch visibility'),
    ...each(text, 'ssh_url_to_repo http_url_to_repo web_url readme_url avatar_url'),
    ...each(text, 'merge_method squash_option merge_commit_template squash_commit_template'),
    ...each(time, 'created_at updated_at last_activity_at'),
    ...each(flag, 'archived empty_repo'),
    topics: list(text),
    namespace: of('NamespaceBasic'),
  },
  Milestone: {
    ...each(whole, 'id iid project_id'),
    ...each(text, 'group_id title description state created_at updated_at due_date start_date web_url'),
    ...each(flag, 'expired'),
  },
  IssuableReferences: each(text, 'short relative full'),
  IssuableTimeStats: {
    ...each(whole, 'time_estimate total_time_spent'),
    ...each(text, 'human_time_estimate human_total_time_spent'),
  },
  TaskCompletionStatus: each(whole, 'count completed_count'),
  DiffRefs: each(text, 'base_sha head_sha start_sha'),
  MergeRequestAuthor: { ...userBasic, ...each(flag, 'bot') },
  MergeRequestBasic: mergeRequestBasic,
  MergeRequest: {
    ...mergeRequestBasic,
    ...each(flag, 'subscribed rebase_in_progress first_contribution'),
    ...each(text, 'changes_count merge_error'),
    ...each(time, 'latest_build_started_at latest_build_finished_at first_deployed_to_production_at'),
    ...each(whole, 'diverged_commits_count'),
    diff_refs: of('DiffRefs'),
    user: { type: 'object', properties: each(flag, 'can_merge') },
  },
  Approvals: { user: of('UserBasic'), approved_at: time },
  MergeRequestApprovals: {
    ...each(flag, 'user_has_approved user_can_approve approved'),
    approved_by: of('Approvals'),
  },
  ApprovalRuleShort: { ...each(whole, 'id'), ...each(text, 'name rule_type') },
  ApprovalState: {
    ...each(whole, 'id iid project_id approvals_required approvals_left'),
    ...each(text, 'title description state merge_status'),
    ...each(time, 'created_at updated_at'),
    ...each(flag, 'approved require_password_to_approve user_has_approved user_can_approve has_approval_rules'),
    ...each(flag, 'merge_request_approvers_available multiple_approval_rules_available'),
    approved_by: list(of('Approvals')),
    suggested_approvers: list(of('UserBasic')),
    ...each(list(anything), 'approvers approver_groups'),
    ...each(list(of('ApprovalRuleShort')), 'approval_rules_left invalid_approvers_rules'),
  },
  MergeRequestReviewer: { user: of('UserBasic'), state: text, created_at: time },
  MergeRequestDiff: {
    ...each(whole, 'id merge_request_id'),
    ...each(text, 'head_commit_sha base_commit_sha start_commit_sha state real_size patch_id_sha'),
    ...each(time, 'created_at'),
  },
  Commit: {
    ...each(text, 'id short_id title message author_name author_email committer_name committer_email web_url'),
    ...each(time, 'created_at authored_date committed_date'),
    ...each(anything, 'trailers extended_trailers'),
    parent_ids: list(text),
  },
  CommitStatus: {
    ...each(whole, 'id pipeline_id'),
    ...each(text, 'sha ref status name target_url description'),
    ...each(time, 'created_at started_at finished_at'),
    ...each(flag, 'allow_failure'),
    coverage: { type: 'number' },
    author: of('UserBasic'),
  },
  Note: {
    ...each(whole, 'id noteable_id noteable_iid project_id'),
    ...each(text, 'type body noteable_type commit_id imported_from'),
    ...each(time, 'created_at updated_at resolved_at'),
    ...each(flag, 'system resolvable resolved confidential internal imported'),
    ...each(of('UserBasic'), 'author resolved_by'),
    ...each(anything, 'position commands_changes'),
  },
  Issue: {
    ...each(whole, 'id iid project_id user_notes_count merge_requests_count upvotes downvotes weight'),
    ...each(whole, 'blocking_issues_count moved_to_id'),
    ...each(text, 'title description state issue_type web_url task_status imported_from service_desk_reply_to'),
    ...each(text, 'epic_iid health_status'),
    ...each(time, 'created_at updated_at closed_at'),
    ...each(day, 'start_date due_date'),
    ...each(flag, 'confidential discussion_locked has_tasks subscribed imported'),
    ...each(of('UserBasic'), 'closed_by assignees author assignee'),
    labels: list(text),
    milestone: of('Milestone'),
    type: among('ISSUE', 'INCIDENT', 'TEST_CASE', 'REQUIREMENT', 'TASK', 'TICKET'),
    severity: among('UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'),
    _links: { type: 'object', properties: each(text, 'self notes award_emoji project closed_as_duplicate_of') },
    references: of('IssuableReferences'),
    time_stats: of('IssuableTimeStats'),
    task_completion_status: of('TaskCompletionStatus'),
  },
};

const mergeRequestNulls =
  'description merged_at closed_at merge_commit_sha squash_commit_sha source_project_id milestone';

/** Members that are null at times. */
export const nulls: Record<string, string> = {
  ...Object.fromEntries(
    ['UserBasic', 'UserProfile', 'UserPublic', 'Member', 'MergeRequestAuthor'].map((name) => [name, 'avatar_url']),
  ),
  Member: 'avatar_url expires_at',
  NamespaceBasic: 'parent_id avatar_url',
  ProjectsWithAccessAndCatalogSetting: 'description default_branch merge_commit_template squash_commit_template',
  MergeRequestBasic: mergeRequestNulls,
  MergeRequest: mergeRequestNulls,
  ApprovalState: 'description',
  CommitStatus: 'target_url description started_at finished_at coverage',
  Note: 'type',
  Issue: 'description closed_at milestone',
};

const userAlways = 'id username name state avatar_url web_url';
const mergeRequestAlways =
  'id iid project_id title description state created_at updated_at merged_at closed_at target_branch source_branch ' +
  'author assignees reviewers source_project_id target_project_id labels draft work_in_progress merge_status sha ' +
  'merge_commit_sha squash_commit_sha references web_url squash squash_on_merge';

/** Members that the entities expose whatever the request, as far as they are older than what is supported. */
export const always: Record<string, string> = {
  UserBasic: userAlways,
  UserProfile: `${userAlways} bot public_email`,
  UserPublic: userAlways,
  Member: `${userAlways} access_level created_at expires_at`,
  MergeRequestAuthor: userAlways,
  ProjectsWithAccessAndCatalogSetting:
    'id path_with_namespace default_branch merge_method squash_option squash_commit_template',
  IssuableReferences: 'short relative full',
  MergeRequestBasic: mergeRequestAlways,
  MergeRequest: `${mergeRequestAlways} diff_refs`,
  // `approved_at` is younger.
  Approvals: 'user',
  MergeRequestApprovals: 'user_has_approved user_can_approve approved approved_by',
  ApprovalState: 'iid user_has_approved user_can_approve approved approvals_required approvals_left approved_by',
  MergeRequestReviewer: 'user state created_at',
  MergeRequestDiff: 'id head_commit_sha base_commit_sha start_commit_sha created_at merge_request_id state real_size',
  Commit:
    'id short_id created_at parent_ids title message author_name author_email authored_date committer_name ' +
    'committer_email committed_date',
  CommitStatus:
    'id sha ref status name target_url description created_at started_at finished_at allow_failure pipeline_id author',
  Note: 'id type body author created_at updated_at system noteable_id noteable_type resolvable noteable_iid',
  Issue:
    'id iid project_id title description state created_at updated_at closed_at labels milestone assignees author ' +
    'web_url',
};
