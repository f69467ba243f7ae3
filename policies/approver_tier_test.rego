package countersign.approver_tier_test

import data.countersign.approver_tier
import data.countersign.sample_test as sample

_scope(approvers) := object.union(sample.scope, {"tiers": tiers}) if {
	tiers := [object.union(tier, {"approvers": approvers}) | some tier in sample.scope.tiers]
}

_listed := object.union(sample.approvers, {"people": [
	{"name": "Bo Example", "email": "bo@example.com", "login": "bo", "aliases": ["bo@home.example"]},
	{"name": "Cy Example", "email": "cy@example.com"},
]})

_denied_by(scope, commit) := result if {
	result := approver_tier.deny with input as sample.of(commit)
		with data.countersign.settings.approvers as _listed
		with data.countersign.settings.scope as scope
}

_denied(tier_approvers, value) := _denied_by(_scope(tier_approvers), sample.declaring({"approver": [value]}))

test_a_tier_that_names_nobody_admits_everybody if {
	count(_denied_by(sample.scope, sample.declaring({"approver": ["@anybody"]}))) == 0
}

test_those_named_pass_under_all_their_names if {
	every named in ["bo@example.com", "Bo Example <BO@example.com>", "@bo", "bo@home.example"] {
		every value in ["Bo Example <bo@example.com>", "bo@home.example", "@Bo", "1+bo@users.noreply.github.com"] {
			count(_denied([named, "di@example.com"], value)) == 0
		}
	}
	count(_denied(["di@example.com"], "Di <di@example.com>")) == 0
}

test_others_do_not if {
	_denied(["bo@example.com", "@di"], "Cy Example <cy@example.com>") == {{
		"rule": "approver-tier",
		"commit": sample.plain.sha,
		"field": "approver",
		"msg": concat("", [
			`approver "Cy Example <cy@example.com>" does not approve in scope tier "standard"; `,
			"ask one of: bo@example.com, @di",
		]),
		"fix": `countersign stamp --approver "NAME <EMAIL>" HEAD`,
	}}
	sample.rules(_denied([], "bo@example.com")) == {"approver-tier"}
}

test_a_name_alone_does_not_count if {
	sample.rules(_denied(["Bo Example"], "Bo Example <other@example.com>")) == {"approver-tier"}
	sample.rules(_denied(["bo@example.com"], "Bo Example")) == {"approver-tier"}
}

test_what_the_mailmap_knows_counts if {
	commit := object.union(sample.declaring({"approver": ["b@old.example"]}), {"approvers": [
		{"value": "b@old.example", "name": "Bo Example", "email": "bo@example.com", "roles": []},
		{"value": "other", "email": "di@example.com", "roles": []},
	]})
	count(_denied_by(_scope(["@bo"]), commit)) == 0
	sample.rules(_denied_by(_scope(["di@example.com"]), commit)) == {"approver-tier"}
}

test_commits_that_declare_nothing_pass if count(_denied_by(_scope([]), sample.plain)) == 0
