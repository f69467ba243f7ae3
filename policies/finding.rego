# METADATA
# description: How the pack's rules say what they found.
package countersign.finding

import data.countersign.exceptions

# METADATA
# description: |
#   The violation `details` of the commit at index `at`, with the commit's id; undefined when an exception excuses it.
#   A commit that is still being made has the id "".
about(at, details) := violation if {
	violation := object.union(details, {"commit": id(at)})
	not exceptions.excused(at, violation)
}

# METADATA
# description: The commit's id, or "" when it has none yet.
id(at) := object.get(input.commits[at], "sha", "")

# METADATA
# description: How to change the message of the commit at index `at`.
reword(at) := "edit the commit message" if id(at) == ""

reword(at) := "git commit --amend" if _head(at)

reword(at) := $"git rebase -i {_base(at)} (mark it reword)" if _below_head(at)

# METADATA
# description: The command that adds the `fields` to the commit at index `at`.
stamp(at, fields) := $"countersign stamp {_options(fields)}" if id(at) == ""

stamp(at, fields) := $"countersign stamp {_options(fields)} HEAD" if _head(at)

stamp(at, fields) := $"git rebase -i {_base(at)} (mark it edit), then: countersign stamp {_options(fields)} HEAD" if {
	_below_head(at)
}

_examples := {
	"model": "--model MODEL",
	"timestamp": "--timestamp TIME",
	"context": `--context "WHAT THE MODEL DID"`,
	"approver": `--approver "NAME <EMAIL>"`,
}

# Fields that the configuration adds have no option of their own name in `countersign stamp`.
_options(fields) := concat(" ", [option | some field in fields; option := object.get(_examples, field, $"--field {field}=VALUE")])

_head(at) if {
	id(at) != ""
	id(at) == input.change.head
}

_below_head(at) if {
	id(at) != ""
	not _head(at)
}

_base(at) := "--root" if count(input.commits[at].parents) == 0

_base(at) := concat("", [substring(id(at), 0, 12), "^"]) if count(input.commits[at].parents) > 0
