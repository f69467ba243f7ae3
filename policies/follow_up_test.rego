package countersign.follow_up_test

import data.countersign.follow_up
import data.countersign.sample_test as sample

# The time of the decision is 2026-03-02T12:00:00Z.
_exception := {
	"id": "vendored",
	"rules": ["approved-model"],
	"paths": ["vendor/**"],
	"reason": "For a test.",
	"approved_by": "Bo Example <bo@example.com>",
	"opened": "2026-02-28T11:59:59Z",
	"expires": "2026-04-01T00:00:00Z",
}

_scope := {
	"tiers": [
		{"name": "low", "required": [], "follow_up_hours": 72, "follow_up_grace_hours": 0},
		{"name": "standard", "required": []},
		{"name": "high", "required": [], "follow_up_hours": 24, "follow_up_grace_hours": 1.5},
		{"name": "elsewhere", "required": [], "follow_up_hours": 1000},
	],
	"default": "standard",
	"rules": [
		{"tier": "elsewhere", "repositories": ["other"]},
		{"tier": "high", "paths": ["**/auth/**"]},
		{"tier": "low", "paths": ["docs/**"], "repositories": ["app"]},
	],
}

_input(fields) := sample.excusing(sample.of(sample.plain), [object.union(_exception, fields)])

_rules(facts) := _ruled(facts, {})

_ruled(facts, rules) := found if {
	found := _found with input as facts with data.countersign.settings as {"scope": _scope, "rules": rules}
}

# In one rule, so that it is evaluated once.
_found := {"deny": sample.rules(follow_up.deny), "warn": sample.rules(follow_up.warn)}

_nothing := {"deny": set(), "warn": set()}

_warned := {"deny": set(), "warn": {"follow-up-overdue"}}

_denied := {"deny": {"follow-up-overdue"}, "warn": set()}

test_after_48_hours_it_is_overdue if {
	_rules(_input({})) == _warned
	_rules(_input({"opened": "2026-02-28T12:00:00Z"})) == _nothing
}

test_a_day_later_every_change_is_denied if {
	_rules(_input({"opened": "2026-02-27T12:00:00Z"})) == _warned
	_rules(_input({"opened": "2026-02-27T11:59:59Z"})) == _denied
	_rules(_input({"opened": "2026-02-27"})) == _denied
}

test_a_commit_that_is_being_made_is_only_warned if {
	late := _input({"opened": "2026-02-20T00:00:00Z"})
	_rules(late) == _denied
	_rules(object.union(late, {"phase": "push"})) == _denied
	_rules(object.remove(object.union(late, {"phase": "commit"}), ["change"])) == _warned
}

test_what_it_says if {
	warned := follow_up.warn with input as _input({}) with data.countersign.settings.scope as _scope
	warned == {{
		"rule": "follow-up-overdue",
		"path": ".countersign/exceptions/vendored.yaml",
		"msg": `exception "vendored" was opened on 2026-02-28T11:59:59Z; its follow-up was due within 48 hours`,
		"fix": `countersign exception follow-up vendored --note "WHAT WAS DONE", or close it`,
	}}
}

test_a_follow_up_settles_it if {
	_rules(_input({"follow_ups": [{"at": "2026-03-02T00:00:00Z", "note": "Done."}]})) == _nothing
	_rules(_input({"follow_ups": []})) == _warned
}

test_closing_settles_it if _rules(_input({"closed": {"at": "2026-03-02T00:00:00Z", "note": "Done."}})) == _nothing

test_it_is_owed_though_the_exception_expired if {
	_rules(_input({"expires": "2026-03-01T00:00:00Z"})) == _warned
}

test_what_was_not_opened_at_a_time_is_for_another_rule if _rules(_input({"opened": "soon"})) == _nothing

test_the_tier_of_its_paths_says_how_soon if {
	_rules(_input({"paths": ["docs/**"]})) == _nothing
	_rules(_input({"paths": ["docs/**"], "opened": "2026-02-27T11:59:59Z"})) == _denied
	_rules(_input({"paths": ["src/auth/**"], "opened": "2026-03-01T11:59:59Z"})) == _warned
	_rules(_input({"paths": ["src/auth/**"], "opened": "2026-03-01T10:29:59Z"})) == _denied
	_rules(_input({"paths": ["src/**"], "opened": "2026-03-01T10:29:59Z"})) == _nothing
}

test_the_shortest_of_several_tiers if {
	_rules(_input({"paths": ["docs/**", "src/**"]})) == _denied
	_rules(_input({"paths": ["docs/**", "src/**"], "opened": "2026-02-28T12:00:00Z"})) == _nothing
}

test_without_a_limit_to_paths_the_strictest if {
	every fields in [{"paths": ["**"]}, {"paths": ["src/**", "**/*"]}] {
		_rules(_input(object.union(fields, {"opened": "2026-03-01T11:59:59Z"}))) == _denied
	}
	unlimited := [object.remove(_exception, ["paths"])]
	_rules(sample.excusing(sample.of(sample.plain), unlimited)) == _denied
}

test_rules_for_other_repositories_do_not_count if {
	here := _input({"opened": "2026-02-27T11:59:59Z"})
	_rules(here) == _denied
	_rules(object.union(here, {"repository": {"name": "other"}})) == _nothing
}

test_a_change_that_touches_the_exception_may_bring_the_follow_up if {
	late := _input({"opened": "2026-02-20T00:00:00Z"})
	_rules(late) == _denied
	every path in [
		".countersign/exceptions/vendored.yaml",
		".countersign/exceptions/vendored.json",
		".countersign/exceptions/2026/vendored.yml",
	] {
		file := {"path": path, "status": "M"}
		_rules(object.union(late, {"change": {"files": [file]}})) == _warned
		commit := object.union(sample.plain, {"files": [file]})
		_rules(object.union(late, {"commits": [commit]})) == _warned
	}
	every path in [
		".countersign/exceptions/vendored-more.yaml",
		".countersign/exceptions/more-vendored.yaml",
		".countersign/exceptions/vendored.md",
		".countersign/data/vendored.yaml",
		"docs/vendored.yaml",
	] {
		_rules(object.union(late, {"change": {"files": [{"path": path, "status": "M"}]}})) == _denied
	}
	_rules(object.remove(late, ["change"])) == _denied
}

_in_emergencies(facts) := _ruled(facts, {"emergency": {}})

test_the_record_of_an_emergency_owes_it_sooner if {
	record := {"id": "emergency-outage", "opened": "2026-03-01T11:59:59Z"}
	_in_emergencies(_input(record)) == _denied
	_in_emergencies(_input({"opened": "2026-03-01T11:59:59Z"})) == _nothing
	_in_emergencies(_input(object.union(record, {"opened": "2026-03-01T12:00:00Z"}))) == _nothing
	_rules(_input(record)) == _nothing
}

test_rules_switch_it if {
	late := _input({"opened": "2026-02-20T00:00:00Z"})
	_ruled(late, {"levels": {"follow-up-overdue": "warn"}}) == _warned
	_ruled(late, {"levels": {"follow-up-overdue": "off"}}) == _nothing
	_ruled(_input({}), {"levels": {"follow-up-overdue": "off"}}) == _nothing
	_ruled(_input({}), {"levels": {"follow-up-overdue": "deny"}}) == _warned
}
