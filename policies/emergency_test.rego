package countersign.emergency_test

import data.countersign.emergency
import data.countersign.sample_test as sample

_rules := {"emergency": {"labels": ["emergency"], "rules": ["review-approval"], "follow_up_hours": 12}}

_record := {"path": ".countersign/exceptions/emergency-outage.yaml", "status": "A"}

_warned(labels, files) := _warned_in("change", labels, files)

_warned_in(phase, labels, files) := result if {
	facts := object.union(sample.reviewed([sample.plain], {"labels": labels, "files": files}), {"phase": phase})
	result := emergency.warn with input as facts with data.countersign.settings.rules as _rules
}

test_without_the_label_nothing_is_said if {
	count(_warned(["bug"], [_record])) == 0
	count(emergency.warn) == 0 with input as sample.of(sample.plain) with data.countersign.settings.rules as _rules
	not emergency.active with input as sample.of(sample.plain) with data.countersign.settings.rules as _rules
}

test_without_data_there_is_no_emergency if {
	facts := sample.reviewed([sample.plain], {"labels": ["emergency"], "files": [_record]})
	count(emergency.warn) == 0 with input as facts with data.countersign.settings.rules as {}
	emergency.hours == {"due": 24, "grace": 0} with data.countersign.settings.rules as {}
}

test_an_emergency_on_record if {
	_warned(["Emergency"], [_record]) == {{
		"rule": "emergency",
		"path": _record.path,
		"msg": concat("", [
			`taken as an emergency (label "Emergency"): review-approval only warn; `,
			"the record owes a follow-up within 12 hours",
		]),
		"fix": `countersign exception follow-up emergency-outage --note "WHAT WAS DONE"`,
	}}
	facts := sample.reviewed([sample.plain], {"labels": ["emergency"], "files": [_record]})
	emergency.lowers("review-approval") with input as facts with data.countersign.settings.rules as _rules
	not emergency.lowers("policy-owner") with input as facts with data.countersign.settings.rules as _rules
}

test_an_emergency_without_a_record if {
	every files in [
		[],
		[{"path": ".countersign/exceptions/emergency-outage.yaml", "status": "M"}],
		[{"path": ".countersign/exceptions/outage.yaml", "status": "A"}],
		[{"path": ".countersign/data/emergency-x.yaml", "status": "A"}],
		[{"path": ".countersign/policies/emergency-x.yaml", "status": "A"}],
		[{"path": "exceptions/emergency-x.yaml", "status": "A"}],
	] {
		sample.rules(_warned(["emergency"], files)) == {"emergency-record"}
	}
}

test_the_hook_knows_none if count(_warned_in("commit", ["emergency"], [_record])) == 0

test_records_are_known_by_their_ids if {
	emergency.is_record("emergency-x") with data.countersign.settings.rules as _rules
	not emergency.is_record("an-emergency") with data.countersign.settings.rules as _rules
	not emergency.is_record("emergency-x") with data.countersign.settings.rules as {}
}
