# METADATA
# description: |
#   The emergency path (data file rules.yaml, `emergency`): a change that bears one of the labels and brings a record,
#   an exception whose id begins with `emergency-`, is let through by the rules that are named there, with warnings.
#   Such a record excuses nothing by itself, and its follow-up is due sooner.
package countersign.emergency

import data.countersign.settings

# METADATA
# description: What a change that is called an emergency is told.
# entrypoint: true

# METADATA
# description: An emergency that is on record.
# scope: rule
warn contains {
	"rule": "emergency",
	"path": path,
	"msg": concat("", [
		$`taken as an emergency (label "{label}"): {concat(", ", object.get(terms, "rules", []))} only warn; `,
		$"the record owes a follow-up within {hours.due} hours",
	]),
	"fix": $`countersign exception follow-up {_id(path)} --note "WHAT WAS DONE"`,
} if {
	some label in _labels
	some path in records
}

# METADATA
# description: An emergency without a record.
# scope: rule
warn contains {
	"rule": "emergency-record",
	"msg": $`the label "{label}" changes nothing: the change brings no record of the emergency`,
	"fix": concat(" ", [
		"add one to the change, in a commit without AI use:",
		"countersign exception open --id emergency-NAME --rule review-approval --path PATH",
		`--reason "WHY" --approved-by "NAME <EMAIL>"`,
	]),
} if {
	count(records) == 0
	some label in _labels
}

# METADATA
# description: The change is an emergency that is on record.
active if {
	count(_labels) > 0
	count(records) > 0
}

# METADATA
# description: Whether a rule only warns, for the emergency's sake.
lowers(rule) if {
	active
	rule in object.get(terms, "rules", [])
}

# METADATA
# description: The records that the change brings, by path.
records contains file.path if {
	some file in input.change.files
	file.status == "A"
	regex.match(`^\.countersign/(?:.*/)?emergency-[^/]+\.(?:ya?ml|json)$`, file.path)
	not regex.match(`^\.countersign/(?:data|policies)/`, file.path)
}

# METADATA
# description: |
#   Those of them that need no approval, for an emergency cannot wait. They excuse nothing.
urgent contains path if {
	active
	some path in records
}

# METADATA
# description: Whether an exception is the record of an emergency, by its id, where rules.yaml knows emergencies.
is_record(id) if {
	startswith(id, "emergency-")
	settings.rules.emergency
}

# METADATA
# description: Within how many hours of its opening a record owes its follow-up, and for how many that may be overdue.
hours := {
	"due": object.get(terms, "follow_up_hours", 24),
	"grace": object.get(terms, "follow_up_grace_hours", 0),
}

# METADATA
# description: What rules.yaml says of emergencies.
terms := object.get(settings.rules, "emergency", {})

_labels contains label if {
	input.phase != "commit"
	some label in input.change.labels
	lower(label) in {lower(one) | some one in object.get(terms, "labels", [])}
}

_id(path) := regex.find_all_string_submatch_n(`(emergency-[^/]+)\.[a-z]+$`, path, 1)[0][1]
