# METADATA
# description: |
#   Whoever countersigned is known, human, and neither the author nor the committer nor a co-author of the commit
#   (data file approvers.yaml).
package countersign.approver

import data.countersign.disclosure
import data.countersign.evidence
import data.countersign.finding
import data.countersign.people
import data.countersign.settings

# METADATA
# description: What is wrong with approvers.
# entrypoint: true

# METADATA
# description: A program as approver.
# scope: rule
deny contains finding.about(at, {
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
deny contains finding.about(at, {
	"rule": "approver-known",
	"field": "approver",
	"msg": $`approver "{value}" is not listed in .countersign/data/approvers.yaml`,
	"fix": finding.stamp(at, ["approver"]),
}) if {
	_unlisted == "deny"
	some [at, value] in disclosure.values.approver
	not value in _machines
	count(object.get(_approvers, value, {}).entries) == 0
}

# METADATA
# description: An approver who made the commit.
# scope: rule
deny contains finding.about(at, {
	"rule": "approver-independent",
	"field": "approver",
	"msg": $`approver "{value}" is {concat(" and ", roles)} of this commit; someone else has to approve`,
	"fix": finding.stamp(at, ["approver"]),
}) if {
	some [at, value] in disclosure.values.approver
	approver := object.get(_approvers, value, {})
	roles := sort({role | some [role, maker] in _makers(at); _same(approver, maker)})
	count(roles) > 0
}

# Everyone is, while nobody is listed.
_unlisted := object.get(settings.approvers, "unlisted", "deny") if count(settings.approvers.people) > 0

_unlisted := object.get(settings.approvers, "unlisted", "allow") if count(settings.approvers.people) == 0

# Each approver's text, understood once: the keys it names someone by, and the entries of approvers.yaml.
_approvers[value] := _known(people.keys(value)) if some [_, value] in disclosure.values.approver

_machines contains value if {
	some value, approver in _approvers
	evidence.agent_of(approver.keys)
}

_machines contains value if {
	some value, _ in _approvers
	some pattern in settings.approvers.bots
	regex.match(pattern, lower(value))
}

# What names someone: the keys, and the entries of approvers.yaml under them. A name counts only where no address or
# login is known: two people may share one.
_known(keys) := {"keys": keys, "entries": entries} if {
	count(_listed) > 0
	accounts := {entry | some key in keys; not startswith(key, "name:"); some entry in object.get(_listed, key, set())}
	names := {entry | some key in keys; some entry in object.get(_listed, key, set())}
	entries := [found | some found in [accounts, names]; count(found) > 0][0]
} else := {"keys": keys, "entries": set()}

_listed[key] contains at if {
	some at, _ in settings.approvers.people
	some key in _keys_of_listed(at)
}

_keys_of_listed(at) := people.keys_of(person) | union(aliases) if {
	person := settings.approvers.people[at]
	aliases := {people.keys(alias) | some alias in person.aliases}
}

# Those who made a commit, each as role and what is known of them.
_makers(at) := _signers_of(input.commits[at]) | _co_authors_of(object.get(evidence.person_lines, at, set()))

_signers_of(commit) := {[$"the {role}", maker] |
	some role in ["author", "committer"]
	maker := object.get(_signers, people.signature(commit[role]), {})
}

_co_authors_of(lines) := {["a co-author", maker] |
	some line in lines
	line.key in _co_author_keys
	maker := object.get(_co_authors, line.value, {})
}

_co_author_keys := {"co-authored-by", "co-developed-by"}

_signers[person] := _known(keys) if some person, keys in people.keys_by_signature

_co_authors[text] := _known(people.keys(text)) if {
	some text in {line.value | some lines in evidence.person_lines; some line in lines; line.key in _co_author_keys}
}

_same(one, other) if count(one.entries & other.entries) > 0

# Where not both are listed, any key that they share makes them one.
_same(one, other) if {
	count(one.keys & other.keys) > 0
	min([count(one.entries), count(other.entries)]) == 0
}
