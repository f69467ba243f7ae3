package countersign.setup_test

import data.countersign.sample_test as sample
import data.countersign.setup

_good := {
	"models": sample.models,
	"forbidden_models": sample.forbidden_models,
	"approvers": sample.approvers,
	"evidence": sample.evidence,
	"placeholders": sample.placeholders,
	"scope": sample.scope,
	"rules": {},
}

_denied(facts, settings) := result if {
	result := setup.deny with input as facts with data.countersign.settings as settings
}

_messages(settings) := {violation.msg | some violation in _denied(sample.of(sample.plain), settings)}

test_good_data_passes if _messages(_good) == set()

test_no_data_denies_for_every_file if {
	paths := {violation.path | some violation in _denied(sample.of(sample.plain), {})}
	paths == {
		".countersign/data/approved-models.yaml",
		".countersign/data/approvers.yaml",
		".countersign/data/evidence.yaml",
		".countersign/data/placeholders.yaml",
		".countersign/data/scope.yaml",
	}
}

test_inputs_that_cannot_be_judged if {
	every case in [
		[{"schema": "countersign.input/v2"}, `"schema" is not countersign.input/v1`],
		[{"commits": {}}, `"commits" is not a list`],
		[{"exceptions": null}, `"exceptions" is not a list`],
		[{"now": "soon"}, `"now" is not an RFC 3339 time`],
	] {
		denied := _denied(object.union(sample.of(sample.plain), case[0]), _good)
		denied == {{"rule": "policy-input", "msg": $"the input cannot be judged: {case[1]}"}}
	}
	count(_denied({}, _good)) == 4
}

# Each: where in the settings, what stands there, and what is said of it.
_faulty := [
	["models", {}, `approved-models.yaml: "models" is not a list`],
	["models/0/versions", "4+", `approved-models.yaml: "4+" is not a version range such as ">=4.5 <6"`],
	["models/1/expires", "soon", `approved-models.yaml: "soon" is not a date such as 2027-12-31`],
	["models/1/match", "x*", `approved-models.yaml: "Ending" has no list "match"`],
	["models/0/tiers", ["odd"], `approved-models.yaml: "odd" is none of the tiers of scope.yaml`],
	["forbidden_models/0/tiers", ["odd"], `approved-models.yaml: "odd" is none of the tiers of scope.yaml`],
	["rules/levels", {"a": "on"}, `rules.yaml: the level "on" of a is none of deny, warn and off`],
	["rules/unknown", "maybe", `rules.yaml: "unknown" is none of deny, warn, ignore`],
	["rules/squash", "never", `rules.yaml: "squash" is none of auto, deny, warn, off`],
	["rules/policy_owners", {"permission": "all"}, `rules.yaml: "all" is no permission, such as write or maintain`],
	["scope/tiers/0/rules", {"a": true}, `scope.yaml: the level "true" of a is none of deny, warn and off`],
	["scope/tiers/0/review", {"permission": "x"}, `scope.yaml: "x" is no permission, such as write or maintain`],
	["models/2", {"name": "No globs"}, `approved-models.yaml: "No globs" has no list "match"`],
	["forbidden_models", {}, `approved-models.yaml: "forbidden" is not a list`],
	["forbidden_models/0", {"reason": "x"}, `approved-models.yaml: an entry of "forbidden" has no list "match"`],
	["forbidden_models/0/match", null, `approved-models.yaml: an entry of "forbidden" has no list "match"`],
	["approvers/people", {}, `approvers.yaml: "people" is not a list`],
	["approvers/unlisted", "maybe", `approvers.yaml: "unlisted" is neither allow nor deny`],
	["approvers/bots/0", "[", `approvers.yaml: "[" is not a regular expression`],
	["evidence/agents", null, `evidence.yaml: "agents" is not a list`],
	["evidence/person_trailers", null, `evidence.yaml: "person_trailers" is not a list`],
	["evidence/trailers", null, `evidence.yaml: "trailers" is not a list`],
	["evidence/marks", null, `evidence.yaml: "marks" is not a list`],
	["evidence/agents/1/name_patterns/0", "(", `evidence.yaml: "(" is not a regular expression`],
	["evidence/trailers/1/pattern", "(?=a)", `evidence.yaml: "(?=a)" is not a regular expression`],
	["evidence/marks/1/pattern", "(?=a)", `evidence.yaml: "(?=a)" is not a regular expression`],
	["placeholders/words", null, `placeholders.yaml: "words" is not a list`],
	["placeholders/patterns/0", "*", `placeholders.yaml: "*" is not a regular expression`],
	["scope/tiers", {}, `scope.yaml: "tiers" is not a list`],
	["scope/rules", null, `scope.yaml: "rules" is not a list`],
	["scope/default", "none", `scope.yaml: "none" is none of its tiers`],
	["scope/rules/0/tier", "none", `scope.yaml: "none" is none of its tiers`],
]

test_what_the_rules_cannot_work_with if {
	every case in _faulty {
		case[2] in _messages(json.patch(_good, [{"op": "add", "path": case[0], "value": case[1]}]))
	}
}

test_a_scope_without_a_default if {
	_messages(json.remove(_good, ["scope/default"])) == {`scope.yaml: "default" is missing`}
}
