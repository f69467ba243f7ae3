# METADATA
# description: Who is who, people under all their names, and those who made a commit.
package countersign.identity

import data.countersign.evidence
import data.countersign.people
import data.countersign.settings

# METADATA
# description: |
#   What names someone: the keys, and the entries of approvers.yaml under them. A name counts only where no address or
#   login is known: two people may share one.
known(keys) := {"keys": keys, "entries": entries} if {
	count(_listed) > 0
	accounts := {entry | some key in keys; not startswith(key, "name:"); some entry in object.get(_listed, key, set())}
	names := {entry | some key in keys; some entry in object.get(_listed, key, set())}
	entries := [found | some found in [accounts, names]; count(found) > 0][0]
} else := {"keys": keys, "entries": set()}

# METADATA
# description: Whether two, as `known` gives them, are one person.
# scope: document
same(one, other) if count(one.entries & other.entries) > 0

# Where not both are listed, any key that they share makes them one.
same(one, other) if {
	count(one.keys & other.keys) > 0
	min([count(one.entries), count(other.entries)]) == 0
}

# METADATA
# description: Those who made the commit at index `at`, each as `[role, who]`.
makers(at) := _signers_of(input.commits[at]) | _co_authors_of(object.get(evidence.person_lines, at, set()))

# METADATA
# description: Whether approvers.yaml admits people whom it does not list; everyone is, while nobody is listed.
# scope: document
unlisted := object.get(settings.approvers, "unlisted", "deny") if count(settings.approvers.people) > 0

unlisted := object.get(settings.approvers, "unlisted", "allow") if count(settings.approvers.people) == 0

# METADATA
# description: Whether a text, known by these keys, names a bot or an AI agent.
# scope: document
machine(_, keys) if evidence.agent_of(keys)

machine(text, _) if {
	some pattern in settings.approvers.bots
	regex.match(pattern, lower(text))
}

_listed[key] contains at if {
	some at, _ in settings.approvers.people
	some key in _keys_of_listed(at)
}

_keys_of_listed(at) := people.keys_of(person) | union(aliases) if {
	person := settings.approvers.people[at]
	aliases := {people.keys(alias) | some alias in person.aliases}
}

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

_signers[person] := known(keys) if some person, keys in people.keys_by_signature

_co_authors[text] := known(people.keys(text)) if {
	some text in {line.value | some lines in evidence.person_lines; some line in lines; line.key in _co_author_keys}
}
