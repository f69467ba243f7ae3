package countersign.evidence_test

import data.countersign.evidence
import data.countersign.people
import data.countersign.sample_test as sample

_denied(fields) := result if {
	result := evidence.deny with input as sample.of(object.union(sample.plain, fields))
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as sample.scope
}

_traces(fields) := result if {
	result := evidence.traces[0] with input as sample.of(object.union(sample.plain, fields))
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as sample.scope
} else := set()

_agent := {"name": "Agent One", "email": "one@agents.example", "time": "2026-03-02T10:00:00Z"}

test_work_of_people_passes if {
	count(_denied({})) == 0
	count(_denied({"body": "Co-authored-by: Bo Example <bo@example.com>"})) == 0
}

test_what_is_said_and_how_to_mend_it if {
	_denied({"author": _agent, "body": "Assisted-by: Thing"}) == {{
		"rule": "undisclosed-ai",
		"commit": sample.plain.sha,
		"msg": `AI use without a disclosure: "assisted-by: thing" is an assistant's mark; the author is Agent One`,
		"fix": concat("", [
			"countersign stamp --model MODEL --timestamp TIME",
			` --context "WHAT THE MODEL DID" --approver "NAME <EMAIL>" HEAD`,
		]),
	}}
}

test_agents_as_author_or_committer if {
	every person in [
		{"name": "x", "email": "ONE@agents.EXAMPLE"},
		{"name": "agent-one[bot]", "email": "x@example.com"},
		{"name": "x", "email": "7+agent-one[bot]@users.noreply.github.com"},
		{"name": "AGENT  One", "email": "x@example.com"},
	] {
		_traces({"author": person}) == {"the author is Agent One"}
		_traces({"committer": person}) == {"the committer is Agent One"}
	}
	_traces({"author": {"name": "Two (v3)", "email": "x@example.com"}}) == {"the author is Agent Two"}
}

test_people_with_names_like_agents_pass if {
	every person in [
		{"name": "Agent Onesky", "email": "x@example.com"},
		{"name": "One", "email": "one@example.com"},
		{"name": "Two", "email": "two@example.com"},
		{"name": "helper[bot]", "email": "helper@example.com"},
	] {
		_traces({"author": person}) == set()
	}
}

test_co_authors_anywhere_in_the_message if {
	expected := {`"co-authored-by: agent one <one@agents.example>" names Agent One`}
	every body in [
		"Why.\n\nCo-authored-by: Agent One <one@agents.example>\n",
		"Co-authored-by: Agent One <one@agents.example>\n\nMore prose.\n\nSigned-off-by: Ann <ann@example.com>",
		"* Fix it\n\n  CO-AUTHORED-BY : Agent One <one@agents.example>  \r\n\r\n* More",
		"no blank line before\nCo-authored-by: Agent One <one@agents.example>\n<details>html</details>",
		"> Co-authored-by: Agent One <one@agents.example>",
		"- Co-authored-by:Agent One <one@agents.example>",
	] {
		_traces({"body": body}) == expected
	}
	_traces({"subject": "Co-authored-by: Agent One <one@agents.example>"}) == expected
}

test_trailers_that_git_unfolded if {
	_traces({
		"body": "Co-authored-by: Someone\n <one@agents.example>",
		"trailers": [{"key": "Co-authored-by", "value": "Someone <one@agents.example>"}],
	}) == {`"co-authored-by: someone <one@agents.example>" names Agent One`}
}

test_prose_about_trailers_passes if {
	every body in [
		"We now read Co-authored-by: Agent One <one@agents.example>",
		"co-authored-by Agent One",
		"Xco-authored-by: Agent One <one@agents.example>",
		"Assisted-by:",
	] {
		_traces({"body": body}) == set()
	}
}

test_keys_that_are_evidence_by_themselves if {
	_traces({"body": "assisted-BY: anything"}) == {`"assisted-by: anything" is an assistant's mark`}
	_traces({"trailers": [{"key": "Assisted-by", "value": "X"}], "body": "Assisted-by: X"}) == {
		`"assisted-by: x" is an assistant's mark`,
	}
}

test_keys_that_need_a_value if {
	_traces({"body": "Made-with: an Editor"}) == {`"made-with: an editor" is an editor's mark`}
	_traces({"body": "Made-with: love"}) == set()
}

test_marks_in_the_text if {
	_traces({"body": "x 🤖 MADE by machine y"}) == {`"Made by Machine" in the message is a mark`}
	_traces({"subject": "Made by Machine"}) == {`"Made by Machine" in the message is a mark`}
	_traces({"body": "see https://agents.example/42"}) == {`"agents.example" in the message is a link`}
	_traces({"body": "see https://agents.example/about"}) == set()
}

test_a_reverts_subject_quotes_another_commit if {
	_traces({"subject": `Revert "Made by Machine"`, "revert": true}) == set()
	_traces({"subject": `Revert "x"`, "body": "Made by Machine", "revert": true}) != set()
}

test_evidence_from_outside_the_message if {
	_traces({"evidence": [{"source": "git notes", "detail": "3 lines by a model"}]}) == {"git notes: 3 lines by a model"}
	_traces({"evidence": []}) == set()
}

test_a_disclosure_answers_all_evidence if {
	count(_denied(object.union({"disclosure": sample.disclosure}, {
		"author": _agent,
		"committer": _agent,
		"body": "Assisted-by: X\nMade by Machine\nCo-authored-by: Agent One <one@agents.example>",
		"evidence": [{"source": "a", "detail": "b"}],
	}))) == 0
}

test_a_disclosure_needs_no_evidence if count(_denied({"disclosure": sample.disclosure})) == 0

test_an_empty_disclosure_declares_nothing if count(_denied({"author": _agent, "disclosure": {}})) == 1

test_merges_and_fixups_are_judged_for_evidence if {
	every kind in ["merge", "fixup"] {
		count(_denied({kind: true})) == 0
		count(_denied({kind: true, "body": "Assisted-by: X"})) == 1
	}
}

test_a_tier_may_only_warn if {
	fields := {"author": _agent, "files": [{"path": "docs/a.md", "status": "M"}]}
	count(_denied(fields)) == 0
	warned := evidence.warn with input as sample.of(object.union(sample.plain, fields))
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as sample.scope
	sample.rules(warned) == {"undisclosed-ai"}
	strict := evidence.warn with input as sample.of(object.union(sample.plain, {"author": _agent}))
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as sample.scope
	count(strict) == 0
}

test_a_tier_that_says_neither_denies if {
	tier := {"name": "only", "required": [], "undisclosed": "wran"}
	denied := evidence.deny with input as sample.of(object.union(sample.plain, {"author": _agent}))
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as {"tiers": [tier], "default": "only", "rules": []}
	sample.rules(denied) == {"undisclosed-ai"}
}

test_ai_are_the_commits_that_declare_or_show_it if {
	commits := [
		sample.plain,
		object.union(sample.declaring({}), {"sha": "2222222222222222222222222222222222222222"}),
		object.union(sample.plain, {"sha": "3333333333333333333333333333333333333333", "author": _agent}),
	]
	ai := evidence.ai with input as sample.of_all(commits)
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as sample.scope
	ai == {"2222222222222222222222222222222222222222", "3333333333333333333333333333333333333333"}
}

test_ai_of_a_commit_that_is_being_made if {
	ai := evidence.ai with input as sample.of(object.remove(sample.declaring({}), ["sha"]))
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as sample.scope
	ai == {""}
}

test_agents_who_share_a_key_have_one_name if {
	twice := {
		"agents": [{"name": "B", "emails": ["x@example.com"]}, {"name": "A", "emails": ["x@example.com"]}],
		"person_trailers": [],
		"trailers": [],
		"marks": [],
	}
	evidence.agent_of(people.keys("x@example.com")) == "A" with data.countersign.settings.evidence as twice
}
