# METADATA
# description: Work with AI stays out of forbidden paths (data file scope.yaml).
package countersign.path

import data.countersign.evidence
import data.countersign.finding
import data.countersign.globs
import data.countersign.scope

_forbidden := [{"expression": globs.expression(entry.paths), "loose": globs.loose_expression(entry.paths), "reason": entry.reason} | some entry in data.scope.forbidden_paths]

# METADATA
# description: A path that commits with AI use must not touch.
# entrypoint: true
deny contains finding.about(at, {
	"rule": "forbidden-path",
	"path": path,
	"msg": $`{path} must not be changed with AI: {entry.reason}`,
	"fix": $"take {path} out of this commit and change it without AI",
}) if {
	some at in evidence.used
	paths := scope.paths(at)
	lines := concat("\n", paths)
	some entry in _forbidden
	regex.match(entry.loose, lines)
	some path in paths
	regex.match(entry.expression, path)
}
