package countersign.owners_test

import data.countersign.facts
import data.countersign.owners
import data.countersign.sample_test as sample

_owners(fields) := object.union({"paths": [".countersign/**", "CODEOWNERS"], "permission": "maintain"}, fields)

_file := ".countersign/data/scope.yaml"

_touched := [{"path": _file, "status": "M"}, {"path": "src/a.go", "status": "M"}]

# Ann changed it.
_commit := object.union(sample.plain, {"files": _touched})

_found_in(facts_given, rules) := deny if {
	settings := {"rules": rules, "scope": sample.scope, "approvers": sample.approvers, "evidence": sample.evidence}
	deny := owners.deny | facts.deny with input as facts_given with data.countersign.settings as settings
}

_found(owners_given, change) := _found_in(
	sample.reviewed([_commit], object.union({"files": _touched}, change)),
	{"policy_owners": _owners(owners_given)},
)

_by(login, fields) := {"approvals": [sample.approval(login, fields)]}

test_without_owners_in_the_data_nothing_is_said if {
	count(_found_in(sample.reviewed([_commit], {"files": _touched, "approvals": []}), {})) == 0
}

test_changes_of_other_files_need_none if {
	count(_found({}, {"approvals": [], "files": [{"path": "src/a.go", "status": "M"}]})) == 0
}

test_a_permission_owns_where_nobody_is_named if {
	_found({}, _by("bo", {})) == {{
		"rule": "policy-owner",
		"path": _file,
		"msg": concat(" ", [
			$"{_file} may be changed only with the approval of",
			`someone with the permission "maintain", who did not make the change`,
		]),
		"fix": `have someone with the permission "maintain" approve the change as it is now at the code host`,
	}}
	count(_found({}, _by("bo", {"permission": "admin"}))) == 0
	sample.rules(_found({}, {"approvals": []})) == {"policy-owner"}
}

test_listed_people_and_teams if {
	named := {"people": ["Bo <bo@example.com>", "@cy"], "teams": ["example/policy"]}
	count(_found(named, _by("cy", {}))) == 0
	count(_found(named, _by("x", {"email": "bo@example.com"}))) == 0
	count(_found(named, _by("x", {"teams": ["Example/Policy"]}))) == 0
	some violation in _found(named, _by("x", {"permission": "admin"}))
	contains(violation.msg, "the approval of Bo <bo@example.com> or @cy or example/policy, who")
}

test_code_owners if {
	owned := {"code_owners": [{"path": _file, "owners": ["@bo", "@example/policy"]}]}
	count(_found({}, object.union(owned, _by("bo", {"permission": "read"})))) == 0
	count(_found({}, object.union(owned, _by("cy", {"teams": ["example/policy"]})))) == 0
	sample.rules(_found({}, object.union(owned, _by("cy", {"permission": "admin"})))) == {"policy-owner"}
	count(_found({"code_owners": false}, object.union(owned, _by("cy", {"permission": "admin"})))) == 0
	nobody := {"code_owners": [{"path": _file, "owners": []}]}
	count(_found({}, object.union(nobody, _by("cy", {"permission": "admin"})))) == 0
}

test_approvals_that_do_not_count if {
	every approval in [
		sample.approval("bo", {"permission": "admin", "stale": true}),
		sample.approval("bo", {"permission": "admin", "kind": "bot"}),
		sample.approval("ann", {"permission": "admin"}),
		sample.approval("bo", {"permission": "admin", "email": "ann@example.com"}),
		sample.approval("bo", {"permission": "admin", "state": "commented"}),
	] {
		sample.rules(_found({}, {"approvals": [approval]})) == {"policy-owner"}
	}
}

test_many_files_are_said_once if {
	files := [{"path": $".countersign/policies/{name}.rego", "status": "M"} | some name in ["a", "b", "c", "d", "e"]]
	some violation in _found({}, {"approvals": [], "files": files})
	startswith(violation.msg, concat("", [
		".countersign/policies/a.rego, .countersign/policies/b.rego, .countersign/policies/c.rego ",
		"and 2 more files may be",
	]))
	not violation.path
	some two in _found({}, {"approvals": [], "files": [{"path": "CODEOWNERS", "status": "R", "old_path": _file}]})
	startswith(two.msg, $"{_file}, CODEOWNERS may be")
}

test_what_is_not_known if {
	unknown := object.remove(sample.approval("bo", {}), ["permission"])
	some violation in _found({}, {"approvals": [unknown]})
	startswith(violation.msg, "whether policy-owner holds cannot be told: change.approvals.permission is not known")
	asked := object.union(
		sample.reviewed([_commit], {"files": _touched}),
		{"unknown": [{"fact": "change.approvals", "why": "no token"}]},
	)
	some other in _found_in(asked, {"policy_owners": _owners({})})
	other.msg == "whether policy-owner holds cannot be told: change.approvals is not known: no token"
}

test_the_record_of_an_emergency_cannot_wait if {
	record := {"path": ".countersign/exceptions/emergency-x.yaml", "status": "A"}
	rules := {"policy_owners": _owners({}), "emergency": {"labels": ["emergency"], "rules": []}}
	change := {"approvals": [], "labels": ["emergency"], "files": [record]}
	count(_found_in(sample.reviewed([_commit], change), rules)) == 0
	more := object.union(change, {"files": array.concat([record], _touched)})
	some violation in _found_in(sample.reviewed([_commit], more), rules)
	violation.path == _file
	count(_found_in(sample.reviewed([_commit], object.union(change, {"labels": []})), rules)) == 1
}

# --- policy-tests -----------------------------------------------------------------------------------------------

test_changed_policies_pass_their_tests if {
	good := {"policy_change": {"files": [], "tests": {"passed": 3, "failed": 0, "errors": []}}}
	count(_found({}, object.union(_by("bo", {"permission": "admin"}), good))) == 0
	bad := {"policy_change": {"files": [], "tests": {"passed": 3, "failed": 2, "errors": ["a.rego:1: oops"]}}}
	_found({}, object.union(_by("bo", {"permission": "admin"}), bad)) == {{
		"rule": "policy-tests",
		"msg": "the changed policies do not pass their tests: 2 failed; a.rego:1: oops",
		"fix": "run: countersign test .countersign/policies",
	}}
	broken := {"policy_change": {"files": [], "tests": {"passed": 0, "failed": 0, "errors": ["a.rego:1: oops"]}}}
	some violation in _found({}, object.union(_by("bo", {"permission": "admin"}), broken))
	endswith(violation.msg, "their tests: a.rego:1: oops")
	listed := {"policy_change": {"files": ["elsewhere/x.rego"]}}
	sample.rules(_found({}, object.union({"approvals": [], "files": []}, listed))) == {"policy-owner"}
}

test_an_exception_for_the_file_excuses_it if {
	exception := {
		"id": "e", "rules": ["policy-owner"], "paths": [".countersign/data/**"], "reason": "R", "approved_by": "Bo",
		"opened": "2026-03-01", "expires": "2026-04-01",
	}
	facts_given := sample.reviewed([_commit], {"files": _touched, "approvals": []})
	count(_found_in(sample.excusing(facts_given, [exception]), {"policy_owners": _owners({})})) == 0
	count(_found_in(facts_given, {"policy_owners": _owners({})})) == 1
}

test_levels if {
	settings := {
		"rules": {"policy_owners": _owners({}), "levels": {"policy-owner": "warn"}},
		"scope": sample.scope, "approvers": sample.approvers, "evidence": sample.evidence,
	}
	facts_given := sample.reviewed([_commit], {"files": _touched, "approvals": []})
	count(owners.deny) == 0 with input as facts_given with data.countersign.settings as settings
	sample.rules(owners.warn) == {"policy-owner"} with input as facts_given with data.countersign.settings as settings
}
