# METADATA
# description: |
#   An approver is independent under every name: `countersign` resolves those whom a disclosure names, and those who
#   made the commit, through the base's .mailmap.
package countersign.approver_mailmap

import data.countersign.approver
import data.countersign.finding

# METADATA
# description: An approver who made the commit under a name that .mailmap knows.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: An approver who made the commit under a name that .mailmap knows.
_found contains finding.weighed(at, "deny", {
	"rule": "approver-independent",
	"field": "approver",
	"msg": $`approver "{declared.value}" is {concat(" and ", roles)} of this commit; someone else has to approve`,
	"fix": finding.stamp(at, ["approver"]),
}) if {
	some at, commit in input.commits
	some declared in commit.approvers
	roles := sort({words | some role in declared.roles; words := _words[role]})
	count(roles) > 0
	not _told(at, declared.value)
}

_words := {"author": "the author", "committer": "the committer", "co-author": "a co-author"}

# What the message and approvers.yaml alone give away is said already.
_told(at, value) if {
	some violation in (approver.deny | approver.warn)
	violation.rule == "approver-independent"
	violation.commit == finding.id[at]
	startswith(violation.msg, $`approver "{value}" is `)
}
