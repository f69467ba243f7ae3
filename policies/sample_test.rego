# METADATA
# description: What the tests of the pack share; commits, inputs and data that say no more than a test needs.
package countersign.sample_test

author := {"name": "Ann Example", "email": "ann@example.com", "time": "2026-03-02T10:00:00Z"}

# Nothing is wrong with it.
disclosure := {
	"model": ["good-model-4.5"],
	"timestamp": ["2026-03-02T09:30:00Z"],
	"context": ["Wrote the parser's tests from the grammar."],
	"approver": ["Bo Example <bo@example.com>"],
}

# A commit that declares nothing.
plain := {
	"sha": "1111111111111111111111111111111111111111",
	"parents": ["0000000000000000000000000000000000000000"],
	"parent_times": ["2026-03-02T09:00:00Z"],
	"author": author,
	"committer": author,
	"subject": "Test the parser",
	"body": "",
	"trailers": [],
	"files": [{"path": "src/parser.go", "status": "M"}],
	"merge": false,
	"revert": false,
	"fixup": false,
}

# A commit with a disclosure that differs from the good one by `fields`.
declaring(fields) := object.union(plain, {"disclosure": object.union(disclosure, fields)})

# The input with one commit, which is the change's head.
of(commit) := of_all([commit])

of_all(commits) := {
	"schema": "countersign.input/v1",
	"phase": "change",
	"now": "2026-03-02T12:00:00Z",
	"repository": {"host": "example.com", "owner": "team", "name": "app"},
	"change": {
		"base": "0000000000000000000000000000000000000000",
		"head": object.get(commits[count(commits) - 1], "sha", ""),
		"files": [],
	},
	"commits": commits,
	"exceptions": [],
}

excusing(input_document, exceptions) := object.union(input_document, {"exceptions": exceptions})

# The input of a change that Ann opened as @ann, with what the code host says of it.
reviewed(commits, fields) := object.union(of_all(commits), {"change": object.union({"author": "ann"}, fields)})

# An approval of the head by somebody who may merge.
approval(login, fields) := object.union(
	{"login": login, "kind": "user", "state": "approved", "commit": plain.sha, "permission": "write"},
	fields,
)

# The same tiers, where changes with AI use are to be reviewed.
reviewing(review) := object.union(scope, {"tiers": tiers}) if {
	tiers := [object.union(tier, {"review": review}) | some tier in scope.tiers]
}

models := [
	{"name": "Good", "match": ["good-model-*"], "versions": ">=4.5 <6"},
	{"name": "Ending", "match": ["ending-*"], "expires": "2026-03-02"},
	{"name": "Any", "match": ["any-?", "Any-Case"]},
]

forbidden_models := [{"match": ["good-model-5-leaked", "bad-*"], "reason": "it leaks"}]

scope := {
	"tiers": [
		{"name": "low", "required": ["model"], "undisclosed": "warn"},
		{
			"name": "standard",
			"required": ["model", "timestamp", "context", "approver"],
			"context_min_length": 20,
			"timestamp_before_parent_hours": 24,
		},
		{"name": "high", "required": ["model", "approver"], "context_min_length": 60},
	],
	"default": "standard",
	"rules": [
		{"tier": "high", "paths": ["**/auth/**", "*.lock"]},
		{"tier": "low", "paths": ["docs/**"]},
	],
	"forbidden_paths": [{"paths": ["secret/**"], "reason": "people only"}],
}

approvers := {"people": [], "bots": [`\[bot\]`]}

evidence := {
	"agents": [
		{"name": "Agent One", "emails": ["One@Agents.example"], "logins": ["agent-one"], "names": ["agent one"]},
		{"name": "Agent Two", "name_patterns": [`^two \(.+\)$`]},
	],
	"person_trailers": ["Co-authored-by"],
	"trailers": [
		{"key": "Assisted-by", "name": "an assistant's mark"},
		{"key": "made-with", "name": "an editor's mark", "pattern": `\beditor\b`},
	],
	"marks": [
		{"name": "a mark", "text": "Made by Machine"},
		{"name": "a link", "text": "agents.example", "pattern": `https://agents\.example/\d+`},
	],
}

placeholders := {"words": ["todo", "N/A", "work in progress"], "patterns": [`^<[^<>]*>$`]}

# The rules of a set of violations.
rules(violations) := {violation.rule | some violation in violations}
