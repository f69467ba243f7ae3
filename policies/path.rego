# METADATA
# description: Work with AI stays out of forbidden paths (data file scope.yaml).
package countersign.path

import data.countersign.evidence
import data.countersign.finding
import data.countersign.globs
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: A path that commits with AI use must not touch.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: A path that commits with AI use must not touch.
_found contains finding.weighed(at, "deny", {
	"rule": "forbidden-path",
	"path": path,
	"msg": $`{path} must not be changed with AI: {entry.reason}`,
	"fix": $"take {path} out of this commit, and change it without AI",
}) if {
	some at in evidence.used
	some entry in _forbidden
	some path in scope.paths[at]
	regex.match(entry.expression, path)
}

# Those that may match anything in these commits.
_forbidden := [{"expression": globs.expression(possible), "reason": entry.reason} |
	some entry in settings.scope.forbidden_paths
	possible := globs.possible(entry.paths, scope.all_paths)
	count(possible) > 0
]
