# METADATA
# description: |
#   Declared models are approved, in an approved version, not expired and not forbidden (data file
#   approved-models.yaml).
package countersign.model

import data.countersign.clock
import data.countersign.disclosure
import data.countersign.finding
import data.countersign.globs
import data.countersign.settings
import data.countersign.version

# METADATA
# description: What is wrong with models.
# entrypoint: true

# METADATA
# description: A model that must not be used.
# scope: rule
deny contains finding.about(at, {
	"rule": "forbidden-model",
	"field": "model",
	"msg": $`model "{value}" is forbidden: {verdict.reason}`,
	"fix": finding.stamp(at, ["model"]),
}) if {
	some [at, value, verdict] in _judged
	verdict.is == "forbidden"
}

# METADATA
# description: A model that no entry of the list matches.
# scope: rule
deny contains finding.about(at, {
	"rule": "approved-model",
	"field": "model",
	"msg": $`model "{value}" is not approved; approved are {_names}`,
	"fix": finding.stamp(at, ["model"]),
}) if {
	some [at, value, verdict] in _judged
	verdict.is == "unknown"
}

# METADATA
# description: A version outside the approved range.
# scope: rule
deny contains finding.about(at, {
	"rule": "model-version",
	"field": "model",
	"msg": $`model "{value}" is not in an approved version; approved are {verdict.wanted}`,
	"fix": finding.stamp(at, ["model"]),
}) if {
	some [at, value, verdict] in _judged
	verdict.is == "version"
}

# METADATA
# description: A model whose approval had ended when it was used.
# scope: rule
deny contains finding.about(at, {
	"rule": "model-expired",
	"field": "model",
	"msg": $`the approval of model "{value}" ended on {verdict.expires}`,
	"fix": finding.stamp(at, ["model"]),
}) if {
	some [at, value, verdict] in _judged
	verdict.is == "approved"
	ended := verdict.until
	_used(at) >= ended
}

_names := concat(", ", [approved.name | some approved in settings.models])

# When the commit says it used the model, which the timestamp's rules keep honest; else the time of the decision.
_used(at) := max(times) if {
	times := [seconds | some text in input.commits[at].disclosure.timestamp; seconds := clock.seconds(text)]
	count(times) > 0
} else := clock.now

_judged contains [at, value, object.get(_verdicts, value, null)] if some [at, value] in disclosure.values.model

# Each model that is declared anywhere, judged once.
_verdicts[value] := _verdict(forbidden, known, in_range) if {
	some [_, value] in disclosure.values.model
	spellings := _spellings(value)
	forbidden := _matching(_forbidden, spellings)
	known := _matching(_approved, spellings)
	in_range := [entry | some entry in known; version.satisfies(spellings[1], object.get(entry, "versions", ""))]
}

_verdict(forbidden, known, in_range) := {"is": "forbidden", "reason": forbidden[0].reason} if {
	count(forbidden) > 0
} else := {"is": "unknown"} if {
	count(known) == 0
} else := {"is": "version", "wanted": wanted} if {
	count(in_range) == 0
	wanted := concat(", ", [$"{entry.name} {entry.versions}" | some entry in known])
} else := {"is": "approved"} if {
	some entry in in_range
	not entry.expires
} else := {"is": "approved", "until": max(ends), "expires": max(dates)} if {
	dates := [entry.expires | some entry in in_range]
	ends := [clock.moment(date) | some date in dates]
}

# The spellings of a model by which a glob may know it: "Claude Opus 4.6" is claude-opus-4.6, and
# "anthropic/claude-opus-4-6" is also claude-opus-4-6.
_spellings(value) := [id, parts[count(parts) - 1]] if {
	id := replace(replace(lower(trim_space(value)), " ", "-"), "_", "-")
	parts := split(id, "/")
}

_matching(entries, spellings) := [entry | some entry in entries; _knows(entry, spellings)]

_knows(entry, spellings) if {
	some spelling in spellings
	regex.match(entry.expression, spelling)
}

_approved := [_with_expression(entry) | some entry in settings.models]

_forbidden := [_with_expression(entry) | some entry in settings.forbidden_models]

_with_expression(entry) := object.union(entry, {"expression": globs.expression(lowered)}) if {
	lowered := [lower(pattern) | some pattern in entry.match]
}
