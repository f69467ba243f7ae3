package countersign.squash_test

import data.countersign.sample_test as sample
import data.countersign.squash

_settings := {
	"rules": {},
	"models": sample.models,
	"forbidden_models": sample.forbidden_models,
	"scope": sample.scope,
	"approvers": sample.approvers,
	"evidence": sample.evidence,
	"placeholders": sample.placeholders,
}

_found_in(commits, change, settings) := found if {
	facts := sample.reviewed(commits, change)
	found := _all with input as facts with data.countersign.settings as object.union(_settings, settings)
}

# In one rule, so that it is evaluated once.
_all := {"deny": squash.deny, "warn": squash.warn}

_message(fields) := {"squash": object.union({"subject": "Parse", "body": "", "trailers": []}, fields)}

_found(fields) := _found_in([sample.declaring({})], _message(fields), {})

_none := {"deny": set(), "warn": set()}

test_a_message_that_declares_it_passes if _found({"disclosure": sample.disclosure}) == _none

test_no_message_no_word if {
	_found_in([sample.declaring({})], {}, {}) == _none
	_found_in([sample.plain], _message({}), {}) == _none
}

test_a_message_that_declares_nothing if {
	_found({}) == {"warn": set(), "deny": {{
		"rule": "squash-undisclosed",
		"msg": "commits of this change declare AI use, and the message of a squash merge would not",
		"fix": concat(" ", [
			"put the disclosure at the end of the change's description or of the squash message,",
			"as its last paragraph",
		]),
	}}}
}

test_marks_without_a_disclosure if {
	found := _found_in([sample.plain], _message({"body": "Assisted-by: x"}), {})
	some violation in found.deny
	violation.rule == "undisclosed-ai"
	startswith(violation.msg, "the squash message: AI use without a disclosure: ")
	not violation.commit
	sample.rules(_found({"body": "Assisted-by: x"}).deny) == {"undisclosed-ai"}
}

test_what_it_declares_is_judged if {
	every case in [
		[{"model": ["bad-1"]}, "forbidden-model"],
		[{"timestamp": []}, "required-field"],
		[{"context": ["todo"]}, "context-placeholder"],
		[{"timestamp": ["2027-01-01T00:00:00Z"]}, "timestamp-future"],
		[{"approver": ["Ann <ann@example.com>"]}, "approver-independent"],
	] {
		found := _found({"disclosure": object.union(sample.disclosure, case[0])})
		sample.rules(found.deny) == {case[1]}
		every violation in found.deny {
			startswith(violation.msg, "the squash message: ")
		}
	}
}

test_nobody_who_made_a_commit_approves if {
	other := object.union(sample.declaring({}), {
		"sha": "2222222222222222222222222222222222222222",
		"author": {"name": "Cy Example", "email": "cy@example.com"},
	})
	message := _message({"disclosure": object.union(sample.disclosure, {"approver": ["Cy <cy@example.com>"]})})
	sample.rules(_found_in([other, sample.declaring({})], message, {}).deny) == {"approver-independent"}
}

test_the_mailmap_and_the_reviews_count if {
	known := {"value": "b@old.example", "email": "bo@example.com", "roles": []}
	commit := object.union(sample.declaring({"approver": ["b@old.example"]}), {"approvers": [known]})
	message := _message({"disclosure": object.union(sample.disclosure, {"approver": ["b@old.example"]})})
	change := object.union(message, {"approvals": [sample.approval("x", {"email": "bo@example.com"})]})
	_found_in([commit], change, {"scope": sample.reviewing({})}) == _none
	nobody := object.union(message, {"approvals": []})
	found := _found_in([commit], nobody, {"scope": sample.reviewing({})})
	sample.rules(found.deny) == {"review-approver"}
}

test_the_strictest_path_decides if {
	message := object.union(
		_message({"disclosure": sample.disclosure}),
		{"files": [{"path": "src/auth/a.go", "status": "M"}]},
	)
	sample.rules(_found_in([sample.declaring({})], message, {}).deny) == {"context-short"}
}

test_how_strict if {
	undisclosed := {"squash-undisclosed"}
	many := object.union(_message({}), {"merge_methods": ["merge", "squash"]})
	sample.rules(_found_in([sample.declaring({})], many, {}).warn) == undisclosed
	strict := {"rules": {"squash": "deny"}}
	sample.rules(_found_in([sample.declaring({})], many, strict).deny) == undisclosed
	only := object.union(_message({}), {"merge_methods": ["squash"]})
	sample.rules(_found_in([sample.declaring({})], only, {}).deny) == undisclosed
	mild := {"rules": {"squash": "warn"}}
	sample.rules(_found_in([sample.declaring({})], only, mild).warn) == undisclosed
	_found_in([sample.declaring({})], only, {"rules": {"squash": "off"}}) == _none
}

test_levels_hold_here_too if {
	message := _message({"disclosure": object.union(sample.disclosure, {"context": ["todo"]})})
	warn := {"rules": {"levels": {"context-placeholder": "warn"}}}
	sample.rules(_found_in([sample.declaring({})], message, warn).warn) == {"context-placeholder"}
	off := {"rules": {"levels": {"context-placeholder": "off"}}}
	_found_in([sample.declaring({})], message, off) == _none
}

test_the_subject_of_a_revert_quotes if {
	commit := object.union(sample.plain, {"revert": true})
	message := _message({"subject": "Revert \"Assisted-by: x\""})
	_found_in([commit], message, {}) == _none
}

test_a_project_without_ai_has_its_own_rule if {
	facts := object.union(sample.reviewed([sample.declaring({})], _message({})), {"disclosure_profile": "forbid"})
	count(squash.deny) == 0 with input as facts
		with data.countersign.settings as object.union(_settings, {"ai_forbidden": true})
}
