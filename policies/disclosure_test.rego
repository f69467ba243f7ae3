package countersign.disclosure_test

import data.countersign.disclosure
import data.countersign.sample_test as sample

_denied(commit) := result if {
	result := disclosure.deny with input as sample.of(commit) with data.countersign.settings.scope as sample.scope
}

_missing(commit) := {violation.field | some violation in _denied(commit)}

test_a_whole_disclosure_passes if count(_denied(sample.declaring({}))) == 0

test_a_commit_that_declares_nothing_passes if {
	count(_denied(sample.plain)) == 0
	count(_denied(object.union(sample.plain, {"disclosure": {}}))) == 0
}

test_every_missing_field_is_named if {
	commit := object.union(sample.plain, {"disclosure": {"model": ["good-model-4.5"]}})
	_missing(commit) == {"timestamp", "context", "approver"}
}

test_an_empty_value_is_missing if {
	_missing(sample.declaring({"approver": ["", "  "], "context": []})) == {"approver", "context"}
}

test_one_value_that_says_something_is_enough if {
	count(_denied(sample.declaring({"approver": ["", "Bo Example <bo@example.com>"]}))) == 0
}

test_what_is_said_and_how_to_mend_it if {
	_denied(sample.declaring({"approver": []})) == {{
		"rule": "required-field",
		"commit": sample.plain.sha,
		"field": "approver",
		"msg": `the disclosure has no approver; scope tier "standard" requires model, timestamp, context, approver`,
		"fix": `countersign stamp --approver "NAME <EMAIL>" HEAD`,
	}}
}

test_the_tier_says_what_is_required if {
	files := {"files": [{"path": "docs/guide.md", "status": "M"}]}
	count(_denied(object.union(sample.declaring({"approver": []}), files))) == 0
	_missing(object.union(sample.declaring({"model": []}), files)) == {"model"}
}

test_a_merge_that_declares_something_declares_all if {
	_missing(object.union(sample.declaring({"model": []}), {"merge": true, "parents": ["a", "b"]})) == {"model"}
}

test_values_by_field if {
	values := disclosure.values with input as sample.of(sample.declaring({"model": ["a", " ", "b"]}))
	values.model == {[0, "a"], [0, "b"]}
}
