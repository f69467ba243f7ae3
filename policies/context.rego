# METADATA
# description: The declared context says something (data files scope.yaml, placeholders.yaml).
package countersign.context

import data.countersign.disclosure
import data.countersign.finding
import data.countersign.scope

_given contains [at, value] if {
	some at in disclosure.present
	some value in input.commits[at].disclosure.context
	not disclosure.blank(value)
}

_wrapping := " \t.,;:!?…<>[](){}*_-\"'`"

_words := {lower(word) | some word in data.placeholders.words}

_pattern := concat("|", [$"(?:{pattern})" | some pattern in data.placeholders.patterns; regex.is_valid(pattern)])

# METADATA
# description: Whether a text only stands in for one, being placeholder words, a left-over template or one character repeated.
placeholder(value) if {
	every part in split(lower(value), " ") {
		_says_nothing(trim(part, _wrapping))
	}
}

placeholder(value) if trim(lower(value), _wrapping) in _words

placeholder(value) if {
	_pattern != ""
	regex.match(_pattern, lower(trim_space(value)))
}

placeholder(value) if trim(value, substring(value, 0, 2)) == ""

_says_nothing("")

_says_nothing(word) if word in _words

_placeholders := {value | some [_, value] in _given; placeholder(value)}

# METADATA
# description: A placeholder in place of a context.
# entrypoint: true
deny contains finding.about(at, {
	"rule": "context-placeholder",
	"field": "context",
	"msg": $`context "{value}" is a placeholder; say what the model was asked and what it did`,
	"fix": $"describe the AI's part: {finding.reword(at)}",
}) if {
	some [at, value] in _given
	value in _placeholders
}

# METADATA
# description: A context too short to say anything; with several, the longest counts.
deny contains finding.about(at, {
	"rule": "context-short",
	"field": "context",
	"msg": $`context "{longest}" has {length} characters; scope tier "{tier.name}" asks for {tier.context_min_length}`,
	"fix": $"describe the AI's part: {finding.reword(at)}",
}) if {
	some at in disclosure.present
	values := [[count(trim_space(value)), trim_space(value)] | some value in input.commits[at].disclosure.context; not disclosure.blank(value); not value in _placeholders]
	[length, longest] := max(values)
	tier := scope.tier[at]
	length < tier.context_min_length
}
