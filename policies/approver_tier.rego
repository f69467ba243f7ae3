# METADATA
# description: |
#   A scope tier may name who approves in it (data file scope.yaml, `approvers`): then nobody else does, whoever else
#   approvers.yaml lists.
package countersign.approver_tier

import data.countersign.disclosure
import data.countersign.finding
import data.countersign.people
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: An approver who may approve, but not in this tier.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: An approver who may approve, but not in this tier.
_found contains finding.weighed(at, "deny", {
	"rule": "approver-tier",
	"field": "approver",
	"msg": $`approver "{value}" does not approve in scope tier "{tier.name}"; ask one of: {concat(", ", tier.approvers)}`,
	"fix": finding.stamp(at, ["approver"]),
}) if {
	some [at, value] in disclosure.values.approver
	tier := scope.tier[at]
	not admits(tier, _keys(at, value))
}

# METADATA
# description: |
#   Whether someone, known by these keys, approves in a tier. Addresses and logins count, and the aliases in
#   approvers.yaml; names do not, for two people may share one.
# scope: document
admits(tier, _) if not tier.approvers

admits(tier, keys) if {
	some text in tier.approvers
	count(_accounts(keys) & _accounts(people.keys(text))) > 0
}

# What the text names, and what .mailmap makes of it.
_keys(at, value) := people.keys(value) | {key |
	some declared in object.get(input.commits[at], "approvers", [])
	declared.value == value
	some key in people.keys_of(declared)
}

_accounts(keys) := own | union({person | some person in _people; count(person & own) > 0}) if {
	own := {key | some key in keys; not startswith(key, "name:")}
}

# The addresses and logins of each person of approvers.yaml.
_people contains {key | some key in (own | union(aliases)); not startswith(key, "name:")} if {
	some person in settings.approvers.people
	own := people.keys_of(person)
	aliases := {people.keys(alias) | some alias in object.get(person, "aliases", [])}
}
