package countersign.countersignature_test

import data.countersign.countersignature
import data.countersign.sample_test as sample

# The sample's scope with settings of its tiers added.
_scope(settings) := object.union(sample.scope, {"tiers": tiers}) if {
	tiers := [object.union(tier, settings) | some tier in sample.scope.tiers]
}

_required := _scope({"countersignature": "required"})

_judged(facts, scope, approvers) := {"deny": deny, "warn": warn} if {
	deny := countersignature.deny with input as facts
		with data.countersign.settings.approvers as approvers
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as scope
	warn := countersignature.warn with input as facts
		with data.countersign.settings.approvers as approvers
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as scope
}

_with(countersignatures) := object.union(sample.declaring({}), {"countersignatures": countersignatures})

_found(countersignatures, scope) := _judged(sample.of(_with(countersignatures)), scope, sample.approvers)

_denied(countersignatures) := _found(countersignatures, _required).deny

_nothing := {"deny": set(), "warn": set()}

_valid := {
	"status": "valid",
	"detail": "",
	"approver": {"name": "Bo Example", "email": "bo@example.com", "principal": "bo@example.com"},
	"approved_commit": sample.plain.sha,
	"roles": [],
}

_rebased := object.union(_valid, {
	"status": "rebased",
	"detail": "It approves 2222222222, which makes the same change and declares the same.",
	"approved_commit": "2222222222222222222222222222222222222222",
})

test_a_valid_one_is_enough if {
	_found([_valid], _required) == _nothing
	_found([_valid, {"status": "broken", "detail": "It is no signed envelope."}, _rebased], _required) == _nothing
}

test_nothing_is_required_by_default if {
	every settings in [{}, {"countersignature": "none"}] {
		_found([], _scope(settings)) == _nothing
		_found([{"status": "broken", "detail": "x"}], _scope(settings)) == _nothing
	}
}

test_nobody_countersigned if {
	_denied([]) == {{
		"rule": "countersignature-required",
		"commit": sample.plain.sha,
		"msg": `scope tier "standard" requires a countersignature, and nobody countersigned this commit`,
		"fix": "have an approver run: countersign approve 111111111111",
	}}
}

test_the_notes_are_not_here if {
	_judged(sample.of(sample.declaring({})), _required, sample.approvers).deny == {{
		"rule": "countersignature-required",
		"commit": sample.plain.sha,
		"msg": concat("", [
			`scope tier "standard" requires a countersignature, and none is here: `,
			"refs/notes/countersign is not in this clone",
		]),
		"fix": "git fetch origin refs/notes/countersign:refs/notes/countersign",
	}}
}

test_a_misspelt_setting_requires_it if {
	sample.rules(_found([], _scope({"countersignature": "yes"})).deny) == {"countersignature-required"}
}

test_a_commit_that_is_being_made_cannot_be_countersigned if {
	making := object.union(sample.declaring({}), {"sha": ""})
	_judged(sample.of(making), _required, sample.approvers) == _nothing
}

test_commits_without_ai_need_none if {
	_judged(sample.of(sample.plain), _required, sample.approvers) == _nothing
}

test_undisclosed_ai_needs_one if {
	commit := object.union(sample.plain, {"body": "Made by Machine", "countersignatures": []})
	sample.rules(_judged(sample.of(commit), _required, sample.approvers).deny) == {"countersignature-required"}
}

test_what_does_not_count_is_told if {
	broken := {"status": "broken", "detail": "The signature is not of this statement."}
	untrusted := object.union(_valid, {"status": "untrusted", "detail": "Its key is not listed."})
	own := object.union(_valid, {"roles": ["committer", "author"]})
	_denied([broken, untrusted, own]) == {{
		"rule": "countersignature-invalid",
		"commit": sample.plain.sha,
		"msg": concat("", [
			"no countersignature of this commit counts: bo@example.com is the author and the committer of this commit; ",
			"bo@example.com: untrusted. Its key is not listed.; ",
			"one: broken. The signature is not of this statement.",
		]),
		"fix": "have an approver run: countersign approve 111111111111",
	}}
}

test_only_approvers_count if {
	listing := object.union(sample.approvers, {"people": [
		{"name": "Bo Example", "email": "bo@example.com", "login": "bo", "aliases": ["bo@home.example"]},
		{"name": "Cy Example"},
	]})
	every principal in ["bo@example.com", "BO@home.example", "bo", "1+bo@users.noreply.github.com"] {
		signed := object.union(_valid, {"approver": {"principal": principal}})
		_judged(sample.of(_with([signed])), _required, listing) == _nothing
	}
	mapped := object.union(_valid, {"approver": {"principal": "bo@old.example", "canonical": "bo@example.com"}})
	_judged(sample.of(_with([mapped])), _required, listing) == _nothing
	every principal in ["cy@example.com", "Cy Example", "di"] {
		signed := object.union(_valid, {"approver": {"name": "Cy Example", "email": "x@y.example", "principal": principal}})
		found := _judged(sample.of(_with([signed])), _required, listing).deny
		{violation.msg | some violation in found} == {concat("", [
			"no countersignature of this commit counts: ",
			"x@y.example is no approver of this repository",
		])}
	}
	signed := object.union(_valid, {"approver": {"principal": "di@example.com", "email": "di@example.com"}})
	_judged(sample.of(_with([signed])), _required, object.union(listing, {"unlisted": "allow"})) == _nothing
	count(_judged(sample.of(_with([_valid])), _required, {"people": [], "unlisted": "deny"}).deny) == 1
}

test_only_approvers_of_the_tier_count if {
	_found([_valid], _scope({"countersignature": "required", "approvers": ["bo@example.com"]})) == _nothing
	found := _found([_valid], _scope({"countersignature": "required", "approvers": ["cy@example.com"]})).deny
	{violation.msg | some violation in found} == {concat("", [
		"no countersignature of this commit counts: ",
		`bo@example.com does not approve in scope tier "standard"`,
	])}
}

test_policy_decides_if_a_rebase_counts if {
	said := {{
		"rule": "countersignature-rebased",
		"commit": sample.plain.sha,
		"msg": "it was countersigned before a rebase, as 2222222222, by bo@example.com",
		"fix": "have an approver run: countersign approve 111111111111",
	}}
	every setting, expected in {
		"accept": _nothing,
		"warn": {"deny": set(), "warn": said},
		"deny": {"deny": said, "warn": set()},
		"misspelt": {"deny": said, "warn": set()},
	} {
		_found([_rebased], _scope({"countersignature": "required", "rebased": setting})) == expected
	}
	_found([_rebased], _required).deny == said
}

test_a_rebase_does_not_help_the_author if {
	own := object.union(_rebased, {"roles": ["author"]})
	found := _found([own], _scope({"countersignature": "required", "rebased": "accept"}))
	sample.rules(found.deny) == {"countersignature-invalid"}
	found.warn == set()
}

test_exceptions_excuse if {
	exception := {
		"id": "vacation",
		"rules": ["countersignature-required"],
		"reason": "Everybody is away.",
		"approved_by": "Ann Example <ann@example.com>",
		"opened": "2026-03-01T00:00:00Z",
		"expires": "2026-03-10T00:00:00Z",
	}
	facts := sample.excusing(sample.of(_with([])), [exception])
	_judged(facts, _required, sample.approvers) == _nothing
}
