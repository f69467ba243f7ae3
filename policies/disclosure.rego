# METADATA
# description: A commit that declares AI use declares all that its scope tier asks for.
package countersign.disclosure

import data.countersign.finding
import data.countersign.scope

# METADATA
# description: The commits (by index) that declare something.
present contains at if {
	some at, commit in input.commits
	count(object.get(commit, "disclosure", {})) > 0
}

# METADATA
# description: Whether a value says anything at all.
blank(value) if trim_space(value) == ""

# METADATA
# description: Fields that are missing or left empty.
# entrypoint: true
deny contains finding.about(at, {
	"rule": "required-field",
	"field": field,
	"msg": $`the disclosure has no {field}; scope tier "{tier.name}" requires {concat(", ", tier.required)}`,
	"fix": finding.stamp(at, [field]),
}) if {
	some at in present
	tier := scope.tier[at]
	some field in tier.required
	not _given(at, field)
}

_given(at, field) if {
	some value in input.commits[at].disclosure[field]
	not blank(value)
}
