package countersign.approver_test

import data.countersign.approver
import data.countersign.sample_test as sample

_denied_by(approvers, commit) := result if {
	result := approver.deny with input as sample.of(commit)
		with data.countersign.settings.approvers as approvers
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as sample.scope
}

_denied(commit) := _denied_by(sample.approvers, commit)

_rules(value) := sample.rules(_denied(sample.declaring({"approver": [value]})))

_listed := object.union(sample.approvers, {"people": [
	{"name": "Bo Example", "email": "bo@example.com", "login": "bo", "aliases": ["bo@home.example", "@bo-at-home"]},
	{"name": "Ann Example", "email": "ann@example.com", "aliases": ["Anna Example"]},
	{"name": "Cy Example"},
]})

_rules_listed(value) := sample.rules(_denied_by(_listed, sample.declaring({"approver": [value]})))

_fix := `countersign stamp --approver "NAME <EMAIL>" HEAD`

# --- Human ------------------------------------------------------------------------------------------------------

test_people_pass if {
	every value in ["Bo Example <bo@example.com>", "bo@example.com", "@bo", "山田 太郎 <taro@example.com>"] {
		_rules(value) == set()
	}
}

test_bots_and_agents_are_no_people if {
	every value in ["helper[bot] <h@example.com>", "@agent-one", "X <one@agents.EXAMPLE>", "Two (v3) <x@example.com>"] {
		_rules(value) == {"approver-human"}
	}
	_denied(sample.declaring({"approver": ["@agent-one"]})) == {{
		"rule": "approver-human",
		"commit": sample.plain.sha,
		"field": "approver",
		"msg": `approver "@agent-one" is a bot or an AI agent; a person has to approve`,
		"fix": _fix,
	}}
}

test_without_patterns_agents_are_still_no_people if {
	commit := sample.declaring({"approver": ["@agent-one", "helper[bot] <h@example.com>"]})
	messages := {violation.msg | some violation in _denied_by({"people": []}, commit)}
	messages == {`approver "@agent-one" is a bot or an AI agent; a person has to approve`}
}

test_a_bot_that_is_not_listed_is_only_a_bot if _rules_listed("helper[bot] <h@example.com>") == {"approver-human"}

# --- Known ------------------------------------------------------------------------------------------------------

test_listed_people_pass if {
	every value in ["Bo Example <bo@example.com>", "BO@Example.COM", "@Bo", "bo@home.example", "@bo-at-home"] {
		_rules_listed(value) == set()
	}
}

test_a_hosts_address_names_a_listed_login if _rules_listed("B <1+bo@users.noreply.github.com>") == set()

test_unlisted_people if {
	_rules_listed("Di Example <di@example.com>") == {"approver-known"}
	some violation in _denied_by(_listed, sample.declaring({"approver": ["@di"]}))
	violation.msg == `approver "@di" is not listed in .countersign/data/approvers.yaml`
	violation.fix == _fix
}

test_unlisted_people_may_be_allowed if {
	allowing := object.union(_listed, {"unlisted": "allow"})
	count(_denied_by(allowing, sample.declaring({"approver": ["@di"]}))) == 0
}

test_an_empty_list_may_admit_nobody if {
	denying := object.union(sample.approvers, {"unlisted": "deny"})
	sample.rules(_denied_by(denying, sample.declaring({"approver": ["@di"]}))) == {"approver-known"}
}

# --- Independent ------------------------------------------------------------------------------------------------

test_the_author_may_not_approve if {
	every value in ["Ann Example <ann@example.com>", "ANN@example.com", "Ann  EXAMPLE", "Ann Example <x@example.com>"] {
		_rules(value) == {"approver-independent"}
	}
	some violation in _denied(sample.declaring({"approver": ["ann@example.com"]}))
	violation.msg == concat("", [
		`approver "ann@example.com" is the author and the committer of this commit; `,
		"someone else has to approve",
	])
	violation.fix == _fix
}

test_the_committer_may_not_approve if {
	commit := object.union(sample.declaring({}), {"committer": {"name": "B.", "email": "Bo@example.com"}})
	some violation in _denied(commit)
	contains(violation.msg, " is the committer of this commit")
}

test_a_login_is_known_by_the_hosts_address if {
	commit := object.union(
		sample.declaring({"approver": ["@bo"]}),
		{"author": {"name": "B.", "email": "1+bo@users.noreply.github.com"}},
	)
	sample.rules(_denied(commit)) == {"approver-independent"}
}

test_a_co_author_may_not_approve if {
	every fields in [
		{"body": "Co-authored-by: Bo Example <bo@example.com>"},
		{"body": "* co-authored-by: B. <BO@example.com>\n\nMore."},
		{"body": "Co-Authored-By: B.", "trailers": [{"key": "Co-Authored-By", "value": "B. <bo@example.com>"}]},
	] {
		messages := {violation.msg | some violation in _denied(object.union(sample.declaring({}), fields))}
		messages == {concat("", [
			`approver "Bo Example <bo@example.com>" is a co-author of this commit; `,
			"someone else has to approve",
		])}
	}
}

test_a_listed_name_alone_passes if _rules_listed("Cy Example") == set()

test_who_signed_off_may_approve if {
	signed := object.union(sample.evidence, {"person_trailers": ["co-authored-by", "signed-off-by"]})
	violations := approver.deny with data.countersign.settings.approvers as sample.approvers
		with data.countersign.settings.evidence as signed
		with data.countersign.settings.scope as sample.scope
		with input as sample.of(object.union(sample.declaring({}), {"body": "Signed-off-by: Bo Example <bo@example.com>"}))
	count(violations) == 0
}

test_an_alias_gives_the_author_away if {
	commit := object.union(sample.declaring({}), {"author": {"name": "B.", "email": "bo@home.example"}})
	sample.rules(_denied_by(_listed, commit)) == {"approver-independent"}
	sample.rules(_denied_by(_listed, sample.declaring({"approver": ["Anna Example"]}))) == {"approver-independent"}
}

test_namesakes_who_are_both_listed_are_two_people if {
	namesakes := object.union(sample.approvers, {"people": [
		{"name": "Ann Example", "email": "ann@example.com"},
		{"name": "Ann Example", "email": "other@example.com"},
	]})
	count(_denied_by(namesakes, sample.declaring({"approver": ["Ann Example <other@example.com>"]}))) == 0
	sample.rules(_denied_by(namesakes, sample.declaring({"approver": ["Ann Example"]}))) == {"approver-independent"}
}

test_a_listed_name_with_an_unknown_address_is_the_listed_person if {
	commit := object.union(sample.declaring({}), {"author": {"name": "Bo Example", "email": "new@example.com"}})
	sample.rules(_denied_by(_listed, commit)) == {"approver-independent"}
}

test_every_value_of_the_key_is_judged if {
	values := ["Bo Example <bo@example.com>", "@agent-one", "ann@example.com", ""]
	violations := _denied(sample.declaring({"approver": values}))
	sample.rules(violations) == {"approver-human", "approver-independent"}
}

test_no_approver_is_no_unknown_one if count(_denied_by(_listed, sample.declaring({"approver": []}))) == 0
