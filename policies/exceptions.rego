# METADATA
# description: |
#   Recorded permissions excuse what they name, and nothing else, until they expire. One that names no rule excuses
#   nothing; one whose list of commits or paths is empty excuses nothing either.
package countersign.exceptions

import data.countersign.clock
import data.countersign.emergency
import data.countersign.globs
import data.countersign.level
import data.countersign.scope

# METADATA
# description: Exceptions that have no effect.
# entrypoint: true
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: The same, where rules.yaml makes them more.
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: An exception that cannot be honoured as it is written.
# scope: rule
_found contains [level.general("exception-invalid", "warn"), {
	"rule": "exception-invalid",
	"path": _path(exception),
	"msg": $`exception "{exception.id}" is ignored: {concat("; ", sort(faults))}`,
	"fix": $"correct or delete {_path(exception)}",
}] if {
	some at, faults in _faults
	exception := input.exceptions[at]
}

# METADATA
# description: An exception that is over.
# scope: rule
_found contains [level.general("exception-expired", "warn"), {
	"rule": "exception-expired",
	"path": _path(exception),
	"msg": $`exception "{exception.id}" expired on {exception.expires} and is ignored`,
	"fix": $"delete {_path(exception)}, or have it approved anew with a later expiry",
}] if {
	some exception in input.exceptions
	not exception.closed
	_expired(exception)
}

# METADATA
# description: An exception that has not begun.
# scope: rule
_found contains [level.general("exception-pending", "warn"), {
	"rule": "exception-pending",
	"path": _path(exception),
	"msg": $`exception "{exception.id}" begins on {exception.opened} and is ignored until then`,
	"fix": $"wait, or correct the opening time in {_path(exception)}",
}] if {
	some exception in input.exceptions
	not exception.closed
	_pending(exception)
}

# METADATA
# description: Whether an exception excuses this violation of the commit at index `at`.
excused(at, violation) if {
	count(_honoured) > 0
	some start in {"", substring(violation.commit, 0, 7)}
	some exception in object.get(_honoured, $"{violation.rule} {start}", set())
	_speaks_of_commit(exception, violation.commit)
	_speaks_of_paths(exception, at, violation)
}

# METADATA
# description: Whether an exception excuses this violation of the change as a whole.
excused_change(violation) if {
	count(_honoured) > 0
	some start in {"", substring(input.change.head, 0, 7)}
	some exception in object.get(_honoured, $"{violation.rule} {start}", set())
	_speaks_of_commit(exception, input.change.head)
	_speaks_of_change_paths(exception, violation)
}

# The honoured exceptions by rule and by the first seven digits of the commit, "" for those that name none.
_honoured[$"{rule} {start}"] contains exception if {
	some at, exception in input.exceptions
	not _faults[at]
	not exception.closed
	not emergency.is_record(exception.id)
	not _expired(exception)
	not _pending(exception)
	some rule in exception.rules
	some start in _starts(exception)
}

_starts(exception) := {""} if not exception.commits

_starts(exception) := {substring(lower(commit), 0, 7) | some commit in exception.commits} if exception.commits

_expired(exception) if clock.moment(exception.expires) <= clock.now

_pending(exception) if clock.moment(exception.opened) > clock.now

_speaks_of_commit(exception, _) if not exception.commits

_speaks_of_commit(exception, id) if {
	some commit in exception.commits
	startswith(id, lower(commit))
}

_speaks_of_paths(exception, _, _) if not exception.paths

_speaks_of_paths(exception, _, violation) if regex.match(globs.expression(exception.paths), violation.path)

# A violation of the whole commit is excused only when all it touches is.
_speaks_of_paths(exception, at, _) if {
	count(scope.paths[at]) > 0
	expression := globs.expression(exception.paths)
	every path in scope.paths[at] {
		regex.match(expression, path)
	}
}

_speaks_of_change_paths(exception, _) if not exception.paths

_speaks_of_change_paths(exception, violation) if regex.match(globs.expression(exception.paths), violation.path)

# What is said of the whole change is excused only when all it touches is.
_speaks_of_change_paths(exception, _) if {
	count(scope.change_paths) > 0
	expression := globs.expression(exception.paths)
	every path in scope.change_paths {
		regex.match(expression, path)
	}
}

_faults[at] contains "it names no rules" if {
	some at, exception in input.exceptions
	count(object.get(exception, "rules", [])) == 0
}

_faults[at] contains $`"{key}" is missing` if {
	some at, exception in input.exceptions
	some key in ["reason", "approved_by"]
	trim_space(object.get(exception, key, "")) == ""
}

_faults[at] contains $`"{key}" is not a time` if {
	some at, exception in input.exceptions
	some key in ["opened", "expires"]
	not clock.moment(object.get(exception, key, ""))
}

_faults[at] contains $`"{commit}" is not a commit id of at least 7 digits` if {
	some at, exception in input.exceptions
	some commit in exception.commits
	not regex.match(`^[0-9A-Fa-f]{7,64}$`, commit)
}

_path(exception) := $".countersign/exceptions/{exception.id}.yaml"
