# METADATA
# description: Declared models are approved, in an approved version, not expired and not forbidden (data file approved-models.yaml).
package countersign.model

import data.countersign.clock
import data.countersign.disclosure
import data.countersign.finding
import data.countersign.globs

_approved := [object.union(model, {"expression": globs.expression(_lowered(model.match))}) | some model in data.approved_models.models]

_forbidden := [object.union(model, {"expression": globs.expression(_lowered(model.match))}) | some model in data.approved_models.forbidden]

_lowered(texts) := [lower(text) | some text in texts]

# Each model that is declared anywhere, judged once.
_declared contains value if {
	some at in disclosure.present
	some value in input.commits[at].disclosure.model
	not disclosure.blank(value)
}

# The spellings of a model by which a glob may know it: "Claude Opus 4.6" is claude-opus-4.6, and
# "anthropic/claude-opus-4-6" is also claude-opus-4-6.
_spellings := {value: {id, base} |
	some value in _declared
	id := replace(replace(lower(trim_space(value)), " ", "-"), "_", "-")
	base := regex.find_all_string_submatch_n(`[^/]*$`, id, 1)[0][0]
}

_matches(model, value) if {
	some spelling in _spellings[value]
	regex.match(model.expression, spelling)
}

_prohibitions := {value: [model | some model in _forbidden; _matches(model, value)] | some value in _declared}

_candidates := {value: [model | some model in _approved; _matches(model, value)] | some value in _declared}

_in_version := {value: [model | some model in models; in_range(value, object.get(model, "versions", ""))] | some value, models in _candidates}

# METADATA
# description: A model that must not be used.
# entrypoint: true
deny contains finding.about(at, {
	"rule": "forbidden-model",
	"field": "model",
	"msg": $`model "{value}" is forbidden: {_prohibitions[value][0].reason}`,
	"fix": _fix(at),
}) if {
	some [at, value] in _uses
	count(_prohibitions[value]) > 0
}

# METADATA
# description: A model that no entry of the list matches.
deny contains finding.about(at, {
	"rule": "approved-model",
	"field": "model",
	"msg": $`model "{value}" is not approved; approved are {_names}`,
	"fix": _fix(at),
}) if {
	some [at, value] in _uses
	count(_prohibitions[value]) == 0
	count(_candidates[value]) == 0
}

# METADATA
# description: A version outside the approved range.
deny contains finding.about(at, {
	"rule": "model-version",
	"field": "model",
	"msg": $`model "{value}" is not in an approved version; approved: {wanted}`,
	"fix": _fix(at),
}) if {
	some [at, value] in _uses
	count(_prohibitions[value]) == 0
	count(_candidates[value]) > 0
	count(_in_version[value]) == 0
	wanted := concat(", ", [$"{model.name} {model.versions}" | some model in _candidates[value]])
}

# METADATA
# description: A model whose approval had ended when it was used.
deny contains finding.about(at, {
	"rule": "model-expired",
	"field": "model",
	"msg": $`the approval of model "{value}" ended on {ended}`,
	"fix": _fix(at),
}) if {
	some [at, value] in _uses
	count(_prohibitions[value]) == 0
	count(_in_version[value]) > 0
	used := _used(at)
	every model in _in_version[value] {
		used >= clock.moment(model.expires)
	}
	ended := max([model.expires | some model in _in_version[value]])
}

_uses contains [at, value] if {
	some at in disclosure.present
	some value in input.commits[at].disclosure.model
	not disclosure.blank(value)
}

# When the commit says it used the model (the timestamp rules keep that honest), else the time of the decision.
_used(at) := max(times) if {
	times := [seconds | some text in input.commits[at].disclosure.timestamp; seconds := clock.seconds(text)]
	count(times) > 0
} else := clock.now

_names := concat(", ", [model.name | some model in data.approved_models.models])

_fix(at) := $"use an approved model and correct the commit: {finding.reword(at)}"

# METADATA
# description: Whether the version in a model's name satisfies every part of a range such as ">=4.5 <6"; every name satisfies "".
in_range(_, "")

in_range(value, range) if {
	range != ""
	version := version_of(value)
	every part in split(range, " ") {
		_satisfies(version, part)
	}
}

# METADATA
# description: |
#   The first version number in a model's name as four numbers: 4.5 in claude-opus-4-5-20251101, 5.6 in gpt-5.6-sol,
#   2.5 in gemini-2.5-pro-preview-05-06. A date or a size (70b) is not a version.
version_of(value) := _padded(replace(found[0][1], "-", ".")) if {
	found := regex.find_all_string_submatch_n(`(?:^|[^0-9.])([0-9]{1,3}(?:\.[0-9]{1,3}){1,3}|[0-9]{1,3}-[0-9]{1,2}|[0-9]{1,3})(?:$|[^0-9.b]|\.$)`, lower(value), 1)
	count(found) > 0
}

_padded(text) := array.slice(array.concat([to_number(part) | some part in split(text, ".")], [0, 0, 0, 0]), 0, 4)

# METADATA
# description: Whether a text is a range that `in_range` understands.
valid_range(text) if {
	every part in split(text, " ") {
		regex.match(`^(?:>=|<=|>|<|=)(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){0,3}$`, part)
	}
}

_satisfies(version, part) if {
	startswith(part, ">=")
	version >= _padded(substring(part, 2, -1))
}

_satisfies(version, part) if {
	startswith(part, "<=")
	version <= _padded(substring(part, 2, -1))
}

_satisfies(version, part) if {
	regex.match("^>[0-9]", part)
	version > _padded(substring(part, 1, -1))
}

_satisfies(version, part) if {
	regex.match("^<[0-9]", part)
	version < _padded(substring(part, 1, -1))
}

_satisfies(version, part) if {
	startswith(part, "=")
	version == _padded(substring(part, 1, -1))
}
