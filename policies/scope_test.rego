package countersign.scope_test

import data.countersign.sample_test as sample
import data.countersign.scope

_tier(files) := _tier_by(sample.scope, files)

_tier_by(settings, files) := tier if {
	commit := object.union(sample.plain, {"files": files})
	tier := scope.tier[0].name with input as sample.of(commit) with data.countersign.settings.scope as settings
}

_changed(paths) := [{"path": path, "status": "M"} | some path in paths]

test_no_rule_matches if _tier(_changed(["src/parser.go"])) == "standard"

test_all_paths_are_low if _tier(_changed(["docs/a.md", "docs/b/c.md"])) == "low"

test_the_strictest_path_decides if {
	_tier(_changed(["docs/a.md", "src/parser.go"])) == "standard"
	_tier(_changed(["docs/a.md", "src/auth/login.go"])) == "high"
	_tier(_changed(["src/parser.go", "cargo.lock"])) == "high"
}

test_the_first_rule_that_matches_a_path_decides if {
	_tier(_changed(["docs/auth/a.md"])) == "high"
	reversed := object.union(sample.scope, {"rules": array.reverse(sample.scope.rules)})
	_tier_by(reversed, _changed(["docs/auth/a.md"])) == "low"
}

test_a_rename_touches_both_names if {
	_tier([{"path": "docs/a.md", "status": "R", "old_path": "src/auth/a.md"}]) == "high"
	_tier([{"path": "docs/a.md", "status": "C", "old_path": "src/auth/a.md"}]) == "low"
}

test_a_deleted_path_counts if _tier([{"path": "src/auth/a.go", "status": "D"}]) == "high"

test_case_counts_in_paths if _tier(_changed(["Docs/a.md"])) == "standard"

test_no_files if {
	_tier([]) == "standard"
	everywhere := object.union(sample.scope, {"rules": [{"tier": "low"}]})
	_tier_by(everywhere, []) == "low"
	mixed := object.union(sample.scope, {"rules": [{"tier": "high", "paths": ["x"]}, {"tier": "low"}]})
	_tier_by(mixed, []) == "low"
}

test_no_rules if {
	_tier_by(object.union(sample.scope, {"rules": []}), _changed(["docs/a.md"])) == "standard"
}

test_rules_for_repositories if {
	every repository in ["app", "ap?", "team/*", "example.com/team/app", "**"] {
		settings := object.union(sample.scope, {"rules": [{"tier": "high", "repositories": [repository]}]})
		_tier_by(settings, _changed(["docs/a.md"])) == "high"
	}
	every repository in ["application", "other/*", "example.org/team/app", "App"] {
		settings := object.union(sample.scope, {"rules": [{"tier": "high", "repositories": [repository]}]})
		_tier_by(settings, _changed(["docs/a.md"])) == "standard"
	}
}

test_repository_and_path_must_both_match if {
	settings := object.union(sample.scope, {"rules": [{"tier": "low", "repositories": ["app"], "paths": ["docs/**"]}]})
	_tier_by(settings, _changed(["docs/a.md"])) == "low"
	_tier_by(settings, _changed(["src/a.go"])) == "standard"
}

test_a_repository_known_by_name_alone if {
	settings := object.union(sample.scope, {"rules": [{"tier": "high", "repositories": ["app"]}]})
	facts := object.union(sample.of(sample.plain), {"repository": "placeholder"})
	tier := scope.tier[0].name with data.countersign.settings.scope as settings
		with input as object.union(object.remove(facts, ["repository"]), {"repository": {"name": "app"}})
	tier == "high"
}

test_what_a_tier_leaves_out_has_a_default if {
	settings := {"tiers": [{"name": "only"}], "default": "only", "rules": []}
	tier := scope.tier[0] with data.countersign.settings.scope as settings
		with input as sample.of(sample.plain)
	tier == {
		"name": "only",
		"required": [],
		"context_min_length": 0,
		"timestamp_future_minutes": 5,
		"undisclosed": "deny",
	}
}
