# METADATA
# description: The declared time is RFC 3339, not in the future and not long before the commit's parents.
package countersign.timestamp

import data.countersign.clock
import data.countersign.disclosure
import data.countersign.finding
import data.countersign.scope

_given contains [at, value] if {
	some at in disclosure.present
	some value in input.commits[at].disclosure.timestamp
	not disclosure.blank(value)
}

# METADATA
# description: A time that is not RFC 3339.
# entrypoint: true
deny contains finding.about(at, {
	"rule": "timestamp-format",
	"field": "timestamp",
	"msg": $`timestamp "{value}" is not an RFC 3339 time such as {input.now}`,
	"fix": $"correct the timestamp: {finding.reword(at)}",
}) if {
	some [at, value] in _given
	not clock.seconds(value)
}

# METADATA
# description: A time later than the decision, beyond what clocks may differ.
deny contains finding.about(at, {
	"rule": "timestamp-future",
	"field": "timestamp",
	"msg": $`timestamp "{value}" is in the future; it is {input.now} now`,
	"fix": $"correct the timestamp: {finding.reword(at)}",
}) if {
	some [at, value] in _given
	clock.seconds(value) > clock.now + (object.get(scope.tier[at], "timestamp_future_minutes", 5) * 60)
}

# METADATA
# description: A time so long before the parents that it cannot be this commit's.
deny contains finding.about(at, {
	"rule": "timestamp-before-parent",
	"field": "timestamp",
	"msg": $`timestamp "{value}" is more than {hours} h before the parent commit ({parent})`,
	"fix": $"give the time the model was used for this commit: {finding.reword(at)}",
}) if {
	some [at, value] in _given
	hours := scope.tier[at].timestamp_before_parent_hours

	# A merge is made after all its parents. Parents that could not be read are absent.
	parents := [[clock.seconds(time), time] | some time in input.commits[at].parent_times]
	[latest, parent] := max(parents)
	clock.seconds(value) < latest - (hours * 3600)
}
