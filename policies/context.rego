# METADATA
# description: The declared context says something (data files scope.yaml and placeholders.yaml).
package countersign.context

import data.countersign.disclosure
import data.countersign.finding
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: What is wrong with contexts.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: A placeholder in place of a context.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "context-placeholder",
	"field": "context",
	"msg": $`context "{value}" is a placeholder; say what the model was asked and what it did`,
	"fix": finding.stamp(at, ["context"]),
}) if {
	some [at, value] in disclosure.values.context
	value in _placeholders
}

# METADATA
# description: A context too short to say anything; of several, the longest counts.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "context-short",
	"field": "context",
	"msg": $`context "{longest}" has {length} characters; scope tier "{tier.name}" asks for {tier.context_min_length}`,
	"fix": finding.stamp(at, ["context"]),
}) if {
	some at, lengths in _lengths
	[length, longest] := max(lengths)
	tier := scope.tier[at]
	length < tier.context_min_length
}

_lengths[at] contains [count(trim_space(value)), value] if {
	some [at, value] in disclosure.values.context
	not value in _placeholders
}

_placeholders contains value if {
	some [_, value] in disclosure.values.context
	_says_nothing(trim_space(lower(value)))
}

# Only placeholder words …
_says_nothing(text) if {
	every part in split(text, " ") {
		trim(part, _wrapping) in _words
	}
}

# … or a phrase of them, …
_says_nothing(text) if trim(text, _wrapping) in _words

# … a left-over template …
_says_nothing(text) if regex.match(_pattern, text)

# … or one or two characters over and over.
_says_nothing(text) if trim(text, substring(text, 0, 2)) == ""

_wrapping := " \t.,;:!?…<>[](){}*_-\"'`"

# What is only wrapping says nothing either.
_words := {""} | {lower(word) | some word in settings.placeholders.words}

# The first matches nothing.
_pattern := concat("|", array.concat([`\b\B`], [$"(?:{pattern})" |
	some pattern in settings.placeholders.patterns
	regex.is_valid(pattern)
]))
