package countersign.forbid_test

import data.countersign.disclosure
import data.countersign.evidence
import data.countersign.forbid
import data.countersign.sample_test as sample

_forbidding(commit) := object.union(sample.of(commit), {"disclosure_profile": "forbid"})

_denied(document) := result if {
	result := forbid.deny with input as document
		with data.countersign.settings.evidence as sample.evidence
		with data.countersign.settings.scope as sample.scope
}

_marked := object.union(sample.plain, {"body": "Assisted-by: Thing"})

test_declared_use_is_denied if {
	_denied(_forbidding(sample.declaring({}))) == {{
		"rule": "ai-forbidden",
		"commit": sample.plain.sha,
		"msg": "this project takes no contributions made with AI, and the commit declares some",
		"fix": "take the commit out of the change, and do its work without AI",
	}}
}

test_use_that_shows_is_denied if {
	some violation in _denied(_forbidding(_marked))
	violation.msg == concat("", [
		"this project takes no contributions made with AI, and ",
		`"assisted-by: thing" is an assistant's mark`,
	])
}

test_work_of_people_passes if {
	count(_denied(_forbidding(sample.plain))) == 0
}

test_other_profiles_forbid_nothing if {
	count(_denied(sample.of(sample.declaring({})))) == 0
	every profile in ["countersign", "kernel"] {
		count(_denied(object.union(sample.of(_marked), {"disclosure_profile": profile}))) == 0
	}
}

test_an_exception_excuses if {
	exception := {
		"id": "vendored",
		"rules": ["ai-forbidden"],
		"reason": "It came with a library.",
		"approved_by": "Bo Example <bo@example.com>",
		"opened": "2026-03-01T00:00:00Z",
		"expires": "2026-04-01T00:00:00Z",
	}
	count(_denied(sample.excusing(_forbidding(_marked), [exception]))) == 0
}

test_nobody_is_asked_for_a_disclosure_that_is_not_wanted if {
	every commit in [_marked, object.union(sample.plain, {"disclosure": {"model": ["good-model-4.5"]}})] {
		undisclosed := evidence.deny | evidence.warn with input as _forbidding(commit)
			with data.countersign.settings.evidence as sample.evidence
			with data.countersign.settings.scope as sample.scope
		count(undisclosed) == 0
		incomplete := disclosure.deny with input as _forbidding(commit)
			with data.countersign.settings.scope as sample.scope
		count(incomplete) == 0
	}
}
