# METADATA
# description: |
#   Every exception owes a follow-up: what was found, or done about it. The tier of its paths says how soon (data file
#   scope.yaml: `follow_up_hours`, 48 when absent). Overdue ones are warned of; after `follow_up_grace_hours` (24) every
#   change is denied that does not touch the exception's file. A commit that is being made is only warned. The record
#   of an emergency owes it within the hours that rules.yaml says (`emergency`).
package countersign.follow_up

import data.countersign.clock
import data.countersign.emergency
import data.countersign.globs
import data.countersign.level
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: What exceptions owe.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, while it only warns.
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: A follow-up that is overdue for longer than is tolerated.
# scope: rule
_found contains [level.general("follow-up-overdue", "deny"), _overdue(exception, hours)] if {
	some exception in input.exceptions
	hours := _hours(exception)
	_denied(exception, hours)
}

# METADATA
# description: A follow-up that is overdue, or that the change gives.
# scope: rule
_found contains ["warn", _overdue(exception, hours)] if {
	level.general("follow-up-overdue", "warn") != "off"
	some exception in input.exceptions
	hours := _hours(exception)
	clock.now > _opened(exception) + (hours.due * 3600)
	not _denied(exception, hours)
}

# Commits are never kept from being made by what is for a change to settle.
_denied(exception, hours) if {
	input.phase != "commit"
	clock.now > _opened(exception) + ((hours.due + hours.grace) * 3600)
	not _touched(exception)
}

_overdue(exception, hours) := {
	"rule": "follow-up-overdue",
	"path": $".countersign/exceptions/{exception.id}.yaml",
	"msg": concat("", [
		$`exception "{exception.id}" was opened on {exception.opened}; `,
		$"its follow-up was due within {hours.due} hours",
	]),
	"fix": $`countersign exception follow-up {exception.id} --note "WHAT WAS DONE", or close it`,
}

# METADATA
# description: The time that an exception was opened, when it still owes a follow-up.
_opened(exception) := clock.moment(exception.opened) if {
	count(object.get(exception, "follow_ups", [])) == 0
	not exception.closed
}

# The change touches the exception's file: it may bring the follow-up. Where below .countersign/ that lies, the
# configuration says.
_touched(exception) if {
	some path in _all_paths
	startswith(path, ".countersign/")
	not startswith(path, ".countersign/data/")
	some ending in ["yaml", "yml", "json"]
	endswith(path, $"/{exception.id}.{ending}")
}

_all_paths contains file.path if some file in input.change.files

_all_paths contains file.path if {
	some commit in input.commits
	some file in commit.files
}

_all_paths contains path if some path in scope.undone_paths

_hours(exception) := _tier_hours(exception) if not emergency.is_record(exception.id)

_hours(exception) := {"due": min({tier.due, record.due}), "grace": min({tier.grace, record.grace})} if {
	emergency.is_record(exception.id)
	tier := _tier_hours(exception)
	record := emergency.hours
}

# The shortest of the tiers that the exception's paths are in.
_tier_hours(exception) := {
	"due": min({object.get(tier, "follow_up_hours", 48) | some tier in tiers}),
	"grace": min({object.get(tier, "follow_up_grace_hours", 24) | some tier in tiers}),
} if {
	tiers := _tiers(exception)
}

# One that is not limited to paths may concern any tier.
_tiers(exception) := {tier | some tier in settings.scope.tiers} if _any_path(exception)

_tiers(exception) := {tier |
	some path in exception.paths
	name := _tier_name(path)
	some tier in settings.scope.tiers
	tier.name == name
} if {
	not _any_path(exception)
}

_any_path(exception) if not exception.paths

_any_path(exception) if {
	some path in exception.paths
	trim(path, "*?/") == ""
}

# The tier that a glob, read as a path, has.
_tier_name(path) := array.concat(matching, [settings.scope["default"]])[0] if {
	matching := [rule.tier | some rule in settings.scope.rules; scope.applies(rule); _matches(rule, path)]
}

_matches(rule, _) if not rule.paths

_matches(rule, path) if regex.match(globs.expression(rule.paths), path)
