# METADATA
# description: How the pack's rules say what they found.
package countersign.finding

import data.countersign.exceptions
import data.countersign.level

# METADATA
# description: |
#   The violation `details` of the commit at index `at`, with the commit's id; undefined when an exception excuses it.
about(at, details) := violation if {
	violation := object.union(details, {"commit": id[at]})
	not exceptions.excused(at, violation)
}

# METADATA
# description: |
#   The same as `[level, violation]`, where the level is "deny", "warn" or "off": what the rule usually is, unless the
#   policy data say otherwise.
weighed(at, usual, details) := [level.of_commit(at, details.rule, usual), about(at, details)]

# METADATA
# description: The commits' ids; "" for one that is still being made.
id := [object.get(commit, "sha", "") | some commit in input.commits]

# METADATA
# description: |
#   The command that sets the disclosure's `fields` of the commit at index `at`. Of a commit that is being made, git has
#   kept the message.
# scope: document
stamp(at, fields) := concat(" ", ["countersign stamp", _options(fields), _message, "&& git commit -eF", _message]) if {
	id[at] == ""
}

stamp(at, fields) := $"countersign stamp {_options(fields)} HEAD" if _is_head(at)

stamp(at, fields) := $"countersign stamp {_options(fields)} {_range(at)}" if {
	id[at] != ""
	not _is_head(at)
}

_message := ".git/COMMIT_EDITMSG"

_examples := {
	"model": "--model MODEL",
	"timestamp": "--timestamp TIME",
	"context": `--context "WHAT THE MODEL DID"`,
	"approver": `--approver "NAME <EMAIL>"`,
}

_options(fields) := concat(" ", [object.get(_examples, field, $"--field {field}=VALUE") | some field in fields])

_is_head(at) if {
	id[at] != ""
	id[at] == input.change.head
}

# The commit alone, as git names ranges.
_range(at) := concat("", [short, "^!"]) if {
	count(input.commits[at].parents) == 0
	short := substring(id[at], 0, 12)
}

_range(at) := concat("", [short, "~..", short]) if {
	count(input.commits[at].parents) > 0
	short := substring(id[at], 0, 12)
}
