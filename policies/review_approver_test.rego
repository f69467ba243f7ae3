package countersign.review_approver_test

import data.countersign.duties
import data.countersign.review_approver
import data.countersign.sample_test as sample

_settings := {
	"rules": {},
	"scope": sample.reviewing({}),
	"approvers": sample.approvers,
	"evidence": sample.evidence,
}

_listed := object.union(_settings, {"approvers": {
	"people": [
		{"name": "Bo Example", "email": "bo@example.com", "login": "bo"},
		{"name": "Cy Example", "email": "cy@example.com", "login": "cy"},
	],
	"bots": [],
}})

_found(settings, commit, change) := found if {
	facts := sample.reviewed([commit], change)
	found := _all with input as facts with data.countersign.settings as settings
}

# In one rule, so that it is evaluated once.
_all := {"deny": review_approver.deny, "warn": review_approver.warn}

_with(settings, approvals) := _found(settings, sample.declaring({}), {"approvals": approvals})

_reason(settings, approvals) := reason if {
	some violation in _with(settings, approvals).deny
	violation.rule == "review-approver"
	reason := trim_prefix(violation.msg, `approver "Bo Example <bo@example.com>" has not approved this change: `)
}

_no_review := "there is no review by them"

_none := {"deny": set(), "warn": set()}

# --- review-approver --------------------------------------------------------------------------------------------

test_who_is_named_and_approved_passes if {
	_with(_listed, [sample.approval("bo", {})]) == _none
	_with(_listed, [sample.approval("cy", {}), sample.approval("BO", {})]) == _none
	_with(_settings, [sample.approval("x", {"email": "bo@example.com"})]) == _none
	by_login := sample.declaring({"approver": ["Bo <7+bo@users.noreply.github.com>", "@bo"]})
	_found(_settings, by_login, {"approvals": [sample.approval("bo", {})]}) == _none
}

test_who_is_named_and_did_not_approve if {
	_with(_listed, [sample.approval("cy", {})]).deny == {{
		"rule": "review-approver",
		"commit": sample.plain.sha,
		"field": "approver",
		"msg": concat(" ", [
			`approver "Bo Example <bo@example.com>" has not approved this change:`,
			"there is no review by them",
		]),
		"fix": concat(" ", [
			"have them approve the change at the code host, or name who did;",
			"who is who is told in .countersign/data/approvers.yaml, by address and login",
		]),
	}}
	_reason(_settings, []) == _no_review
	_reason(_listed, [sample.approval("bo", {"stale": true})]) == "@bo approved an earlier state"
	_reason(_listed, [sample.approval("bo", {"state": "changes_requested"})]) == "@bo asked for changes"
	_reason(_listed, [sample.approval("bo", {"state": "commented"})]) == "@bo only commented"
	_reason(_listed, [sample.approval("bo", {"state": "dismissed"})]) == "@bo approved, which was dismissed"
}

test_who_may_be_one_of_those_who_approved_is_warned_of if {
	found := _with(_settings, [sample.approval("somebody", {})])
	found.deny == set()
	some violation in found.warn
	violation.msg == concat(" ", [
		`approver "Bo Example <bo@example.com>" is not known to have approved this change:`,
		"they may be one of @somebody",
	])
	_with(_settings, [sample.approval("somebody", {"name": "bo  example"})]) == _none
	known := {"people": [{"name": "Some Body", "email": "some@example.com", "login": "somebody"}], "bots": []}
	_reason(object.union(_settings, {"approvers": known}), [sample.approval("somebody", {})]) == _no_review
	_reason(_settings, [sample.approval("somebody", {"email": "some@example.com"})]) == _no_review
}

test_a_name_at_the_code_host_proves_nothing if {
	_reason(_listed, [sample.approval("x", {"name": "Bo Example"})]) == _no_review
}

test_the_mailmap_knows_them if {
	commit := object.union(sample.declaring({}), {"approvers": [{
		"value": "Bo Example <bo@example.com>",
		"email": "bo@new.example",
		"roles": [],
	}]})
	_found(_settings, commit, {"approvals": [sample.approval("x", {"email": "bo@new.example"})]}) == _none
}

test_nothing_is_said_without_reviews_or_where_none_are_wanted if {
	_found(_settings, sample.declaring({}), {}) == _none
	_found(object.union(_settings, {"scope": sample.scope}), sample.declaring({}), {"approvals": []}) == _none
	_found(_settings, sample.plain, {"approvals": []}) == _none
}

# --- Countersignatures ------------------------------------------------------------------------------------------

_signature(fields) := object.union(
	{"status": "valid", "approver": {"name": "Bo", "email": "bo@example.com", "principal": "bo@example.com"}, "roles": []},
	fields,
)

_signed(fields) := object.union(sample.declaring({}), {"countersignatures": [_signature(fields)]})

test_a_countersignature_says_more_than_a_review if {
	_found(_listed, _signed({}), {"approvals": [sample.approval("cy", {})]}) == _none
	by_login := _signed({"approver": {"principal": "bo"}})
	_found(_listed, by_login, {"approvals": [sample.approval("cy", {})]}) == _none
	mapped := _signed({"approver": {"principal": "b@old.example", "canonical": "bo@example.com"}})
	_found(_listed, mapped, {"approvals": [sample.approval("cy", {})]}) == _none
	every commit in [_signed({"status": "stale"}), _signed({"approver": {"principal": "cy@example.com"}})] {
		found := _found(_listed, commit, {"approvals": [sample.approval("cy", {})]})
		sample.rules(found.deny) == {"review-approver"}
	}
}

test_a_countersignature_and_a_review_that_do_not_agree if {
	asking := sample.approval("bo", {"state": "changes_requested"})
	found := _found(_listed, _signed({}), {"approvals": [asking]})
	sample.rules(found.deny) == {"review-approver", "review-contradicts"}
	some violation in found.deny
	violation == {
		"rule": "review-contradicts",
		"commit": sample.plain.sha,
		"msg": "bo@example.com countersigned this commit, and @bo asked for changes at the code host",
		"fix": "ask @bo which of the two holds",
	}
	dismissed := _found(_listed, _signed({}), {"approvals": [sample.approval("bo", {"state": "dismissed"})]})
	sample.rules(dismissed.deny) == {"review-contradicts"}
}

# --- separation-of-duties ---------------------------------------------------------------------------------------

_duties(settings, commit, change) := found if {
	facts := sample.reviewed([commit], change)
	found := _all_duties with input as facts with data.countersign.settings as settings
}

_all_duties := {"deny": duties.deny, "warn": duties.warn}

test_who_opened_the_change_does_not_approve if {
	_duties(_listed, sample.declaring({}), {"approvals": [], "author": "Bo"}).deny == {{
		"rule": "separation-of-duties",
		"commit": sample.plain.sha,
		"field": "approver",
		"msg": concat(" ", [
			`approver "Bo Example <bo@example.com>" opened this change as @Bo;`,
			"someone else has to approve",
		]),
		"fix": `countersign stamp --approver "NAME <EMAIL>" HEAD`,
	}}
	_duties(_listed, sample.declaring({}), {"approvals": [], "author": "cy"}) == _none
	_duties(_settings, sample.declaring({}), {"approvals": [], "author": "bo"}) == _none
	off := object.union(_listed, {"rules": {"levels": {"separation-of-duties": "warn"}}})
	sample.rules(_duties(off, sample.declaring({}), {"approvals": [], "author": "bo"}).warn) == {"separation-of-duties"}
}

test_who_opened_the_change_does_not_countersign if {
	commit := object.union(_signed({}), {"disclosure": {"approver": []}})
	_duties(_listed, commit, {"approvals": [], "author": "bo"}).deny == {{
		"rule": "separation-of-duties",
		"commit": sample.plain.sha,
		"msg": "bo@example.com countersigned, and opened this change as @bo; someone else has to countersign",
		"fix": "have someone else run: countersign approve 111111111111",
	}}
	_duties(_listed, commit, {"approvals": [], "author": "cy"}) == _none
}

_exception_file := ".countersign/exceptions/vendored.yaml"

test_who_opens_an_exception_does_not_approve_it_alone if {
	touched := [{"path": _exception_file, "status": "A"}]
	commit := object.union(sample.plain, {"files": touched})
	found := _duties(_settings, commit, {"approvals": [sample.approval("ann", {})], "files": touched})
	found.deny == {{
		"rule": "exception-approval",
		"path": _exception_file,
		"msg": concat(" ", [
			"whoever opens or changes an exception cannot approve it alone,",
			$"and nobody else approved {_exception_file}",
		]),
		"fix": "have someone else approve the change as it is now at the code host",
	}}
	_duties(_settings, commit, {"approvals": [sample.approval("bo", {})], "files": touched}) == _none
	every approval in [
		sample.approval("bo", {"stale": true}),
		sample.approval("bo", {"kind": "bot"}),
		sample.approval("bo", {"email": "ann@example.com"}),
	] {
		again := _duties(_settings, commit, {"approvals": [approval], "files": touched})
		sample.rules(again.deny) == {"exception-approval"}
	}
	urgent := object.union(_settings, {"rules": {"emergency": {"labels": ["emergency"]}}})
	record := [{"path": ".countersign/exceptions/emergency-x.yaml", "status": "A"}]
	_duties(urgent, commit, {"approvals": [], "files": record, "labels": ["emergency"]}) == _none
	owned := object.union(_settings, {"rules": {"policy_owners": {"paths": [".countersign/**"]}}})
	_duties(owned, commit, {"approvals": [], "files": touched}) == _none
}
