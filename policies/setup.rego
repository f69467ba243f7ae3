# METADATA
# description: |
#   The input and the policy data are what the rules rely on. Without this, a missing or misspelt part would let
#   commits through in silence.
package countersign.setup

import data.countersign.clock
import data.countersign.settings
import data.countersign.version

# METADATA
# description: What is wrong with the input and the data.
# entrypoint: true

# METADATA
# description: An input that the pack cannot judge.
# scope: rule
deny contains {"rule": "policy-input", "msg": $"the input cannot be judged: {fault}"} if some fault in _input_faults

# METADATA
# description: Policy data that the rules cannot work with.
# scope: rule
deny contains {
	"rule": "policy-data",
	"path": $".countersign/data/{file}",
	"msg": $"{file}: {fault}",
	"fix": $"correct .countersign/data/{file}",
} if {
	some [file, fault] in _data_faults
}

_input_faults contains `"schema" is not countersign.input/v1` if {
	not input.schema == "countersign.input/v1"
}

_input_faults contains `"commits" is not a list` if not is_array(input.commits)

_input_faults contains `"exceptions" is not a list` if not is_array(input.exceptions)

_input_faults contains `"now" is not an RFC 3339 time` if not clock.now

# --- Parts that must be there -----------------------------------------------------------------------------------

_data_faults contains ["approved-models.yaml", `"models" is not a list`] if not is_array(settings.models)

_data_faults contains ["approved-models.yaml", `"forbidden" is not a list`] if not is_array(settings.forbidden_models)

_data_faults contains ["approvers.yaml", `"people" is not a list`] if not is_array(settings.approvers.people)

_data_faults contains ["approvers.yaml", `"unlisted" is neither allow nor deny`] if {
	not object.get(settings.approvers, "unlisted", "deny") in {"allow", "deny"}
}

_data_faults contains ["evidence.yaml", $`"{key}" is not a list`] if {
	some key in ["agents", "person_trailers", "trailers", "marks"]
	not is_array(settings.evidence[key])
}

_data_faults contains ["placeholders.yaml", `"words" is not a list`] if not is_array(settings.placeholders.words)

_data_faults contains ["scope.yaml", `"tiers" is not a list`] if not is_array(settings.scope.tiers)

_data_faults contains ["scope.yaml", `"rules" is not a list`] if not is_array(settings.scope.rules)

_data_faults contains ["scope.yaml", `"default" is missing`] if not settings.scope["default"]

# --- Parts that must make sense ---------------------------------------------------------------------------------

_data_faults contains ["scope.yaml", $`"{name}" is none of its tiers`] if {
	some name in array.concat([settings.scope["default"]], [rule.tier | some rule in settings.scope.rules])
	not name in {tier.name | some tier in settings.scope.tiers}
}

_data_faults contains ["approved-models.yaml", $`"{entry.name}" has no list "match"`] if {
	some entry in array.concat(settings.models, settings.forbidden_models)
	not is_array(entry.match)
}

_data_faults contains ["approved-models.yaml", $`"{entry.versions}" is not a version range such as ">=4.5 <6"`] if {
	some entry in settings.models
	entry.versions
	not version.valid_range(entry.versions)
}

_data_faults contains ["approved-models.yaml", $`"{entry.expires}" is not a date such as 2027-12-31`] if {
	some entry in settings.models
	entry.expires
	not clock.moment(entry.expires)
}

_data_faults contains [file, $`"{pattern}" is not a regular expression`] if {
	some [file, pattern] in _patterns
	not regex.is_valid(pattern)
}

_patterns contains ["approvers.yaml", pattern] if some pattern in settings.approvers.bots

_patterns contains ["placeholders.yaml", pattern] if some pattern in settings.placeholders.patterns

_patterns contains ["evidence.yaml", pattern] if {
	some agent in settings.evidence.agents
	some pattern in agent.name_patterns
}

_patterns contains ["evidence.yaml", entry.pattern] if {
	some entry in array.concat(settings.evidence.trailers, settings.evidence.marks)
}
