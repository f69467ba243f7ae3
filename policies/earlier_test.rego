package countersign.earlier_test

import data.countersign.duties
import data.countersign.follow_up
import data.countersign.owners
import data.countersign.review
import data.countersign.sample_test as sample
import data.countersign.scope
import data.countersign.squash
import data.countersign.undisclosed_change

# The last part of a change that Ann opened, with a plain commit by Ann.
_last(change, groups) := object.union(
	sample.reviewed([sample.plain], change),
	{"earlier": {"commits": 1000, "makers": groups, "paths": [], "approvers": []}},
)

# Commits by Cy in the parts before.
_group(fields) := object.union(
	{
		"author": {"name": "Cy Example", "email": "cy@example.com"},
		"committer": {"name": "Cy Example", "email": "cy@example.com"},
		"co_authors": [],
		"ai": false,
		"disclosed": false,
		"revert": false,
		"commits": 1000,
		"reviewers_own": [],
		"paths": [],
	},
	fields,
)

_ai := _group({"ai": true, "disclosed": true})

_by(login, fields) := {"approvals": [sample.approval(login, fields)]}

_settings(fields) := object.union(
	{
		"rules": {},
		"models": sample.models,
		"forbidden_models": sample.forbidden_models,
		"scope": sample.reviewing({}),
		"approvers": sample.approvers,
		"evidence": object.union(sample.evidence, {"labels": ["AI-made"]}),
		"placeholders": sample.placeholders,
	},
	fields,
)

_reviewed(change, groups, review_given) := found if {
	settings := _settings({"scope": sample.reviewing(review_given)})
	found := review.deny with input as _last(change, groups) with data.countersign.settings as settings
}

# --- Reviews ----------------------------------------------------------------------------------------------------

test_ai_use_in_a_part_before_asks_for_reviews if {
	count(_reviewed({"approvals": []}, [_group({})], {})) == 0
	sample.rules(_reviewed({"approvals": []}, [_ai], {})) == {"review-approval"}
	count(_reviewed(_by("bo", {}), [_ai], {})) == 0
}

test_makers_of_the_parts_before_do_not_approve if {
	every made in [
		[_ai, {"email": "cy@example.com"}],
		[object.union(_ai, {"co_authors": ["Di Example <di@example.com>"]}), {"email": "di@example.com"}],
		[object.union(_ai, {"reviewers_own": ["2"]}), {"commits": ["1", "2"]}],
	] {
		[group, fields] := made
		found := _reviewed(_by("x", fields), [_group({}), group], {})
		sample.rules(found) == {"review-approval"}
		some violation in found
		contains(violation.msg, "(made commits of it)")
	}
}

test_makers_of_other_commits_approve_unless_all_are_subject if {
	by_cy := _by("x", {"email": "cy@example.com"})
	other := object.union(_ai, {"author": sample.author, "committer": sample.author})
	count(_reviewed(by_cy, [_group({}), other], {})) == 0
	sample.rules(_reviewed(by_cy, [_group({}), other], {"changes": "all"})) == {"review-approval"}
}

# --- Owners and exceptions --------------------------------------------------------------------------------------

_exception := ".countersign/exceptions/vendored.yaml"

test_who_touched_what_in_a_part_before_does_not_approve_of_it if {
	change := object.union(
		{"files": [{"path": _exception, "status": "M"}]},
		_by("x", {"email": "cy@example.com", "permission": "admin"}),
	)
	owned := {"policy_owners": {"paths": [".countersign/**"], "permission": "maintain"}}
	every case in [
		[_group({"paths": [_exception]}), 1],
		[object.remove(_group({}), ["paths"]), 1],
		[_group({"paths": ["src/a.go"]}), 0],
	] {
		[group, many] := case
		count(owners.deny) == many with input as _last(change, [group])
			with data.countersign.settings as _settings({"rules": owned})
		count(duties.deny) == many with input as _last(change, [group])
			with data.countersign.settings as _settings({})
	}
}

# --- Scope and follow-ups ---------------------------------------------------------------------------------------

test_what_was_undone_counts if {
	plain := _last({"files": [{"path": "docs/a.md", "status": "M"}]}, [])
	scope.change_tier.name == "standard" with input as plain with data.countersign.settings as _settings({})
	undone := object.union(plain, {"earlier": {"paths": ["src/auth/a.go"]}})
	scope.change_tier.name == "high" with input as undone with data.countersign.settings as _settings({})
}

test_an_exception_that_a_part_before_touched if {
	exception := {
		"id": "vendored",
		"rules": ["x"],
		"reason": "r",
		"approved_by": "Bo",
		"opened": "2026-01-02T12:00:00Z",
		"expires": "2026-12-02T12:00:00Z",
	}
	late := sample.excusing(_last({}, []), [exception])
	settings := object.union(_settings({}), {"scope": sample.scope})
	count(follow_up.deny) == 1 with input as late with data.countersign.settings as settings
	touched := object.union(late, {"earlier": {"paths": [_exception]}})
	count(follow_up.deny) == 0 with input as touched with data.countersign.settings as settings
}

# --- What the change declares -----------------------------------------------------------------------------------

test_a_disclosure_in_a_part_before_is_enough if {
	change := {"labels": ["ai-made"]}
	count(undisclosed_change.deny) == 1 with input as _last(change, [_group({})])
		with data.countersign.settings as _settings({})
	count(undisclosed_change.deny) == 0 with input as _last(change, [_ai])
		with data.countersign.settings as _settings({})
}

test_the_squash_message_declares_what_a_part_before_did if {
	change := {"squash": {"subject": "Parse", "body": "", "trailers": []}}
	sample.rules(squash.deny) == {"squash-undisclosed"} with input as _last(change, [_ai])
		with data.countersign.settings as _settings({"scope": sample.scope})
	count(squash.deny) == 0 with input as _last(change, [_group({})])
		with data.countersign.settings as _settings({"scope": sample.scope})
}

test_the_squash_message_has_the_makers_of_all_parts if {
	approver := {"disclosure": object.union(sample.disclosure, {"approver": ["Cy Example <cy@example.com>"]})}
	change := {"squash": object.union({"subject": "Parse", "body": "", "trailers": []}, approver)}
	sample.rules(squash.deny) == {"approver-independent"} with input as _last(change, [_ai])
		with data.countersign.settings as _settings({"scope": sample.scope})
	mapped := object.union(_last(change, []), {"earlier": {"approvers": [{
		"value": "Cy Example <cy@example.com>",
		"email": "ann@example.com",
		"roles": ["author"],
	}]}})
	count(squash.deny) > 0 with input as mapped with data.countersign.settings as _settings({"scope": sample.scope})
}
