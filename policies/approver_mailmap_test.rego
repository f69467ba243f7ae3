package countersign.approver_mailmap_test

import data.countersign.approver_mailmap
import data.countersign.sample_test as sample

_denied(fields) := result if {
	result := approver_mailmap.deny with input as sample.of(object.union(sample.declaring({}), fields))
		with data.countersign.settings.approvers as sample.approvers
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as sample.scope
}

_bo := "Bo Example <bo@example.com>"

test_without_a_mailmap_nothing_is_said if count(_denied({})) == 0

test_somebody_else_passes if count(_denied({"approvers": [{"value": _bo, "roles": []}]})) == 0

test_an_author_under_another_name if {
	_denied({"approvers": [{"value": _bo, "roles": ["committer", "author"]}]}) == {{
		"rule": "approver-independent",
		"commit": sample.plain.sha,
		"field": "approver",
		"msg": concat("", [
			`approver "Bo Example <bo@example.com>" is the author and the committer of this commit; `,
			"someone else has to approve",
		]),
		"fix": `countersign stamp --approver "NAME <EMAIL>" HEAD`,
	}}
}

test_a_co_author_under_another_name if {
	messages := {violation.msg | some violation in _denied({"approvers": [{"value": _bo, "roles": ["co-author"]}]})}
	messages == {concat("", [
		`approver "Bo Example <bo@example.com>" is a co-author of this commit; `,
		"someone else has to approve",
	])}
}

test_what_is_said_already_is_not_said_twice if {
	ann := "ann@example.com"
	count(_denied({"disclosure": {"approver": [ann]}, "approvers": [{"value": ann, "roles": ["author"]}]})) == 0
	other := {"value": "a@home.example", "roles": ["author"]}
	count(_denied({"disclosure": {"approver": [ann]}, "approvers": [other]})) == 1
}
