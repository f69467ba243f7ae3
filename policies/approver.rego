# METADATA
# description: |
#   Whoever countersigned is known, human, and neither the author nor the committer nor a co-author of the commit
#   (data file approvers.yaml).
package countersign.approver

import data.countersign.disclosure
import data.countersign.finding
import data.countersign.identity
import data.countersign.people

# METADATA
# description: What is wrong with approvers.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: A program as approver.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "approver-human",
	"field": "approver",
	"msg": $`approver "{value}" is a bot or an AI agent; a person has to approve`,
	"fix": finding.stamp(at, ["approver"]),
}) if {
	some [at, value] in disclosure.values.approver
	value in _machines
}

# METADATA
# description: An approver whom approvers.yaml does not list, where it must.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "approver-known",
	"field": "approver",
	"msg": $`approver "{value}" is not listed in .countersign/data/approvers.yaml`,
	"fix": finding.stamp(at, ["approver"]),
}) if {
	identity.unlisted == "deny"
	some [at, value] in disclosure.values.approver
	not value in _machines
	count(object.get(_approvers, value, {}).entries) == 0
}

# METADATA
# description: An approver who made the commit.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "approver-independent",
	"field": "approver",
	"msg": $`approver "{value}" is {concat(" and ", roles)} of this commit; someone else has to approve`,
	"fix": finding.stamp(at, ["approver"]),
}) if {
	some [at, value] in disclosure.values.approver
	approver := object.get(_approvers, value, {})
	roles := sort({role | some [role, maker] in identity.makers(at); identity.same(approver, maker)})
	count(roles) > 0
}

# Each approver's text, understood once: the keys it names someone by, and the entries of approvers.yaml.
_approvers[value] := identity.known(people.keys(value)) if some [_, value] in disclosure.values.approver

_machines contains value if {
	some value, approver in _approvers
	identity.machine(value, approver.keys)
}
