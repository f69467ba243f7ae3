package countersign.finding_test

import data.countersign.finding
import data.countersign.sample_test as sample

_older := object.union(sample.plain, {"sha": "2222222222222222222222222222222222222222"})

_root := object.union(sample.plain, {"sha": "3333333333333333333333333333333333333333", "parents": []})

_input := sample.of_all([_root, _older, sample.plain])

_pending := sample.of(object.remove(sample.plain, ["sha"]))

test_the_head_is_amended if {
	finding.reword(2) == "git commit --amend" with input as _input
	finding.stamp(2, ["model"]) == "countersign stamp --model MODEL HEAD" with input as _input
}

test_an_older_commit_is_rebased if {
	finding.reword(1) == "git rebase -i 222222222222^, mark the commit reword" with input as _input
	stamp := finding.stamp(1, ["model"]) with input as _input
	stamp == "git rebase -i 222222222222^, mark the commit edit, then: countersign stamp --model MODEL HEAD"
}

test_a_root_commit_is_rebased if {
	finding.reword(0) == "git rebase -i --root, mark the commit reword" with input as _input
}

test_a_commit_that_is_being_made_is_edited if {
	finding.reword(0) == "edit the commit message" with input as _pending
	finding.stamp(0, ["model", "ticket"]) == "countersign stamp --model MODEL --field ticket=VALUE" with input as _pending
	finding.about(0, {"rule": "r"}) == {"rule": "r", "commit": ""} with input as _pending
}

test_without_a_change_no_commit_is_the_head if {
	pushed := object.remove(_input, ["change"])
	finding.reword(2) == "git rebase -i 111111111111^, mark the commit reword" with input as pushed
}
