package countersign.context_test

import data.countersign.context
import data.countersign.sample_test as sample

_denied(values) := result if {
	result := context.deny with input as sample.of(sample.declaring({"context": values}))
		with data.countersign.settings.scope as sample.scope
		with data.countersign.settings.placeholders as sample.placeholders
}

_rules(value) := sample.rules(_denied([value]))

test_a_sentence_passes if {
	_rules("Wrote the parser's tests from the grammar.") == set()
	_rules("TODO list for the parser, sorted by the model") == set()
}

test_placeholders if {
	every value in [
		"todo",
		"TODO",
		"Todo: TODO!",
		"  n/a  ",
		"(N/A)",
		"Work in progress …",
		"work in progress",
		"<describe what the model did>",
		"....................",
		"xxxxxxxxxxxxxxxxxxxxxxxx",
		"ababababababababababababab",
		"- - - - - - - - - - - - - -",
	] {
		_rules(value) == {"context-placeholder"}
	}
}

test_what_is_said_of_a_placeholder if {
	_denied(["TODO"]) == {{
		"rule": "context-placeholder",
		"commit": sample.plain.sha,
		"field": "context",
		"msg": `context "TODO" is a placeholder; say what the model was asked and what it did`,
		"fix": `countersign stamp --context "WHAT THE MODEL DID" HEAD`,
	}}
}

test_the_least_length if {
	_rules("12345678901234567890") == set()
	_rules("1234567890123456789") == {"context-short"}
	_rules("  1234567890123456789  ") == {"context-short"}
}

test_characters_count_not_bytes if {
	_rules("größere Prüfung 日本語で") == set()
	_rules("日本語日本語日本国語") == {"context-short"}
}

test_the_longest_of_several_counts if {
	count(_denied(["too short", "Wrote the parser's tests."])) == 0
	violations := _denied(["short", "still short"])
	messages := {violation.msg | some violation in violations}
	messages == {`context "still short" has 11 characters; scope tier "standard" asks for 20`}
}

test_a_placeholder_beside_a_context_is_still_denied if {
	sample.rules(_denied(["TODO", "Wrote the parser's tests."])) == {"context-placeholder"}
	sample.rules(_denied(["TODO", "short"])) == {"context-placeholder", "context-short"}
}

test_no_context_is_not_a_short_one if {
	count(_denied([])) == 0
	count(_denied(["  "])) == 0
}

test_without_patterns if {
	commit := sample.declaring({"context": ["<some words that are long enough>"]})
	violations := context.deny with input as sample.of(commit)
		with data.countersign.settings.scope as sample.scope
		with data.countersign.settings.placeholders as {"words": ["todo"]}
	count(violations) == 0
}
