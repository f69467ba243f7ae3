# METADATA
# description: |
#   The input and the policy data are what the rules rely on. Without this, a missing or misspelt data file would let
#   commits through in silence.
package countersign.setup

import data.countersign.clock
import data.countersign.model

# METADATA
# description: An input that the pack cannot judge.
# entrypoint: true
deny contains {"rule": "policy-input", "msg": $"the input cannot be judged: {fault}"} if some fault in _input_faults

# METADATA
# description: Policy data that the rules cannot work with.
deny contains {
	"rule": "policy-data",
	"path": $".countersign/data/{file}",
	"msg": $"{file}: {fault}",
	"fix": $"correct .countersign/data/{file}",
} if {
	some file, faults in _data_faults
	some fault in faults
}

_input_faults contains `"schema" is not countersign.input/v1` if object.get(input, "schema", "") != "countersign.input/v1"

_input_faults contains `"commits" is not a list` if not is_array(input.commits)

_input_faults contains `"now" is not an RFC 3339 time` if not clock.now

_data_faults["approved-models.yaml"] contains `"approved_models.models" is not a list` if not is_array(data.approved_models.models)

_data_faults["approved-models.yaml"] contains `"approved_models.forbidden" is not a list` if {
	not is_array(object.get(data.approved_models, "forbidden", []))
}

_data_faults["approved-models.yaml"] contains $`"{versions}" of {entry.name} is not a version range such as ">=4.5 <6"` if {
	some entry in data.approved_models.models
	versions := entry.versions
	not model.valid_range(versions)
}

_data_faults["approved-models.yaml"] contains $`"{expires}" of {entry.name} is not a date` if {
	some entry in data.approved_models.models
	expires := entry.expires
	not clock.moment(expires)
}

_data_faults["approved-models.yaml"] contains $"{entry.name} has no list of globs to match" if {
	some entry in array.concat(data.approved_models.models, object.get(data.approved_models, "forbidden", []))
	not is_array(entry.match)
}

_data_faults["scope.yaml"] contains `"scope.tiers" is not a list` if not is_array(data.scope.tiers)

_data_faults["scope.yaml"] contains $`tier "{name}" is not in "scope.tiers"` if {
	some name in array.concat([object.get(data.scope, "default", "")], [rule.tier | some rule in object.get(data.scope, "rules", [])])
	not name in {tier.name | some tier in data.scope.tiers}
}

_data_faults["approvers.yaml"] contains `"approvers.people" is not a list` if not is_array(data.approvers.people)

_data_faults["approvers.yaml"] contains $`"{pattern}" is not a regular expression` if {
	some pattern in data.approvers.bots
	not regex.is_valid(pattern)
}

_data_faults["evidence.yaml"] contains $`"evidence.{list}" is not a list` if {
	some list in ["agents", "person_trailers", "trailers", "marks"]
	not is_array(data.evidence[list])
}

_data_faults["evidence.yaml"] contains $`"{pattern}" is not a regular expression` if {
	some pattern in _evidence_patterns
	not regex.is_valid(pattern)
}

_data_faults["placeholders.yaml"] contains `"placeholders.words" is not a list` if not is_array(data.placeholders.words)

_data_faults["placeholders.yaml"] contains $`"{pattern}" is not a regular expression` if {
	some pattern in data.placeholders.patterns
	not regex.is_valid(pattern)
}

_evidence_patterns contains pattern if {
	some agent in data.evidence.agents
	some pattern in agent.name_patterns
}

_evidence_patterns contains entry.pattern if some entry in array.concat(data.evidence.trailers, data.evidence.marks)
