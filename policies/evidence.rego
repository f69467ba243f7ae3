# METADATA
# description: |
#   Evidence of AI use (data file evidence.yaml): agents among the author, committer and co-authors, and agents' marks
#   anywhere in the message, since squash merges leave such lines outside the block that git reads trailers from.
package countersign.evidence

import data.countersign.disclosure
import data.countersign.finding
import data.countersign.people
import data.countersign.scope

# The subject of a revert quotes another commit.
_message(commit) := commit.body if commit.revert

_message(commit) := concat("\n", [commit.subject, commit.body]) if not commit.revert

_messages := [_message(commit) | some commit in input.commits]

_lowered := [lower(message) | some message in _messages]

# What is in no message at all need not be looked for in each.
_everything := concat("\n", _lowered)

_agents_of[key] contains agent.name if {
	some agent in data.evidence.agents
	some key in _keys_of_agent(agent)
}

# Made whole at once: asked key by key, the rule above would be evaluated anew for each.
_agents_by_key := {key: min(agents) | some key, agents in _agents_of}

_keys_of_agent(agent) := ({$"email:{lower(email)}" | some email in agent.emails} | {$"login:{lower(login)}" | some login in agent.logins}) | {$"name:{lower(name)}" | some name in agent.names}

_name_patterns := [pattern | some agent in data.evidence.agents; some pattern in agent.name_patterns; regex.is_valid(pattern)]

_any_name_pattern := concat("|", [$"(?:{pattern})" | some pattern in _name_patterns])

# METADATA
# description: The agent that keys (see people.rego) belong to; undefined when it is none.
agent_of(keys) := min(agents) if {
	agents := {_agents_by_key[key] | some key in keys}
	count(agents) > 0
} else := min(_agents_by_name(keys))

_agents_by_name(keys) := {agent.name |
	count(_name_patterns) > 0
	some key in keys
	startswith(key, "name:")
	name := trim_prefix(key, "name:")
	regex.match(_any_name_pattern, name)
	some agent in data.evidence.agents
	some pattern in agent.name_patterns
	regex.match(pattern, name)
}

# --- Lines such as "Co-authored-by: …" --------------------------------------------------------------------------

_keys_in_use := [lower(key) |
	some key in array.concat(data.evidence.person_trailers, [trailer.key | some trailer in data.evidence.trailers])
	contains(_everything, lower(key))
]

_line_expression := $`(?im)^[ \t>*•-]*({concat("|", _keys_in_use)})[ \t]*:[ \t]*(\S.*?)[ \t\r]*$`

# The lines that start with a key of interest, wherever they stand, and the trailers that git unfolded.
_lines[at] contains {"key": lower(found[1]), "value": found[2]} if {
	count(_keys_in_use) > 0
	some at, text in _lowered
	_mentions_key(text)
	some found in regex.find_all_string_submatch_n(_line_expression, _messages[at], -1)
}

_lines[at] contains {"key": lower(trailer.key), "value": trailer.value} if {
	some at, commit in input.commits
	some trailer in commit.trailers
	lower(trailer.key) in _keys_in_use
}

_mentions_key(text) if {
	some key in _keys_in_use
	contains(text, key)
}

_person_trailers := {lower(key) | some key in data.evidence.person_trailers}

# METADATA
# description: The lines of the message at index `at` that name a person, as `{key, value}`.
person_lines(at) := {line | some line in _lines[at]; line.key in _person_trailers}

# --- Traces -----------------------------------------------------------------------------------------------------

# Few people make many commits: each is looked up once.
_agent_by_person := {person: agent |
	some person in {_person(commit[role]) | some commit in input.commits; some role in ["author", "committer"]}
	agent := agent_of(people.keys_of(person))
}

_person(signature) := {"name": signature.name, "email": signature.email}

_agent_by_text := {text: agent |
	some text in {line.value | some lines in _lines; some line in lines; line.key in _person_trailers}
	agent := agent_of(people.keys(text))
}

# METADATA
# description: What shows AI use in the commit at index `at`, in words.
traces[at] contains $"the {role} is {agent}" if {
	count(_agent_by_person) > 0
	some at, commit in input.commits
	some role in ["author", "committer"]
	agent := _agent_by_person[_person(commit[role])]
}

traces[at] contains $`"{line.key}: {line.value}" names {agent}` if {
	some at, lines in _lines
	some line in lines
	line.key in _person_trailers
	agent := _agent_by_text[line.value]
}

traces[at] contains $`"{line.key}: {line.value}" is {trailer.name}` if {
	some at, lines in _lines
	some line in lines
	some trailer in data.evidence.trailers
	lower(trailer.key) == line.key
	regex.match(object.get(trailer, "pattern", ""), lower(line.value))
}

_marks := [mark | some mark in data.evidence.marks; contains(_everything, lower(mark.text))]

traces[at] contains $`"{mark.text}" in the message is {mark.name}` if {
	count(_marks) > 0
	some at, text in _lowered
	some mark in _marks
	contains(text, lower(mark.text))
	regex.match(object.get(mark, "pattern", ""), text)
}

traces[at] contains $"{evidence.source}: {evidence.detail}" if {
	some at, commit in input.commits
	some evidence in commit.evidence
}

# METADATA
# description: The commits (by index) that declare or show AI use.
used contains at if some at in disclosure.present

used contains at if some at, _ in traces

# METADATA
# description: The ids of the commits that declare or show AI use.
ai contains finding.id(at) if some at in used

# METADATA
# description: Evidence of AI use in a commit that declares none.
# entrypoint: true
deny contains _undisclosed(at) if {
	some at, _ in traces
	not at in disclosure.present
	scope.tier[at].undisclosed != "warn"
}

# METADATA
# description: The same, in a tier that only warns.
warn contains _undisclosed(at) if {
	some at, _ in traces
	not at in disclosure.present
	scope.tier[at].undisclosed == "warn"
}

_undisclosed(at) := finding.about(at, {
	"rule": "undisclosed-ai",
	"msg": $`AI use without a disclosure: {concat("; ", sort(traces[at]))}`,
	"fix": finding.stamp(at, scope.tier[at].required),
})
