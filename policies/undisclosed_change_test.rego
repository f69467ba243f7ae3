package countersign.undisclosed_change_test

import data.countersign.sample_test as sample
import data.countersign.undisclosed_change

_settings := {
	"rules": {},
	"scope": sample.scope,
	"evidence": object.union(sample.evidence, {"labels": ["AI-made"]}),
}

_found_in(facts) := result if {
	result := undisclosed_change.deny with input as facts with data.countersign.settings as _settings
}

_found(change) := _found_in(sample.reviewed([sample.plain], change))

_signs(change) := {sign |
	some violation in _found(change)
	sign := trim_prefix(violation.msg, "the change shows AI use, and none of its commits declares any: ")
}

test_a_plain_change_passes if {
	count(_found({})) == 0
	count(_found({"title": "Parse", "body": "Why.", "labels": ["bug"], "author_kind": "user"})) == 0
}

test_labels if {
	_found({"labels": ["ai-MADE"]}) == {{
		"rule": "undisclosed-change",
		"msg": `the change shows AI use, and none of its commits declares any: the label "ai-MADE"`,
		"fix": "declare it in the commits that were made with AI: countersign stamp RANGE, or countersign doctor",
	}}
}

test_who_opened_it if {
	_signs({"author": "agent-one", "author_kind": "bot"}) == {"it was opened by Agent One"}
	_signs({"author": "agent-one[bot]"}) == {"it was opened by Agent One"}
}

test_the_description if {
	_signs({"body": "Why.\n\nMade by Machine"}) == {`"Made by Machine" in the description is a mark`}
	_signs({"body": "Co-authored-by: agent one <x@example.com>"}) == {
		`"co-authored-by: agent one <x@example.com>" names Agent One`,
	}
	_signs({"title": "Made by Machine: parse"}) == {`"Made by Machine" in the description is a mark`}
}

test_bots_quote if {
	count(_found({"author": "updater", "author_kind": "bot", "body": "Made by Machine"})) == 0
	count(_found({"author": "agent-one", "author_kind": "bot", "body": "Made by Machine"})) == 1
}

test_one_commit_that_declares_is_enough if {
	count(_found_in(sample.reviewed([sample.declaring({})], {"body": "Made by Machine"}))) == 0
}

test_only_the_part_with_the_last_commit_speaks if {
	change := {"body": "Made by Machine", "head": "2222222222222222222222222222222222222222"}
	count(_found(change)) == 0
	none := object.union(sample.reviewed([sample.plain], {"body": "Made by Machine"}), {"commits": []})
	count(_found_in(none)) == 1
}

test_a_lenient_tier_warns if {
	change := {"body": "Made by Machine", "files": [{"path": "docs/a.md", "status": "M"}]}
	commit := object.union(sample.plain, {"files": change.files})
	facts := sample.reviewed([commit], change)
	count(_found_in(facts)) == 0
	found := undisclosed_change.warn with input as facts with data.countersign.settings as _settings
	sample.rules(found) == {"undisclosed-change"}
}

test_other_phases if {
	facts := sample.reviewed([sample.plain], {"body": "Made by Machine"})
	count(_found_in(object.union(facts, {"phase": "push"}))) == 0
	forbidden := object.union(_settings, {"ai_forbidden": true})
	count(undisclosed_change.deny) == 0 with input as facts with data.countersign.settings as forbidden
}
