# METADATA
# description: The declared time is RFC 3339, not in the future and not long before the commit's parents.
package countersign.timestamp

import data.countersign.clock
import data.countersign.disclosure
import data.countersign.finding
import data.countersign.scope

# METADATA
# description: What is wrong with timestamps.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: A time that is not RFC 3339.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "timestamp-format",
	"field": "timestamp",
	"msg": $`timestamp "{value}" is not an RFC 3339 time such as {input.now}`,
	"fix": finding.stamp(at, ["timestamp"]),
}) if {
	some [at, value] in disclosure.values.timestamp
	not clock.seconds(value)
}

# METADATA
# description: A time later than the decision, beyond what clocks may differ.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "timestamp-future",
	"field": "timestamp",
	"msg": $`timestamp "{value}" is in the future; it is {input.now} now`,
	"fix": finding.stamp(at, ["timestamp"]),
}) if {
	some [at, value, seconds] in _times
	seconds > clock.now + (scope.tier[at].timestamp_future_minutes * 60)
}

# METADATA
# description: A time so long before the parents that it cannot be this commit's.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "timestamp-before-parent",
	"field": "timestamp",
	"msg": $`timestamp "{value}" is more than {hours} h before the parent commit ({parent})`,
	"fix": finding.stamp(at, ["timestamp"]),
}) if {
	some [at, value, seconds] in _times
	hours := scope.tier[at].timestamp_before_parent_hours

	# A merge is made after all its parents. Parents that could not be read are not there.
	[latest, parent] := max([[clock.seconds(text), text] | some text in input.commits[at].parent_times])
	seconds < latest - (hours * 3600)
}

_times contains [at, value, clock.seconds(value)] if some [at, value] in disclosure.values.timestamp
