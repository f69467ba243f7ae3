# METADATA
# description: |
#   The input and the policy data are what the rules rely on. Without this, a missing or misspelt part would let
#   commits through in silence.
package countersign.setup

import data.countersign.clock
import data.countersign.permission
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

_input_faults contains $`"{key}" is not a list` if {
	some key in {"commits", "exceptions"}
	not key in {present | some present, part in input; is_array(part)}
}

_input_faults contains `"now" is not an RFC 3339 time` if not clock.now

# --- Parts that must be there -----------------------------------------------------------------------------------

_data_faults contains [file, $`"{key}" is not a list`] if {
	some file, keys in {
		"approved-models.yaml": {"models", "forbidden"},
		"approvers.yaml": {"people"},
		"evidence.yaml": {"agents", "person_trailers", "trailers", "marks"},
		"placeholders.yaml": {"words"},
		"scope.yaml": {"tiers", "rules"},
	}
	some key in (keys - object.get(_lists, file, set()))
}

_data_faults contains ["scope.yaml", `"default" is missing`] if not settings.scope["default"]

# --- Parts that must make sense ---------------------------------------------------------------------------------

_data_faults contains ["scope.yaml", $`"{name}" is none of its tiers`] if {
	some name in array.concat([settings.scope["default"]], [rule.tier | some rule in settings.scope.rules])
	not name in {tier.name | some tier in settings.scope.tiers}
}

_data_faults contains ["approved-models.yaml", $`"{entry.name}" has no list "match"`] if {
	some entry in settings.models
	not _has_globs(entry)
}

_data_faults contains ["approved-models.yaml", `an entry of "forbidden" has no list "match"`] if {
	some entry in settings.forbidden_models
	not _has_globs(entry)
}

_data_faults contains ["approvers.yaml", `"unlisted" is neither allow nor deny`] if {
	not object.get(settings.approvers, "unlisted", "deny") in {"allow", "deny"}
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

_data_faults contains [file, $`"{name}" is none of the tiers of scope.yaml`] if {
	file := "approved-models.yaml"
	some entry in array.concat(settings.models, settings.forbidden_models)
	some name in entry.tiers
	not name in {tier.name | some tier in settings.scope.tiers}
}

_data_faults contains [file, $`the level "{level}" of {rule} is none of deny, warn and off`] if {
	some [file, levels] in array.concat(
		[["rules.yaml", object.get(settings.rules, "levels", {})]],
		[["scope.yaml", tier.rules] | some tier in settings.scope.tiers],
	)
	some rule, level in levels
	not level in {"deny", "warn", "off"}
}

_data_faults contains ["rules.yaml", $`"{key}" is none of {concat(", ", allowed)}`] if {
	some key, allowed in {"squash": ["auto", "deny", "warn", "off"], "unknown": ["deny", "warn", "ignore"]}
	not object.get(settings.rules, key, allowed[0]) in allowed
}

_data_faults contains [file, $`"{word}" is no permission, such as write or maintain`] if {
	some [file, word] in array.concat(
		[["rules.yaml", object.get(settings.rules, ["policy_owners", "permission"], "write")]],
		[["scope.yaml", tier.review.permission] | some tier in settings.scope.tiers],
	)
	not permission.known(word)
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

_has_globs(entry) if is_array(entry.match)

# The lists there are. (To negate `is_array` of a part would say nothing of a part that is missing.)
_lists["approved-models.yaml"] contains "models" if is_array(settings.models)

_lists["approved-models.yaml"] contains "forbidden" if is_array(settings.forbidden_models)

_lists["approvers.yaml"] contains "people" if is_array(settings.approvers.people)

_lists["evidence.yaml"] contains key if {
	some key, part in settings.evidence
	is_array(part)
}

_lists["placeholders.yaml"] contains "words" if is_array(settings.placeholders.words)

_lists["scope.yaml"] contains key if {
	some key, part in settings.scope
	is_array(part)
}
