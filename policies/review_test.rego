package countersign.review_test

import data.countersign.change
import data.countersign.facts
import data.countersign.review
import data.countersign.reviewers
import data.countersign.sample_test as sample

_ai := sample.declaring({})

_found_in(facts_given, data_given) := found if {
	settings := object.union(
		{"rules": {}, "scope": sample.reviewing({}), "approvers": sample.approvers, "evidence": sample.evidence},
		data_given,
	)
	found := _all with input as facts_given with data.countersign.settings as settings
}

# In one rule, so that it is evaluated once.
_all := {"deny": (review.deny | facts.deny), "warn": (review.warn | facts.warn)}

_found(approvals, review_given) := sample.rules(found.deny) if {
	found := _found_in(
		sample.reviewed([_ai], {"approvals": approvals}),
		{"scope": sample.reviewing(review_given)},
	)
}

_listed(people) := {"approvers": {"people": people, "bots": []}}

# --- review-approval --------------------------------------------------------------------------------------------

test_an_approval_of_the_head_by_someone_else_passes if {
	every fields in [{}, {"stale": false, "commit": "other"}, {"author": false}, {"kind": "user", "teams": []}] {
		_found([sample.approval("bo", fields)], {}) == set()
	}
}

test_approvals_that_do_not_count if {
	every case in [
		[[], "nobody approved it"],
		[[sample.approval("bo", {"state": "commented"})], "nobody approved it"],
		[[sample.approval("bo", {"state": "dismissed"})], "nobody approved it"],
		[[sample.approval("bo", {"stale": true})], "(approved an earlier state of the change)"],
		[[sample.approval("bo", {"commit": "other"})], "(approved an earlier state of the change)"],
		[[object.remove(sample.approval("bo", {}), ["commit"])], "(approved what the code host does not say)"],
		[[sample.approval("bo", {"kind": "bot"})], "(is a bot)"],
		[[sample.approval("agent-one", {})], "(is a bot)"],
		[[sample.approval("helper[bot]", {})], "(is a bot)"],
		[[sample.approval("Ann", {})], "@Ann (opened the change)"],
		[[sample.approval("x", {"author": true})], "(opened the change)"],
		[[sample.approval("x", {"email": "ANN@example.com"})], "(made commits of it)"],
		[[sample.approval("x", {"name": "Ann Example"})], "(made commits of it)"],
		[[sample.approval("x", {"commits": ["other", sample.plain.sha]})], "(made commits of it)"],
	] {
		found := _found_in(sample.reviewed([_ai], {"approvals": case[0]}), {})
		sample.rules(found.deny) == {"review-approval"}
		some violation in found.deny
		contains(violation.msg, case[1])
	}
}

test_what_is_said_of_missing_approvals if {
	_found_in(sample.reviewed([_ai], {"approvals": []}), {}).deny == {{
		"rule": "review-approval",
		"msg": concat("", [
			`scope tier "standard" requires 1 approval of 1111111111 by someone who did not make it, `,
			"and there is none: nobody approved it",
		]),
		"fix": "have someone else review the change as it is now, and approve it at the code host",
	}}
}

test_several_approvals if {
	two := [sample.approval("bo", {}), sample.approval("cy", {})]
	_found(two, {"approvals": 2}) == set()
	_found(two, {"approvals": 3}) == {"review-approval"}
	one := _found_in(sample.reviewed([_ai], {"approvals": [two[0]]}), {"scope": sample.reviewing({"approvals": 2})})
	some violation in one.deny
	contains(violation.msg, "requires 2 approvals of 1111111111 by ")
	endswith(violation.msg, "and there is 1: there are no others")
	more := _found_in(sample.reviewed([_ai], {"approvals": two}), {"scope": sample.reviewing({"approvals": 3})})
	some other in more.deny
	contains(other.msg, "and there are 2: ")
	_found([], {"approvals": 0}) == set()
}

test_co_authors_and_committers_made_it if {
	commit := object.union(_ai, {
		"body": "Co-authored-by: Cy Example <3+cy@users.noreply.github.com>",
		"committer": {"name": "Di Example", "email": "di@example.com"},
	})
	every approval in [sample.approval("cy", {}), sample.approval("di", {"email": "di@example.com"})] {
		found := _found_in(sample.reviewed([commit], {"approvals": [approval]}), {})
		sample.rules(found.deny) == {"review-approval"}
	}
}

test_makers_of_commits_without_ai_use_may_approve if {
	other := object.union(sample.plain, {
		"sha": "2222222222222222222222222222222222222222",
		"author": {"name": "Bo Example", "email": "bo@example.com"},
		"committer": {"name": "Bo Example", "email": "bo@example.com"},
	})
	facts_given := sample.reviewed([other, _ai], {"approvals": [sample.approval("bo", {"email": "bo@example.com"})]})
	count(_found_in(facts_given, {}).deny) == 0
	found := _found_in(facts_given, {"scope": sample.reviewing({"changes": "all"})})
	sample.rules(found.deny) == {"review-approval"}
}

test_only_changes_with_ai_use_unless_all_are_wanted if {
	plain := sample.reviewed([sample.plain], {"approvals": []})
	count(_found_in(plain, {}).deny) == 0
	found := _found_in(plain, {"scope": sample.reviewing({"changes": "all"})})
	sample.rules(found.deny) == {"review-approval"}
	squash := sample.reviewed([sample.plain], {"approvals": [], "squash": {"disclosure": {"model": ["m"]}}})
	sample.rules(_found_in(squash, {}).deny) == {"review-approval"}
}

test_tiers_without_review_ask_for_none if {
	count(_found_in(sample.reviewed([_ai], {"approvals": []}), {"scope": sample.scope}).deny) == 0
}

test_the_strictest_path_decides if {
	tiers := [sample.scope.tiers[0], sample.scope.tiers[1], object.union(sample.scope.tiers[2], {"review": {}})]
	scope := {"scope": object.union(sample.scope, {"tiers": tiers})}
	files := [{"path": "b.go", "status": "R", "old_path": "src/auth/a.go"}]
	facts_given := sample.reviewed([_ai], {"approvals": [], "files": files})
	sample.rules(_found_in(facts_given, scope).deny) == {"review-approval"}
	count(_found_in(sample.reviewed([_ai], {"approvals": []}), scope).deny) == 0
}

# --- People -----------------------------------------------------------------------------------------------------

test_only_listed_people_count if {
	facts_given := sample.reviewed([_ai], {"approvals": [sample.approval("bo", {"name": "Cy Example"})]})
	count(_found_in(facts_given, _listed([{"name": "Bo", "login": "bo"}])).deny) == 0
	found := _found_in(facts_given, _listed([{"name": "Cy Example", "email": "cy@example.com"}]))
	some violation in found.deny
	endswith(violation.msg, "@bo (is not listed in .countersign/data/approvers.yaml)")
}

test_people_are_known_under_all_their_names if {
	people := [{"name": "Ann Example", "email": "ann@example.com", "aliases": ["@second"]}, {"login": "ann"}]
	facts_given := sample.reviewed([_ai], {"approvals": [sample.approval("second", {})]})
	found := _found_in(facts_given, _listed(people))
	some violation in found.deny
	endswith(violation.msg, "@second (made commits of it)")
}

test_a_tier_may_name_who_approves if {
	scope := sample.reviewing({})
	tiers := [object.union(tier, {"approvers": ["@cy"]}) | some tier in scope.tiers]
	facts_given := sample.reviewed([_ai], {"approvals": [sample.approval("bo", {})]})
	found := _found_in(facts_given, {"scope": object.union(scope, {"tiers": tiers})})
	some violation in found.deny
	endswith(violation.msg, `@bo (does not approve in scope tier "standard")`)
}

# --- review-changes-requested -----------------------------------------------------------------------------------

test_who_asks_for_changes_is_heard if {
	bo := sample.approval("bo", {})
	asking := sample.approval("cy", {"state": "changes_requested", "stale": true})
	_found([bo, asking], {}) == {"review-changes-requested"}
	_found([bo, object.remove(asking, ["permission"])], {}) == {"review-changes-requested"}
	_found([bo, object.union(asking, {"permission": "read"})], {}) == set()
	_found([bo, object.union(asking, {"kind": "bot"})], {}) == set()
}

# --- review-authority -------------------------------------------------------------------------------------------

test_a_permission if {
	bo := sample.approval("bo", {})
	_found([bo], {"permission": "write"}) == set()
	_found([bo], {"permission": "maintain"}) == {"review-authority"}
	_found([bo, sample.approval("cy", {"permission": "maintainer"})], {"permission": "maintain"}) == set()
	_found([], {"permission": "maintain"}) == {"review-approval"}
	_found([], {"permission": "maintain", "approvals": 0}) == {"review-authority"}
}

test_a_team if {
	bo := sample.approval("bo", {"teams": ["Example/Security"]})
	_found([bo], {"teams": ["@example/security"]}) == set()
	_found([bo], {"teams": ["example/core"]}) == {"review-authority"}
	_found([bo], {"teams": ["example/core"], "permission": "write"}) == set()
	found := _found_in(
		sample.reviewed([_ai], {"approvals": [bo]}),
		{"scope": sample.reviewing({"teams": ["example/core", "example/x"], "permission": "admin"})},
	)
	some violation in found.deny
	violation.msg == concat("", [
		`scope tier "standard" requires an approval by someone with the permission "admin" or `,
		"of example/core or example/x; none of the approvals is: @bo",
	])
}

# --- What is not known ------------------------------------------------------------------------------------------

test_a_permission_that_is_not_known if {
	unknown := object.remove(sample.approval("bo", {}), ["permission"])
	_found([unknown], {"permission": "write"}) == {"facts-unknown"}
	_found([unknown], {"teams": ["example/core"]}) == {"facts-unknown"}
	_found([unknown, sample.approval("cy", {})], {"permission": "write"}) == set()
	found := _found_in(
		object.union(
			sample.reviewed([_ai], {"approvals": [unknown]}),
			{"unknown": [
				{"fact": "change.approvals[].permission", "why": "the token may not read collaborators"},
				{"fact": "change.checks", "why": "other"},
			]},
		),
		{"scope": sample.reviewing({"permission": "write"})},
	)
	found.deny == {{
		"rule": "facts-unknown",
		"msg": concat(" ", [
			"whether review-authority holds cannot be told: change.approvals.permission is not known:",
			"the token may not read collaborators",
		]),
		"fix": concat(" ", [
			"run countersign gate with --facts github, --facts gitlab or --facts FILE and a token that may read it;",
			"or say in .countersign/data/rules.yaml what unknown facts mean",
		]),
	}}
}

test_without_the_code_host_nothing_is_said if {
	every facts_given in [
		sample.of(_ai),
		object.union(sample.of(_ai), {"phase": "commit"}),
		object.union(sample.of(_ai), {"facts": [{"fact": "change.policy_change", "source": "git"}]}),
		object.union(sample.of(_ai), {"facts": [{"fact": "repository", "source": "github api.github.com"}]}),
		object.union(sample.of(_ai), {"unknown": [{"fact": "commits", "why": "the clone is shallow"}]}),
		object.union(sample.of(_ai), {"phase": "push"}),
	] {
		_found_in(facts_given, {}) == {"deny": set(), "warn": set()}
	}
}

_asked := [
	[{"facts": [{"fact": "change.labels", "source": "github api.github.com"}]}, {}],
	[{"unknown": [{"fact": "change.approvals", "why": "no token"}]}, {}],
	[{}, {"require_facts": true}],
]

test_facts_that_were_asked_for if {
	every case in _asked {
		facts_given := object.union(sample.of(_ai), case[0])
		found := _found_in(facts_given, {"rules": case[1]})
		count(found.deny) == 2
		sample.rules(found.deny) == {"facts-unknown"}
		warned := _found_in(facts_given, {"rules": object.union(case[1], {"unknown": "warn"})})
		warned.deny == set()
		warned.warn == found.deny
		_found_in(facts_given, {"rules": object.union(case[1], {"unknown": "ignore"})}) == {"deny": set(), "warn": set()}
	}
}

test_unknown_facts_are_no_stricter_than_the_rules if {
	facts_given := object.union(sample.of(sample.plain), {"unknown": [{"fact": "change", "why": "a fork's run"}]})
	scope := sample.reviewing({"changes": "all", "permission": "write"})
	of_reviews := ["review-approval", "review-changes-requested", "review-authority", "separation-of-duties"]
	off := {"levels": {rule: "off" | some rule in of_reviews}}
	_found_in(facts_given, {"scope": scope, "rules": off}) == {"deny": set(), "warn": set()}
	warn := {"levels": {rule: "warn" | some rule in of_reviews}}
	found := _found_in(facts_given, {"scope": scope, "rules": warn})
	found.deny == set()
	count(found.warn) == 2
	some violation in found.warn
	endswith(violation.msg, "change.approvals is not known: a fork's run")
	warned := _found_in(facts_given, {"scope": scope, "rules": object.union(warn, {"unknown": "warn"})})
	warned == found
	own := _found_in(facts_given, {"scope": scope, "rules": {"levels": {"facts-unknown": "warn"}}})
	own == {"deny": set(), "warn": found.warn}
}

test_what_arrived_is_judged_by_what_is_known if {
	facts_given := object.union(sample.reviewed([_ai], {"approvals": []}), {"phase": "push"})
	sample.rules(_found_in(facts_given, {}).deny) == {"review-approval"}
}

# --- Exceptions and levels --------------------------------------------------------------------------------------

_exception(fields) := object.union(
	{
		"id": "e", "rules": ["review-approval"], "reason": "R", "approved_by": "Bo",
		"opened": "2026-03-01", "expires": "2026-04-01",
	},
	fields,
)

_excused(fields) if {
	change_given := {"approvals": [], "files": [
		{"path": "docs/a.md", "status": "M"},
		{"path": "docs/b.md", "status": "R", "old_path": "old/b.md"},
	]}
	facts_given := sample.excusing(sample.reviewed([_ai], change_given), [_exception(fields)])
	found := _found_in(facts_given, {"rules": {"emergency": {"labels": [], "rules": []}}})
	count(found.deny) == 0
}

test_exceptions_excuse_what_is_said_of_a_change if {
	_excused({})
	_excused({"commits": ["1111111"]})
	_excused({"paths": ["docs/**", "old/**"]})
	not _excused({"rules": ["other"]})
	not _excused({"commits": ["2222222"]})
	not _excused({"commits": ["1111111222"]})
	not _excused({"paths": ["docs/**"]})
	not _excused({"id": "emergency-e"})
}

test_an_exception_for_paths_excuses_no_change_without_files if {
	found := _found_in(
		sample.excusing(sample.reviewed([_ai], {"approvals": []}), [_exception({"paths": ["**"]})]),
		{},
	)
	sample.rules(found.deny) == {"review-approval"}
}

test_levels if {
	facts_given := sample.reviewed([_ai], {"approvals": []})
	found := _found_in(facts_given, {"rules": {"levels": {"review-approval": "warn"}}})
	sample.rules(found.warn) == {"review-approval"}
	found.deny == set()
	_found_in(facts_given, {"rules": {"levels": {"review-approval": "off"}}}) == {"deny": set(), "warn": set()}
}

test_without_approvals_none_counts if {
	not reviewers.counting with input as sample.of(_ai)
	not change.review with input as sample.of(_ai) with data.countersign.settings.scope as sample.reviewing({})
}
