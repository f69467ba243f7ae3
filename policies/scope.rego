# METADATA
# description: How strictly a commit is judged, by the repository and the paths it touches (data file scope.yaml).
package countersign.scope

import data.countersign.globs
import data.countersign.settings

# METADATA
# description: The paths each commit touches, by index; a rename touches both its names.
paths := {at: touched | # regal ignore:prefer-set-or-object-rule
	some at, commit in input.commits
	now := {file.path | some file in commit.files}
	touched := now | {file.old_path | some file in commit.files; file.status == "R"}
}

# METADATA
# description: All paths of all commits, a line each, to sort out globs that cannot match.
all_paths := concat("\n", array.concat(
	[file.path | some commit in input.commits; some file in commit.files],
	[file.old_path | some commit in input.commits; some file in commit.files],
))

# METADATA
# description: |
#   The tier, with all its settings, of each commit by index: the strictest of its paths' tiers. A path's tier is that
#   of the first rule that matches it.
# scope: document
tier := {at: everywhere | some at, _ in input.commits} if {
	count(_rules) == 0
	everywhere := _tiers[_rank[settings.scope["default"]]]
} else := {at: _tiers[max(ranks)] |
	some at, _ in input.commits
	ranks := {rank | some path in _paths_or_nothing(paths[at]); rank := _rank[_first_tier(path, _rules)]}
}

# METADATA
# description: What the whole change touches.
change_paths := now | before if {
	now := {file.path | some file in input.change.files}
	before := {file.old_path | some file in input.change.files; file.status == "R"}
}

# METADATA
# description: |
#   What commits of a long change touched and the change as a whole does not, of those that were judged before.
undone_paths contains path if some path in input.earlier.paths

# METADATA
# description: |
#   The tier, with all its settings, of the change: the strictest of what it touches as a whole and of its commits.
change_tier := _tiers[max(ranks)] if {
	touched := change_paths | undone_paths
	rules := _rules_for(concat("\n", touched))
	of_files := {rank | some path in _paths_or_nothing(touched); rank := _rank[_first_tier(path, rules)]}
	ranks := of_files | {_rank[one.name] | some one in tier}
}

_fallbacks := {
	"required": [],
	"context_min_length": 0,
	"timestamp_future_minutes": 5,
	"undisclosed": "deny",
}

# From the most lenient to the strictest.
_tiers := [object.union(_fallbacks, declared) | some declared in settings.scope.tiers]

_rank[known.name] := rank if some rank, known in _tiers

# A commit without files is judged as one with a path that only rules without paths match.
_paths_or_nothing(touched) := touched if count(touched) > 0

_paths_or_nothing(set()) := {""}

_first_tier(path, rules) := array.concat(matching, [settings.scope["default"]])[0] if {
	matching := [rule.tier | some rule in rules; regex.match(rule.expression, path)]
}

_rules := _rules_for(all_paths)

# The rules that matter for this repository and these paths.
_rules_for(text) := [{"tier": rule.tier, "expression": globs.expression(possible)} |
	some rule in settings.scope.rules
	applies(rule)
	possible := _possible_paths(rule, text)
	count(possible) > 0
]

_possible_paths(rule, text) := globs.possible(rule.paths, text)

_possible_paths(rule, _) := ["**"] if not rule.paths

# METADATA
# description: Whether a rule of scope.yaml is one for this repository.
# scope: document
applies(rule) if not rule.repositories

applies(rule) if {
	some name in _repository_names
	regex.match(globs.expression(rule.repositories), name)
}

# name, owner/name and host/owner/name, as far as they are known.
_repository_names contains concat("/", array.slice(parts, start, count(parts))) if {
	parts := [part | some key in ["host", "owner", "name"]; part := input.repository[key]]
	some start, _ in parts
}
