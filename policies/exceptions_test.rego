package countersign.exceptions_test

import data.countersign.disclosure
import data.countersign.exceptions
import data.countersign.sample_test as sample

_exception := {
	"id": "allowed",
	"rules": ["required-field"],
	"reason": "For a test.",
	"approved_by": "Bo Example <bo@example.com>",
	"opened": "2026-03-01T00:00:00Z",
	"expires": "2026-03-03T00:00:00Z",
}

# A commit with one violation of a rule; required-field.
_commit := sample.declaring({"approver": []})

_excused(fields) if _excused_of(_commit, fields)

_excused_of(commit, fields) if {
	denied := disclosure.deny with data.countersign.settings.scope as sample.scope
		with input as sample.excusing(sample.of(commit), [object.union(_exception, fields)])
	count(denied) == 0
}

_warned(fields) := result if {
	result := exceptions.warn with input as sample.excusing(sample.of(_commit), [object.union(_exception, fields)])
}

test_without_exceptions_nothing_is_excused if {
	denied := disclosure.deny with data.countersign.settings.scope as sample.scope with input as sample.of(_commit)
	count(denied) == 1
}

test_a_valid_exception_is_honoured_silently if {
	_excused({})
	count(_warned({})) == 0
}

test_only_the_rules_it_names if {
	not _excused({"rules": ["approved-model"]})
	not _excused({"rules": ["*"]})
	not _excused({"rules": ["Required-Field"]})
	_excused({"rules": ["approved-model", "required-field"]})
}

test_an_exception_without_rules_excuses_nothing if {
	not _excused({"rules": []})
	denied := disclosure.deny with data.countersign.settings.scope as sample.scope
		with input as sample.excusing(sample.of(_commit), [object.remove(_exception, ["rules"])])
	count(denied) == 1
	_warned({"rules": []}) == {{
		"rule": "exception-invalid",
		"path": ".countersign/exceptions/allowed.yaml",
		"msg": `exception "allowed" is ignored: it names no rules`,
		"fix": "correct or delete .countersign/exceptions/allowed.yaml",
	}}
}

test_it_expires_at_the_moment_it_says if {
	_excused({"expires": "2026-03-02T12:00:01Z"})
	not _excused({"expires": "2026-03-02T12:00:00Z"})
	not _excused({"expires": "2026-03-02T13:00:00+02:00"})
	_warned({"expires": "2026-03-02T12:00:00Z"}) == {{
		"rule": "exception-expired",
		"path": ".countersign/exceptions/allowed.yaml",
		"msg": `exception "allowed" expired on 2026-03-02T12:00:00Z and is ignored`,
		"fix": "delete .countersign/exceptions/allowed.yaml, or have it approved anew with a later expiry",
	}}
}

test_it_begins_at_the_moment_it_says if {
	_excused({"opened": "2026-03-02T12:00:00Z"})
	not _excused({"opened": "2026-03-02T12:00:01Z"})
	_warned({"opened": "2026-03-02T12:00:01Z"}) == {{
		"rule": "exception-pending",
		"path": ".countersign/exceptions/allowed.yaml",
		"msg": `exception "allowed" begins on 2026-03-02T12:00:01Z and is ignored until then`,
		"fix": "wait, or correct the opening time in .countersign/exceptions/allowed.yaml",
	}}
}

test_what_is_closed_excuses_nothing_and_is_silent if {
	closed := {"closed": {"at": "2026-03-02T00:00:00Z", "note": "Settled."}}
	not _excused(closed)
	every fields in [{}, {"expires": "2026-03-02T00:00:00Z"}, {"opened": "2026-03-02T13:00:00Z"}] {
		count(_warned(object.union(closed, fields))) == 0
	}
}

test_what_lacks_a_part_is_ignored_with_a_warning if {
	every fields in [
		{"reason": " "},
		{"approved_by": ""},
		{"opened": "soon"},
		{"expires": "never"},
		{"commits": ["111111"]},
		{"commits": ["main"]},
	] {
		not _excused(fields)
		sample.rules(_warned(fields)) == {"exception-invalid"}
	}
	some violation in _warned({"reason": "", "expires": "never", "commits": ["main"]})
	violation.msg == concat("; ", [
		`exception "allowed" is ignored: "expires" is not a time`,
		`"main" is not a commit id of at least 7 digits`,
		`"reason" is missing`,
	])
}

test_the_commits_it_names if {
	_excused({"commits": [sample.plain.sha]})
	_excused({"commits": ["1111111"]})
	_excused({"commits": ["2222222", "11111111111"]})
	not _excused({"commits": ["2222222"]})
	not _excused({"commits": ["11111112"]})
	not _excused({"commits": []})
}

test_commit_ids_have_no_case if {
	commit := object.union(_commit, {"sha": "abcdef0123456789abcdef0123456789abcdef01"})
	_excused_of(commit, {"commits": ["ABCDEF012"]})
}

test_a_commit_that_is_being_made_has_no_id if {
	pending := object.remove(_commit, ["sha"])
	_excused_of(pending, {})
	not _excused_of(pending, {"commits": ["1111111"]})
}

test_the_paths_it_names_must_cover_the_commit if {
	_excused({"paths": ["src/**"]})
	not _excused({"paths": ["docs/**"]})
	not _excused({"paths": []})
	more := object.union(_commit, {"files": [{"path": "src/a", "status": "M"}, {"path": "lib/b", "status": "M"}]})
	not _excused_of(more, {"paths": ["src/**"]})
	_excused_of(more, {"paths": ["src/**", "lib/**"]})
	not _excused_of(object.union(_commit, {"files": []}), {"paths": ["**"]})
}

test_a_rename_must_be_covered_at_both_ends if {
	renamed := object.union(_commit, {"files": [{"path": "src/a", "status": "R", "old_path": "lib/a"}]})
	not _excused_of(renamed, {"paths": ["src/**"]})
	_excused_of(renamed, {"paths": ["src/**", "lib/**"]})
}

test_a_violation_of_a_path_needs_only_that_path if {
	facts := sample.excusing(sample.of(_commit), [object.union(_exception, {"rules": ["r"], "paths": ["secret/**"]})])
	violation := {"rule": "r", "commit": sample.plain.sha}
	exceptions.excused(0, object.union(violation, {"path": "secret/plan"})) with input as facts
	not exceptions.excused(0, object.union(violation, {"path": "src/parser.go"})) with input as facts
}

test_commits_and_paths_must_both_match if {
	_excused({"commits": ["1111111"], "paths": ["src/**"]})
	not _excused({"commits": ["1111111"], "paths": ["docs/**"]})
	not _excused({"commits": ["2222222"], "paths": ["src/**"]})
}
