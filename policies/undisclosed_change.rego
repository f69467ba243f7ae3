# METADATA
# description: |
#   Evidence of AI use in what the code host knows of the change: its title and description, its labels (data file
#   evidence.yaml, `labels`), and who opened it.
# custom:
#   phases: [change]
package countersign.undisclosed_change

import data.countersign.change
import data.countersign.disclosure
import data.countersign.earlier
import data.countersign.evidence
import data.countersign.people
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: AI use that the change shows and nobody declares.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: AI use that the change shows and none of its commits declares.
# scope: rule
_found contains change.weighed(evidence.usual(scope.change_tier), {
	"rule": "undisclosed-change",
	"msg": $`the change shows AI use, and none of its commits declares any: {concat("; ", sort(_traces))}`,
	"fix": "declare it in the commits that were made with AI: countersign stamp RANGE, or countersign doctor",
}) if {
	input.phase == "change"
	not settings.ai_forbidden
	count(disclosure.present) == 0
	count(earlier.disclosed) == 0
	_whole
	count(_traces) > 0
}

# Long changes are judged in parts; the part with the last commit, which is told of the others, speaks for them.
_whole if count(input.commits) == 0

_whole if {
	some commit in input.commits
	commit.sha == input.change.head
}

_traces contains $`the label "{label}"` if {
	some label in input.change.labels
	lower(label) in {lower(one) | some one in object.get(settings.evidence, "labels", [])}
}

_traces contains $"it was opened by {agent}" if some agent in _agents

_traces contains replace(sign, "in the message", "in the description") if {
	not _quotes
	commit := {
		"sha": "",
		"subject": object.get(input.change, "title", ""),
		"body": object.get(input.change, "body", ""),
		"trailers": [],
		"revert": false,
	}
	found := evidence.traces with input.commits as [commit] # regal ignore:with-outside-test-context
	some sign in found[0]
}

# None or one.
_agents contains evidence.agent_of(people.keys_of({"login": input.change.author}))

# Other bots quote the messages of what they update.
_quotes if {
	input.change.author_kind == "bot"
	count(_agents) == 0
}
