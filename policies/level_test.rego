package countersign.level_test

import data.countersign.approver
import data.countersign.approver_mailmap
import data.countersign.approver_tier
import data.countersign.context
import data.countersign.disclosure
import data.countersign.evidence
import data.countersign.exceptions
import data.countersign.forbid
import data.countersign.level
import data.countersign.model
import data.countersign.path
import data.countersign.sample_test as sample
import data.countersign.timestamp

_short := sample.declaring({"context": ["Too short"]})

_found(rules, scope) := {"deny": deny, "warn": warn} if {
	facts := sample.of(_short)
	deny := sample.rules(context.deny) with input as facts
		with data.countersign.settings.rules as rules
		with data.countersign.settings.scope as scope
		with data.countersign.settings.placeholders as sample.placeholders
	warn := sample.rules(context.warn) with input as facts
		with data.countersign.settings.rules as rules
		with data.countersign.settings.scope as scope
		with data.countersign.settings.placeholders as sample.placeholders
}

_in_tier(rules) := object.union(sample.scope, {"tiers": [
object.union(tier, {"rules": rules}) |
	some tier in sample.scope.tiers
]})

test_without_data_a_rule_is_what_it_usually_is if {
	_found({}, sample.scope) == {"deny": {"context-short"}, "warn": set()}
}

test_rules_are_switched_off_and_down if {
	_found({"levels": {"context-short": "warn"}}, sample.scope) == {"deny": set(), "warn": {"context-short"}}
	_found({"levels": {"context-short": "off"}}, sample.scope) == {"deny": set(), "warn": set()}
	_found({"levels": {"context": "off"}}, sample.scope) == {"deny": {"context-short"}, "warn": set()}
}

test_a_tier_goes_before if {
	scope := _in_tier({"context-short": "deny"})
	_found({"levels": {"context-short": "off"}}, scope) == {"deny": {"context-short"}, "warn": set()}
	_found({}, _in_tier({"context-short": "off"})) == {"deny": set(), "warn": set()}
}

test_a_rule_that_knows_no_tier if {
	level.general("r", "warn") == "warn" with data.countersign.settings.rules as {}
	level.general("r", "warn") == "deny" with data.countersign.settings.rules as {"levels": {"r": "deny"}}
}

test_warnings_become_denials if {
	exception := {
		"id": "e", "rules": [], "reason": "R", "approved_by": "B",
		"opened": "2026-01-01", "expires": "2027-01-01",
	}
	facts := sample.excusing(sample.of(sample.plain), [exception])
	sample.rules(exceptions.deny) == {"exception-invalid"} with input as facts
		with data.countersign.settings.rules as {"levels": {"exception-invalid": "deny"}}
		with data.countersign.settings.scope as sample.scope
	count(exceptions.warn) == 0 with input as facts
		with data.countersign.settings.rules as {"levels": {"exception-invalid": "off"}}
		with data.countersign.settings.scope as sample.scope
}

# Every package of the pack that judges commits.
_warned contains violation.rule if {
	some found in [
		approver.warn, approver_mailmap.warn, approver_tier.warn, context.warn, disclosure.warn, evidence.warn,
		forbid.warn, model.warn, path.warn, timestamp.warn,
	]
	some violation in found
}

_all_warn(names, commit) := result if {
	result := _warned with input as sample.of(commit)
		with data.countersign.settings as {
			"rules": {"levels": {name: "warn" | some name in names}},
			"models": sample.models,
			"forbidden_models": sample.forbidden_models,
			"scope": object.union(sample.scope, {"tiers": [
			object.union(tier, {"approvers": ["@cy"]}) |
				some tier in sample.scope.tiers
			]}),
			"approvers": sample.approvers,
			"evidence": sample.evidence,
			"placeholders": sample.placeholders,
		}
}

test_every_rule_can_warn if {
	names := {"required-field", "approver-tier", "forbidden-path", "timestamp-format", "forbidden-model"}
	disclosure_given := {"model": ["bad-1"], "timestamp": ["soon"], "context": []}
	commit := object.union(sample.declaring(disclosure_given), {"files": [{"path": "secret/a", "status": "M"}]})
	_all_warn(names, commit) == names
	mailmapped := object.union(sample.declaring({"approver": ["@cy"]}), {"approvers": [{
		"value": "@cy",
		"roles": ["author"],
	}]})
	_all_warn({"approver-independent"}, mailmapped) == {"approver-independent"}
	forbidden := object.union(sample.of(sample.declaring({})), {"disclosure_profile": "forbid"})
	sample.rules(forbid.warn) == {"ai-forbidden"} with input as forbidden
		with data.countersign.settings.rules as {"levels": {"ai-forbidden": "warn"}}
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as sample.scope
}

test_data_without_rules if {
	level.general("r", "warn") == "warn"
}

_emergency := object.union(
	sample.reviewed([sample.declaring({"approver": ["Ann Example <ann@example.com>"]})], {}),
	{"change": {"labels": ["Hotfix"], "files": [{"path": ".countersign/exceptions/emergency-x.yaml", "status": "A"}]}},
)

test_an_emergency_lowers_what_it_names if {
	rules := {"emergency": {"labels": ["hotfix"], "rules": ["approver-independent"]}}
	sample.rules(approver.warn) == {"approver-independent"} with input as _emergency
		with data.countersign.settings.rules as rules
		with data.countersign.settings.scope as sample.scope
		with data.countersign.settings.approvers as sample.approvers
		with data.countersign.settings.evidence as sample.evidence
	level.of_commit(0, "other", "deny") == "deny" with input as _emergency
		with data.countersign.settings.rules as rules
		with data.countersign.settings.scope as sample.scope
	level.of_commit(0, "approver-independent", "off") == "off" with input as _emergency
		with data.countersign.settings.rules as rules
		with data.countersign.settings.scope as sample.scope
}
