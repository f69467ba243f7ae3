# METADATA
# description: How the pack's rules say what they found.
package countersign.finding

import data.countersign.exceptions

# METADATA
# description: |
#   The violation `details` of the commit at index `at`, with the commit's id; undefined when an exception excuses it.
about(at, details) := violation if {
	violation := object.union(details, {"commit": id[at]})
	not exceptions.excused(at, violation)
}

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

stamp(at, fields) := command if {
	id[at] != ""
	not _is_head(at)
	command := $"git rebase -i {_base(at)}, mark the commit edit, then: countersign stamp {_options(fields)} HEAD"
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

_base(at) := "--root" if count(input.commits[at].parents) == 0

_base(at) := concat("", [substring(id[at], 0, 12), "^"]) if count(input.commits[at].parents) > 0
