# METADATA
# description: |
#   Recorded permissions excuse what they name, and nothing else, until they expire. One that names no rule excuses
#   nothing; one whose list of commits or paths is empty excuses nothing either.
package countersign.exceptions

import data.countersign.clock
import data.countersign.globs

_folder := ".countersign/exceptions"

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

_expired(exception) if clock.moment(exception.expires) <= clock.now

_pending(exception) if clock.moment(exception.opened) > clock.now

_honoured := [object.union(exception, {"expression": globs.expression(object.get(exception, "paths", ["**"]))}) |
	some at, exception in input.exceptions
	not _faults[at]
	not _expired(exception)
	not _pending(exception)
]

# The honoured exceptions by rule and by the first seven digits of the commit, "" for those that name none.
_numbers[[rule, start]] contains number if {
	some number, exception in _honoured
	some rule in exception.rules
	some start in _starts(exception)
}

_index := {key: numbers | some key, numbers in _numbers}

_starts(exception) := {""} if not exception.commits

_starts(exception) := {substring(lower(commit), 0, 7) | some commit in exception.commits}

# METADATA
# description: Whether an exception excuses this violation of the commit at index `at`.
excused(at, violation) if {
	some start in {"", substring(violation.commit, 0, 7)}
	some number in _index[[violation.rule, start]]
	exception := _honoured[number]
	_speaks_of_commit(exception, violation.commit)
	_speaks_of_paths(exception, at, violation)
}

_speaks_of_commit(exception, _) if not exception.commits

_speaks_of_commit(exception, id) if {
	some commit in exception.commits
	startswith(id, lower(commit))
}

_speaks_of_paths(exception, _, _) if not exception.paths

_speaks_of_paths(exception, _, violation) if regex.match(exception.expression, violation.path)

# A violation of the whole commit is excused only when all it touches is.
_speaks_of_paths(exception, at, violation) if {
	not violation.path
	count(input.commits[at].files) > 0
	every file in input.commits[at].files {
		regex.match(exception.expression, file.path)
	}
}

# METADATA
# description: An exception that cannot be honoured as it is written.
# entrypoint: true
warn contains {
	"rule": "exception-invalid",
	"path": _path(exception),
	"msg": $`exception "{exception.id}" is ignored: {concat("; ", sort(faults))}`,
	"fix": $"correct or delete {_path(exception)}",
} if {
	some at, faults in _faults
	exception := input.exceptions[at]
}

# METADATA
# description: An exception that is over.
warn contains {
	"rule": "exception-expired",
	"path": _path(exception),
	"msg": $`exception "{exception.id}" expired on {exception.expires} and is ignored`,
	"fix": $"delete {_path(exception)}, or have it approved anew with a later expiry",
} if {
	some exception in input.exceptions
	_expired(exception)
}

# METADATA
# description: An exception that has not begun.
warn contains {
	"rule": "exception-pending",
	"path": _path(exception),
	"msg": $`exception "{exception.id}" begins on {exception.opened} and is ignored until then`,
	"fix": $"wait, or correct the opening time in {_path(exception)}",
} if {
	some exception in input.exceptions
	_pending(exception)
}

_path(exception) := $"{_folder}/{exception.id}.yaml"
