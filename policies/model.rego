# METADATA
# description: |
#   Declared models are approved, in an approved version and scope tier, not expired and not forbidden (data file
#   approved-models.yaml).
package countersign.model

import data.countersign.clock
import data.countersign.disclosure
import data.countersign.finding
import data.countersign.globs
import data.countersign.scope
import data.countersign.settings
import data.countersign.version

# METADATA
# description: What is wrong with models.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: A model that must not be used.
# scope: rule
_found contains finding.weighed(at, "deny", {
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
_found contains finding.weighed(at, "deny", {
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
_found contains finding.weighed(at, "deny", {
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
_found contains finding.weighed(at, "deny", {
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

# METADATA
# description: A model that is approved, in other scope tiers than the commit's.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "model-tier",
	"field": "model",
	"msg": $`model "{value}" is not approved in scope tier "{_tier_name(at)}"; it is in {verdict.tiers}`,
	"fix": finding.stamp(at, ["model"]),
}) if {
	some [at, value, verdict] in _judged
	verdict.is == "tier"
}

_names := concat(", ", [approved.name | some approved in settings.models])

# When the commit says it used the model, which the timestamp's rules keep honest; else the time of the decision.
_used(at) := max(times) if {
	times := [seconds | some text in input.commits[at].disclosure.timestamp; seconds := clock.seconds(text)]
	count(times) > 0
} else := clock.now

_judged contains [at, value, object.get(_verdicts, [value, _tier_name(at)], null)] if {
	some [at, value] in disclosure.values.model
}

_tier_name(at) := object.get(scope.tier, [at, "name"], "")

_tier_names contains _tier_name(at) if some at in disclosure.present

# Each model that is declared anywhere, judged once in each tier.
_verdicts[value][tier] := _verdict(forbidden, known, in_range, in_tier) if {
	some value in {value | some [_, value] in disclosure.values.model}
	spellings := _spellings(value)
	known := _matching(_approved, spellings)
	in_range := [entry | some entry in known; version.satisfies(spellings[1], object.get(entry, "versions", ""))]
	some tier in _tier_names
	forbidden := [entry | some entry in _matching(_forbidden, spellings); _speaks_of(entry, tier)]
	in_tier := [entry | some entry in in_range; _speaks_of(entry, tier)]
}

# An entry may be limited to scope tiers.
_speaks_of(entry, _) if not entry.tiers

_speaks_of(entry, tier) if tier in entry.tiers

_verdict(forbidden, known, in_range, in_tier) := {"is": "forbidden", "reason": forbidden[0].reason} if {
	count(forbidden) > 0
} else := {"is": "unknown"} if {
	count(known) == 0
} else := {"is": "version", "wanted": wanted} if {
	count(in_range) == 0
	wanted := concat(", ", [$"{entry.name} {entry.versions}" | some entry in known])
} else := {"is": "tier", "tiers": tiers} if {
	count(in_tier) == 0
	tiers := concat(", ", sort({tier | some entry in in_range; some tier in entry.tiers}))
} else := {"is": "approved"} if {
	some entry in in_tier
	not entry.expires
} else := {"is": "approved", "until": max(ends), "expires": max(dates)} if {
	dates := [entry.expires | some entry in in_tier]
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
