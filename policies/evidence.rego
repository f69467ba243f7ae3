# METADATA
# description: |
#   Evidence of AI use (data file evidence.yaml): agents among the author, committer and co-authors, and agents' marks
#   anywhere in the message, since squash merges leave such lines outside the block that git reads trailers from.
package countersign.evidence

import data.countersign.disclosure
import data.countersign.finding
import data.countersign.people
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: The ids of the commits that declare or show AI use.
ai contains id if {
	some at, id in finding.id
	at in used
}

# METADATA
# description: The same commits by index.
# scope: document
used contains at if some at in disclosure.present

used contains at if some at, _ in traces

# METADATA
# description: Evidence of AI use in a commit that declares none.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: Evidence of AI use in a commit that declares none.
_found contains finding.weighed(at, usual(tier), {
	"rule": "undisclosed-ai",
	"msg": $`AI use without a disclosure: {concat("; ", sort(signs))}`,
	"fix": finding.stamp(at, tier.required),
}) if {
	not settings.ai_forbidden
	some at, signs in traces
	tier := scope.tier[at]
}

# METADATA
# description: How undisclosed AI use in a tier counts.
# scope: document
usual(tier) := "warn" if tier.undisclosed == "warn"

usual(tier) := "deny" if tier.undisclosed != "warn"

# METADATA
# description: What shows AI use in the commits (by index) that declare none, in words.
# scope: document
traces[at] contains $"the {role} is {agent}" if {
	count(_agents_by_signature) > 0
	some at, commit in input.commits
	not at in disclosure.present
	some role in ["author", "committer"]
	agent := object.get(_agents_by_signature, people.signature(commit[role]), "")
	agent != ""
}

traces[at] contains $`"{line.key}: {line.value}" names {agent}` if {
	some at, lines in person_lines
	not at in disclosure.present
	some line in lines
	agent := agent_of(people.keys(line.value))
}

traces[at] contains $`"{line.key}: {line.value}" is {trailer.name}` if {
	some at, lines in _tool_lines
	some line in lines
	some trailer in settings.evidence.trailers
	lower(trailer.key) == line.key
	regex.match(object.get(trailer, "pattern", ""), line.value)
}

traces[at] contains $`"{mark.text}" in the message is {mark.name}` if {
	count(_marks) > 0
	some at, text in _texts
	not at in disclosure.present
	some mark in _marks
	contains(text, lower(mark.text))
	regex.match(object.get(mark, "pattern", ""), text)
}

traces[at] contains $"{evidence.source}: {evidence.detail}" if {
	some at, commit in input.commits
	not at in disclosure.present
	some evidence in commit.evidence
}

# METADATA
# description: |
#   The agent that keys (see people.rego) belong to; undefined when it is none.
agent_of(keys) := min(agents) if {
	agents := {agent | some key in keys; some agent in object.get(_agents, key, set())}
	count(agents) > 0
} else := min({agent.name |
	some key in keys
	startswith(key, "name:")
	some agent in settings.evidence.agents
	some pattern in agent.name_patterns
	regex.match(pattern, trim_prefix(key, "name:"))
})

_agents[key] contains agent.name if {
	some agent in settings.evidence.agents
	some part in ["email", "login", "name"]
	some text in agent[$"{part}s"]
	key := $"{part}:{lower(text)}"
}

_agents_by_signature[person] := agent_of(keys) if some person, keys in people.keys_by_signature

# METADATA
# description: The lines of messages that name a person, as `{key, value}` in lower case, by the commit's index.
person_lines[at] contains line if {
	count(_person_keys) > 0
	some at, text in _texts
	some line in _lines(at, text, _person_keys)
}

_tool_lines[at] contains line if {
	count(_tool_keys) > 0
	some at, text in _texts
	not at in disclosure.present
	some line in _lines(at, text, _tool_keys)
}

# The lines that start with one of the keys, wherever they stand, and the trailers as git unfolds them.
_lines(at, text, keys) := written | unfolded if {
	written := {{"key": key, "value": value} |
		some key in keys
		contains(text, key)
		parts := split(text, key)
		some before, part in array.slice(parts, 1, count(parts))
		startswith(trim_left(part, " \t"), ":")
		_at_line_start(before, trim_right(parts[before], _margin))
		value := trim_space(trim_left(split(part, "\n")[0], " \t:"))
		value != ""
	}
	unfolded := {{"key": key, "value": trim_space(lower(trailer.value))} |
		some trailer in input.commits[at].trailers
		key := lower(trailer.key)
		key in keys
	}
}

# Blanks, quotes and list marks are what mail and squash merges leave before a line.
_margin := " \t>*•+-"

_at_line_start(_, text) if endswith(text, "\n")

_at_line_start(0, "")

# The keys that any message has.
_person_keys contains key if {
	some text in settings.evidence.person_trailers
	key := lower(text)
	contains(_all_texts, key)
}

_tool_keys contains key if {
	some trailer in settings.evidence.trailers
	key := lower(trailer.key)
	contains(_all_texts, key)
}

# The marks that any message may have.
_marks := [mark | some mark in settings.evidence.marks; contains(_all_texts, lower(mark.text))]

_all_texts := concat("\n", _texts)

_texts := [lower(_message(commit)) | some commit in input.commits]

# The subject of a revert quotes another commit.
_message(commit) := commit.body if commit.revert

_message(commit) := $"{commit.subject}\n{commit.body}" if not commit.revert
