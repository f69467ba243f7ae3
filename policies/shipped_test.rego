# METADATA
# description: The data files as they ship. Each test judges all its cases in one input, as the gate would.
package countersign.shipped_test

import data.countersign.approver
import data.countersign.context
import data.countersign.disclosure
import data.countersign.emergency
import data.countersign.evidence
import data.countersign.facts
import data.countersign.model
import data.countersign.owners
import data.countersign.path
import data.countersign.people
import data.countersign.review
import data.countersign.sample_test as sample
import data.countersign.setup
import data.countersign.timestamp
import data.countersign.undisclosed_change

# What the rules find in each case: a case is what a commit differs in from `base`; the answer has their names, by case.
_found(base, cases) := [names |
	some at, _ in cases
	names := {violation.rule | some violation in denied; violation.commit == _id(at)}
] if {
	commits := [object.union_n([base, {"sha": _id(at)}, case]) | some at, case in cases]
	facts := object.union(sample.of_all(commits), {"now": "2026-11-22T12:00:00Z"})

	denied := _denied with input as facts
		with data.approved_models as _files.approved_models
		with data.approvers as _files.approvers
		with data.evidence as _files.evidence
		with data.placeholders as _files.placeholders
		with data.scope as _files.scope
		with data.rules as _files.rules
}

_id(at) := $"{1000000 + at}"

_denied := union({
	approver.deny, context.deny, disclosure.deny, evidence.deny,
	model.deny, path.deny, setup.deny, timestamp.deny,
})

# A file's content: at the root of `data` or, where `opa test` is given the pack's folder, below `data.data`.
_files["approved_models"] := content if {
	some content in ({x | x := data.approved_models} | {x | x := data.data.approved_models})
}

_files["approvers"] := content if some content in ({x | x := data.approvers} | {x | x := data.data.approvers})
_files["evidence"] := content if some content in ({x | x := data.evidence} | {x | x := data.data.evidence})
_files["placeholders"] := content if some content in ({x | x := data.placeholders} | {x | x := data.data.placeholders})
_files["rules"] := content if some content in ({x | x := data.rules} | {x | x := data.data.rules})
_files["scope"] := content if some content in ({x | x := data.scope} | {x | x := data.data.scope})

# A commit with a whole disclosure, as far as the shipped data asks for one.
_declaring := object.union(
	sample.declaring({"model": ["claude-opus-4-6"], "timestamp": ["2026-11-20T10:00:00Z"]}),
	{"parent_times": ["2026-11-19T10:00:00Z"]},
)

_cases_of(field, values) := [{"disclosure": {field: [value]}} | some value in values]

# Whether all cases, of which there must be some, have just these violations.
_all_have(found, names) if {
	count(found) > 0
	every each in found {
		each == names
	}
}

test_the_data_makes_sense if _all_have(_found(sample.plain, [{}]), set())

test_disclosures if {
	_found(_declaring, [{}, {"disclosure": {"approver": []}}]) == [set(), {"required-field"}]
}

test_models_in_use_pass if {
	cases := _cases_of("model", [
		"claude-opus-4-5-20251101",
		"Claude Opus 4.8",
		"claude-sonnet-4.6",
		"claude-haiku-4-5",
		"anthropic/claude-fable-5",
		"gpt-5.6-sol",
		"gpt-6.1-terra",
		"gpt-5",
		"gpt-5-mini-2025-08-07",
		"gpt-5.1",
		"gpt-4o-2024-08-06",
		"gpt-4.1-mini",
		"gemini-3.8-flash",
		"gemini-2.5-pro",
	])
	_all_have(_found(_declaring, cases), set())
}

test_models_whose_time_is_over if {
	late := object.union(_declaring, {"disclosure": {"timestamp": ["2026-12-11T00:00:00Z"]}})
	found := _found(late, [{"disclosure": {"model": [name]}} | some name in ["gpt-5", "gemini-2.5-flash"]])
	_all_have(found, {"model-expired", "timestamp-future"})
}

test_retired_models_are_forbidden if {
	cases := _cases_of("model", [
		"claude-3-7-sonnet-20250219",
		"claude-2.1",
		"claude-opus-4-20250514",
		"gpt-4",
		"gpt-4-0613",
		"gpt-3.5-turbo",
		"o1-mini",
		"gemini-2.0-flash",
	])
	_all_have(_found(_declaring, cases), {"forbidden-model"})
}

test_other_models_are_not_approved if {
	cases := _cases_of("model", ["claude-opus-4-1", "my-own-model"])
	_found(_declaring, cases) == [{"model-version"}, {"approved-model"}]
}

test_strict_and_lenient_paths if {
	_found(_declaring, [
		{"files": [{"path": "docs/a.md", "status": "M"}], "disclosure": {"timestamp": [], "context": []}},
		{"files": [{"path": "src/auth/a.ts", "status": "M"}], "disclosure": {"context": ["Wrote the login's form."]}},
		{"files": [{"path": ".countersign/data/approvers.yaml", "status": "M"}]},
		{"files": [{"path": "certificates/server.pem", "status": "D"}]},
	]) == [set(), {"context-short"}, {"forbidden-path"}, {"forbidden-path"}]
}

test_contexts_that_say_nothing if {
	cases := _cases_of("context", [
		"TODO",
		"n/a",
		"Work in progress",
		"AI code update, misc. changes",
		"<what the model did and why>",
		"WHAT THE MODEL DID",
		"Uses {{context}} from the template",
		"Your description here",
	])
	_all_have(_found(_declaring, cases), {"context-placeholder"})
}

test_bots_are_no_approvers if {
	cases := _cases_of("approver", [
		"GitHub <noreply@github.com>",
		"dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>",
		"@copilot",
		"Claude <noreply@anthropic.com>",
		"Release Bot <release@example.com>",
	])
	_all_have(_found(_declaring, cases), {"approver-human"})
	_all_have(_found(_declaring, _cases_of("approver", ["Abbot Example <abbot@example.com>"])), set())
}

test_agents_among_the_authors if {
	cases := [{"author": {"name": "x", "email": email}} |
		some email in [
			"noreply@anthropic.com",
			"198982749+Copilot@users.noreply.github.com",
			"1+copilot-swe-agent[bot]@users.noreply.github.com",
			"cursoragent@cursor.com",
			"161369871+google-labs-jules[bot]@users.noreply.github.com",
			"158243242+devin-ai-integration[bot]@users.noreply.github.com",
			"openhands@all-hands.dev",
		]
	]
	named := {"author": {"name": "Ann Example (aider)", "email": "ann@example.com"}}
	_all_have(_found(sample.plain, array.concat(cases, [named])), {"undisclosed-ai"})
}

test_agents_among_the_co_authors if {
	cases := [{"body": $"Why.\n\nCo-Authored-By: {person}\n\n---------\n\nMore."} |
		some person in [
			"Claude <noreply@anthropic.com>",
			"Claude Opus 4.6 (1M context) <ann@example.com>",
			"GitHub Copilot <copilot@github.com>",
			"Cursor <cursoragent@cursor.com>",
			"aider (gpt-5) <noreply@aider.chat>",
			"Codex <noreply@openai.com>",
			"GPT-5.3-Codex <x@example.com>",
			"gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@users.noreply.github.com>",
			"Amp <amp@ampcode.com>",
			"opencode <noreply@opencode.ai>",
			"Crush <crush@charm.land>",
			"factory-droid[bot] <138933559+factory-droid[bot]@users.noreply.github.com>",
			"Junie <junie@jetbrains.com>",
			"Qwen-Coder <qwen-coder@alibabacloud.com>",
			"Cline <noreply@cline.bot>",
			"Warp <agent@warp.dev>",
			"Amazon Q Developer <208079219+amazon-q-developer[bot]@users.noreply.github.com>",
		]
	]
	_all_have(_found(sample.plain, cases), {"undisclosed-ai"})
}

test_marks_of_agents if {
	cases := [{"body": $"* Fix it\n\n{line}\n\n* Fix it again"} |
		some line in [
			"🤖 Generated with [Claude Code](https://claude.com/claude-code)",
			"Generated with Claude Code",
			"💘 Generated with Crush",
			"Generated with [Devin](https://devin.ai)",
			"Assisted-by: Claude:claude-opus-4-6 coccinelle",
			"Generated-by: some tool 1.0",
			"Made-with: Cursor",
			"Made with [Cursor](https://cursor.com)",
			"Amp-Thread-ID: https://ampcode.com/threads/T-1",
			"AI-Model: claude-opus-4-6",
		]
	]
	_all_have(_found(sample.plain, cases), {"undisclosed-ai"})
}

test_people_and_other_bots_are_no_agents if {
	cases := [{"body": $"Co-authored-by: {person}"} |
		some person in [
			"Claude Martin <claude.martin@example.com>",
			"Claude <claude@example.com>",
			"Devin Example <devin@example.com>",
			"Gemini Example <gemini@example.com>",
			"Jules Verne <jules@example.com>",
			"dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>",
			"renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>",
			"github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>",
		]
	]
	_all_have(_found(sample.plain, cases), set())
}

test_prose_is_no_mark if {
	cases := [{"subject": line, "body": line} |
		some line in [
			"This file is generated with protoc.",
			"Explain how to run Claude Code in CI",
			"The docs are generated by mkdocs, reviewed by Ann.",
			"Made with love",
			"cursor: pointer was missing",
			"Generated with a script",
		]
	]
	_all_have(_found(sample.plain, cases), set())
}

test_logins_of_agents_are_written_as_people_are_read if {
	every agent in _files.evidence.agents {
		every login in agent.logins {
			people.keys($"@{login}") == {$"login:{login}"}
		}
	}
}

_emergency := {
	"labels": ["emergency"],
	"files": [{"path": ".countersign/exceptions/emergency-x.yaml", "status": "A"}],
}

# What is found in a change that Ann opened as @ann.
_found_in_change(change) := {"deny": sample.rules(found.deny), "warn": sample.rules(found.warn)} if {
	commit := object.union(_declaring, {"sha": sample.plain.sha})
	facts_given := object.union(sample.reviewed([commit], change), {"now": "2026-11-22T12:00:00Z"})

	found := _of_change with input as facts_given
		with data.approvers as _files.approvers
		with data.evidence as _files.evidence
		with data.scope as _files.scope
		with data.rules as _files.rules
}

_of_change := {
	"deny": union({review.deny, facts.deny, owners.deny, undisclosed_change.deny}),
	"warn": (emergency.warn | review.warn),
}

test_a_change_with_ai_use_needs_someone_else_who_may_merge if {
	nothing := {"deny": set(), "warn": set()}
	_found_in_change({}) == nothing
	_found_in_change({"approvals": [sample.approval("bo", {})]}) == nothing
	_found_in_change({"approvals": []}) == {"deny": {"review-approval"}, "warn": set()}
	reader := sample.approval("bo", {"permission": "read"})
	_found_in_change({"approvals": [reader]}) == {"deny": {"review-authority"}, "warn": set()}
	docs := {"approvals": [], "files": [{"path": "docs/a.md", "status": "M"}]}
	_found_in_change(docs) == {"deny": {"review-approval"}, "warn": set()}
}

test_policies_have_owners if {
	files := [{"path": ".countersign/config.yaml", "status": "M"}, {"path": ".github/CODEOWNERS", "status": "M"}]
	writer := {"approvals": [sample.approval("bo", {})], "files": files}
	_found_in_change(writer) == {"deny": {"policy-owner"}, "warn": set()}
	maintainer := {"approvals": [sample.approval("bo", {"permission": "maintain"})], "files": files}
	_found_in_change(maintainer) == {"deny": set(), "warn": set()}
}

test_an_emergency if {
	found := _found_in_change(object.union(_emergency, {"approvals": []}))
	found == {"deny": set(), "warn": {"emergency", "review-approval"}}
}

test_labels_of_ai_use if {
	facts_given := sample.reviewed([sample.plain], {"labels": ["AI-assisted"]})
	found := undisclosed_change.deny with input as facts_given
		with data.evidence as _files.evidence
		with data.scope as _files.scope
		with data.rules as _files.rules
	sample.rules(found) == {"undisclosed-change"}
}

test_tiers_are_ordered if [tier.name | some tier in _files.scope.tiers] == ["low", "standard", "high"]
