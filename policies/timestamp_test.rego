package countersign.timestamp_test

import data.countersign.sample_test as sample
import data.countersign.timestamp

_denied(commit) := result if {
	result := timestamp.deny with input as sample.of(commit) with data.countersign.settings.scope as sample.scope
}

_rules(value) := sample.rules(_denied(sample.declaring({"timestamp": [value]})))

test_well_formed_times_pass if {
	every value in ["2026-03-02T09:30:00Z", "2026-03-02T10:30:00.5+01:00", "2026-03-02t09:30:00z"] {
		_rules(value) == set()
	}
}

test_malformed_times if {
	every value in ["2026-03-02", "2026-03-02 09:30:00Z", "02.03.2026", "2026-02-30T09:30:00Z", "heute früh"] {
		_rules(value) == {"timestamp-format"}
	}
	_denied(sample.declaring({"timestamp": ["now"]})) == {{
		"rule": "timestamp-format",
		"commit": sample.plain.sha,
		"field": "timestamp",
		"msg": `timestamp "now" is not an RFC 3339 time such as 2026-03-02T12:00:00Z`,
		"fix": "countersign stamp --timestamp TIME HEAD",
	}}
}

test_clocks_may_differ_by_five_minutes if {
	_rules("2026-03-02T12:05:00Z") == set()
	_rules("2026-03-02T12:05:01Z") == {"timestamp-future"}
	_rules("2026-03-02T14:05:00+02:00") == set()
}

test_a_tier_may_allow_more if {
	tier := {"name": "only", "timestamp_future_minutes": 60}
	violations := timestamp.deny with input as sample.of(sample.declaring({"timestamp": ["2026-03-02T13:00:00Z"]}))
		with data.countersign.settings.scope as {"tiers": [tier], "default": "only", "rules": []}
	count(violations) == 0
}

test_the_parent_may_be_a_day_older if {
	_rules("2026-03-01T09:00:00Z") == set()
	_rules("2026-03-01T08:59:59Z") == {"timestamp-before-parent"}
}

test_what_is_said_of_the_parent if {
	some violation in _denied(sample.declaring({"timestamp": ["2025-01-01T00:00:00Z"]}))
	violation.msg == `timestamp "2025-01-01T00:00:00Z" is more than 24 h before the parent commit (2026-03-02T09:00:00Z)`
}

test_a_merge_is_measured_by_its_latest_parent if {
	merge := object.union(
		sample.declaring({"timestamp": ["2026-02-20T00:00:00Z"]}),
		{"merge": true, "parent_times": ["2026-02-20T00:00:00Z", "2026-03-01T23:00:00-10:00"]},
	)
	some violation in _denied(merge)
	contains(violation.msg, "2026-03-01T23:00:00-10:00")
}

test_unknown_parents_are_not_guessed if {
	count(_denied(object.union(sample.declaring({"timestamp": ["2001-01-01T00:00:00Z"]}), {"parent_times": []}))) == 0
}

test_a_tier_without_a_span_has_no_limit if {
	low := {"files": [{"path": "docs/a.md", "status": "M"}]}
	count(_denied(object.union(sample.declaring({"timestamp": ["2001-01-01T00:00:00Z"]}), low))) == 0
}

test_every_value_of_the_key_is_judged if {
	violations := _denied(sample.declaring({"timestamp": ["2026-03-02T09:30:00Z", "soon", "2027-01-01T00:00:00Z", ""]}))
	sample.rules(violations) == {"timestamp-format", "timestamp-future"}
}
