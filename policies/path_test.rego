package countersign.path_test

import data.countersign.path
import data.countersign.sample_test as sample

_denied(commit) := _denied_by(sample.scope, commit)

_denied_by(scope, commit) := result if {
	result := path.deny with input as sample.of(commit)
		with data.countersign.settings.scope as scope
		with data.countersign.settings.evidence as sample.evidence
}

_touching(files) := object.union(sample.declaring({}), {"files": files})

test_other_paths_pass if {
	count(_denied(_touching([{"path": "src/secret.go", "status": "M"}]))) == 0
	count(_denied(_touching([]))) == 0
}

test_a_forbidden_path if {
	_denied(_touching([{"path": "src/a.go", "status": "M"}, {"path": "secret/plan", "status": "A"}])) == {{
		"rule": "forbidden-path",
		"commit": sample.plain.sha,
		"path": "secret/plan",
		"msg": "secret/plan must not be changed with AI: people only",
		"fix": "take secret/plan out of this commit, and change it without AI",
	}}
}

test_every_forbidden_path_is_named if {
	violations := _denied(_touching([{"path": "secret/a", "status": "D"}, {"path": "secret/b", "status": "M"}]))
	{violation.path | some violation in violations} == {"secret/a", "secret/b"}
}

test_moving_out_of_a_forbidden_path_touches_it if {
	violations := _denied(_touching([{"path": "src/a", "status": "R", "old_path": "secret/a"}]))
	{violation.path | some violation in violations} == {"secret/a"}
}

test_people_may_touch_it if {
	count(_denied(object.union(sample.plain, {"files": [{"path": "secret/plan", "status": "M"}]}))) == 0
}

test_evidence_is_enough if {
	commit := object.union(sample.plain, {
		"files": [{"path": "secret/plan", "status": "M"}],
		"body": "Assisted-by: something",
	})
	count(_denied(commit)) == 1
}

test_a_scope_without_forbidden_paths if {
	commit := _touching([{"path": "secret/plan", "status": "M"}])
	count(_denied_by(object.remove(sample.scope, ["forbidden_paths"]), commit)) == 0
}
