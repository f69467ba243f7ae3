# METADATA
# description: |
#   Whoever countersigned is known, human, and neither the author nor the committer nor a co-author of the commit
#   (data file approvers.yaml).
package countersign.approver

import data.countersign.disclosure
import data.countersign.evidence
import data.countersign.finding
import data.countersign.people

# The listed people by each of their keys.
_people_of[key] contains at if {
	some at, person in data.approvers.people
	some key in _keys_of_listed(person)
}

_listed := {key: entries | some key, entries in _people_of}

_keys_of_listed(person) := union({people.keys_of(person)} | {people.keys(alias) | some alias in object.get(person, "aliases", [])})

_default_for_unlisted := "deny" if count(data.approvers.people) > 0

_default_for_unlisted := "allow" if count(data.approvers.people) == 0

# Each approver's text, understood once.
_approvers contains value if {
	some at in disclosure.present
	some value in input.commits[at].disclosure.approver
	not disclosure.blank(value)
}

_keys[value] := people.keys(value) if some value in _approvers

_entries[value] := entries_of(_keys[value]) if some value in _approvers

# METADATA
# description: |
#   The entries of approvers.yaml that keys belong to. A name counts only where no address or login does: two people
#   may share a name.
entries_of(keys) := by_account if {
	by_account := {at | some key in keys; not startswith(key, "name:"); some at in _listed[key]}
	count(by_account) > 0
} else := {at | some key in keys; some at in _listed[key]}

_bot_expression := concat("|", [$"(?:{pattern})" | some pattern in data.approvers.bots; regex.is_valid(pattern)])

_machine(value) if evidence.agent_of(_keys[value])

_machine(value) if {
	_bot_expression != ""
	regex.match(_bot_expression, lower(value))
}

# Those who made the commit, as sets of keys.
_makers(at) := {["the author", people.keys_of(input.commits[at].author)], ["the committer", people.keys_of(input.commits[at].committer)]} | {
["a co-author", people.keys(line.value)] |
	some line in evidence.person_lines(at)
	line.key in {"co-authored-by", "co-developed-by"}
}

_same(approver, maker) if {
	count(entries_of(maker) & _entries[approver]) > 0
}

# Where not both are listed, any common key makes them one; the list may know further keys of the approver.
_same(approver, maker) if {
	count({true | count(entries_of(maker)) > 0; count(_entries[approver]) > 0}) == 0
	known := union({_keys_of_listed(data.approvers.people[entry]) | some entry in (_entries[approver] | entries_of(maker))})
	count((known | _keys[approver]) & (known | maker)) > 0
}

_uses contains [at, value] if {
	some at in disclosure.present
	some value in input.commits[at].disclosure.approver
	not disclosure.blank(value)
}

# METADATA
# description: A program as approver.
# entrypoint: true
deny contains finding.about(at, {
	"rule": "approver-human",
	"field": "approver",
	"msg": $`approver "{value}" is a bot or an AI agent; a person has to approve`,
	"fix": $"name a person: {finding.reword(at)}",
}) if {
	some [at, value] in _uses
	_machine(value)
}

# METADATA
# description: An approver whom approvers.yaml does not list, where it must.
deny contains finding.about(at, {
	"rule": "approver-known",
	"field": "approver",
	"msg": $`approver "{value}" is not listed in .countersign/data/approvers.yaml`,
	"fix": $"name a listed approver: {finding.reword(at)}",
}) if {
	some [at, value] in _uses
	not _machine(value)
	object.get(data.approvers, "unlisted", _default_for_unlisted) != "allow"
	count(_entries[value]) == 0
}

# METADATA
# description: An approver who made the commit.
deny contains finding.about(at, {
	"rule": "approver-independent",
	"field": "approver",
	"msg": $`approver "{value}" is {concat(" and ", roles)} of this commit; someone else has to approve`,
	"fix": $"name another person: {finding.reword(at)}",
}) if {
	some [at, value] in _uses
	roles := sort({role | some [role, maker] in _makers(at); _same(value, maker)})
	count(roles) > 0
}
