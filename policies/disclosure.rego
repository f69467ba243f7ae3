# METADATA
# description: A commit that declares AI use declares all that its scope tier asks for.
package countersign.disclosure

import data.countersign.finding
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: The commits, by index, that declare something.
present contains at if {
	some at, commit in input.commits
	count(object.get(commit, "disclosure", {})) > 0
}

# METADATA
# description: The values that say anything, by field, each as `[index of the commit, value]`.
values[field] contains [at, value] if {
	some at in present
	some field, given in input.commits[at].disclosure
	some value in given
	trim_space(value) != ""
}

# METADATA
# description: A required field that is missing or empty.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: A required field that is missing or empty.
_found contains finding.weighed(at, "deny", {
	"rule": "required-field",
	"field": field,
	"msg": $`the disclosure has no {field}; scope tier "{tier.name}" requires {concat(", ", tier.required)}`,
	"fix": finding.stamp(at, [field]),
}) if {
	not settings.ai_forbidden
	some at in present
	tier := scope.tier[at]
	given := {field | some field, texts in input.commits[at].disclosure; trim_space(concat("", texts)) != ""}
	some field in ({field | some field in tier.required} - given)
}
