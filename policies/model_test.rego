package countersign.model_test

import data.countersign.model
import data.countersign.sample_test as sample

_denied(fields) := result if {
	result := model.deny with input as sample.of(sample.declaring(fields))
		with data.countersign.settings.models as sample.models
		with data.countersign.settings.forbidden_models as sample.forbidden_models
		with data.countersign.settings.scope as sample.scope
}

_rules(value) := sample.rules(_denied({"model": [value]}))

test_approved_models_pass if {
	every value in ["good-model-4.5", "good-model-4-5-20251101", "good-model-5.99", "any-x", "any-case"] {
		_rules(value) == set()
	}
}

test_case_does_not_matter if {
	_rules("GOOD-Model-4.5") == set()
	_rules("ANY-CASE") == set()
	_rules("BAD-one") == {"forbidden-model"}
}

test_blanks_and_prefixes_do_not_matter if {
	_rules("Good Model 4.5") == set()
	_rules("good_model_4.5") == set()
	_rules("provider/good-model-4.5") == set()
	_rules("provider/bad-one") == {"forbidden-model"}
	_rules(" good-model-4.5 ") == set()
}

test_unknown_models if {
	every value in ["other", "good-mode1-4.5", "ｇood-model-4.5", "good-model-", "any-xy", "good-model-4.5/other", "日本"] {
		count(_rules(value) & {"approved-model", "model-version"}) == 1
	}
	_denied({"model": ["other"]}) == {{
		"rule": "approved-model",
		"commit": sample.plain.sha,
		"field": "model",
		"msg": `model "other" is not approved; approved are Good, Ending, Any`,
		"fix": "countersign stamp --model MODEL HEAD",
	}}
}

test_versions_outside_the_range if {
	every value in ["good-model-4.4", "good-model-6", "good-model-x"] {
		_rules(value) == {"model-version"}
	}
	some violation in _denied({"model": ["good-model-6"]})
	violation.msg == `model "good-model-6" is not in an approved version; approved are Good >=4.5 <6`
}

test_forbidden_wins_over_approved if {
	_rules("good-model-5-leaked") == {"forbidden-model"}
	some violation in _denied({"model": ["good-model-5-leaked"]})
	violation.msg == `model "good-model-5-leaked" is forbidden: it leaks`
}

test_approval_ends_at_the_moment_it_says if {
	ending := {"model": ["ending-1"]}
	sample.rules(_denied(object.union(ending, {"timestamp": ["2026-03-01T23:59:59Z"]}))) == set()
	sample.rules(_denied(object.union(ending, {"timestamp": ["2026-03-02T00:00:00Z"]}))) == {"model-expired"}
	sample.rules(_denied(object.union(ending, {"timestamp": ["2026-03-02T00:30:00+01:00"]}))) == set()
}

test_the_latest_timestamp_counts if {
	times := {"model": ["ending-1"], "timestamp": ["2026-03-01T10:00:00Z", "2026-03-02T09:30:00Z"]}
	sample.rules(_denied(times)) == {"model-expired"}
}

test_without_a_timestamp_the_decisions_time_counts if {
	some timestamps in [[], ["yesterday"]]
	violations := _denied({"model": ["ending-1"], "timestamp": timestamps})
	some violation in violations
	violation.msg == `the approval of model "ending-1" ended on 2026-03-02`
}

test_another_entry_may_approve_for_longer if {
	models := [
		{"name": "Ending", "match": ["ending-*"], "expires": "2026-03-01"},
		{"name": "Later", "match": ["ending-1"], "expires": "2026-04-01"},
		{"name": "Open", "match": ["ending-2"]},
	]
	violations := model.deny with input as sample.of(sample.declaring({"model": ["ending-1", "ending-2", "ending-3"]}))
		with data.countersign.settings.models as models
		with data.countersign.settings.forbidden_models as []
		with data.countersign.settings.scope as sample.scope
	{violation.msg | some violation in violations} == {`the approval of model "ending-3" ended on 2026-03-01`}
}

test_every_value_of_the_key_is_judged if {
	violations := _denied({"model": ["good-model-4.5", "other", "bad-one", ""]})
	sample.rules(violations) == {"approved-model", "forbidden-model"}
	count(violations) == 2
}

test_no_model_is_no_unapproved_model if count(_denied({"model": []})) == 0

# --- Tiers ------------------------------------------------------------------------------------------------------

_in(path, value) := rules if {
	commit := object.union(sample.declaring({"model": [value]}), {"files": [{"path": path, "status": "M"}]})
	denied := model.deny with input as sample.of(commit)
		with data.countersign.settings.models as [
			{"name": "Lab", "match": ["lab-*"], "versions": ">=2", "tiers": ["low", "standard"]},
			{"name": "Lab as it was", "match": ["lab-2*"], "tiers": ["high"], "expires": "2026-03-01"},
		]
		with data.countersign.settings.forbidden_models as [{"match": ["lab-9*"], "reason": "R", "tiers": ["standard"]}]
		with data.countersign.settings.scope as sample.scope
	rules := sample.rules(denied)
}

test_a_model_may_be_approved_in_some_tiers if {
	_in("src/a.go", "lab-3") == set()
	_in("src/auth/a.go", "lab-3") == {"model-tier"}
	_in("src/auth/a.go", "lab-2") == {"model-expired"}
	_in("src/auth/a.go", "lab-1") == {"model-version"}
	_in("src/a.go", "lab-9") == {"forbidden-model"}
	_in("docs/a.md", "lab-9") == set()
}

test_where_it_is_approved_is_said if {
	commit := object.union(sample.declaring({"model": ["lab"]}), {"files": [{"path": "src/auth/a.go", "status": "M"}]})
	some violation in model.deny with input as sample.of(commit)
		with data.countersign.settings.models as [{"name": "Lab", "match": ["lab"], "tiers": ["standard", "low"]}]
		with data.countersign.settings.forbidden_models as []
		with data.countersign.settings.scope as sample.scope
	violation.msg == `model "lab" is not approved in scope tier "high"; it is in low, standard`
}
