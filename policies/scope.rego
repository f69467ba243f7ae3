# METADATA
# description: How strict a commit is judged, by the repository and the paths it touches (data file scope.yaml).
package countersign.scope

import data.countersign.globs

_fallbacks := {
	"required": [],
	"context_min_length": 0,
	"undisclosed": "deny",
}

_names := [tier.name | some tier in data.scope.tiers]

_rank[name] := at if some at, name in _names

# "host/owner/name", "owner/name" and "name": a glob may say as much as it needs.
_repository_names contains concat("/", array.slice(parts, from, count(parts))) if {
	parts := [part | some key in ["host", "owner", "name"]; part := object.get(input.repository, key, ""); part != ""]
	some from, _ in parts
}

# The rules for this repository, each with the expressions of its paths.
_rules := [compiled |
	some rule in data.scope.rules
	_for_this_repository(rule)
	paths := object.get(rule, "paths", ["**"])
	compiled := {
		"tier": rule.tier,
		"paths": globs.expression(paths),
		"loose": globs.loose_expression(paths),
		"any_path": object.get(rule, "paths", null) == null,
	}
]

_for_this_repository(rule) if not rule.repositories

_for_this_repository(rule) if {
	some name in _repository_names
	regex.match(globs.expression(rule.repositories), name)
}

# METADATA
# description: The paths the commit at index `at` touches; a rename touches both its names.
paths(at) := {path |
	some file in input.commits[at].files
	some path in _names_of(file)
}

_names_of(file) := [file.path, file.old_path] if file.status == "R"

_names_of(file) := [file.path] if file.status != "R"

# METADATA
# description: The tier (with all its settings) of each commit, by index; the strictest of its paths' tiers.
tier[at] := object.union(_fallbacks, data.scope.tiers[max(ranks)]) if {
	some at, _ in input.commits
	names := paths(at)
	lines := concat("\n", names)
	rules := [rule | some rule in _rules; regex.match(rule.loose, lines)]
	ranks := {_rank[name] | some name in _tier_names(names, rules)}
}

_tier_names(_, rules) := {data.scope.default} if count(rules) == 0

# A commit without files: only rules that name no paths can speak of it.
_tier_names(set(), rules) := {array.concat([rule.tier | some rule in rules; rule.any_path], [data.scope.default])[0]} if count(rules) > 0

_tier_names(names, rules) := {_tier_of_path(name, rules) | some name in names} if {
	count(rules) > 0
	count(names) > 0
}

_tier_of_path(path, rules) := array.concat([rule.tier | some rule in rules; regex.match(rule.paths, path)], [data.scope.default])[0]
