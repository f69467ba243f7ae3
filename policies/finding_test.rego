package countersign.finding_test

import data.countersign.finding
import data.countersign.sample_test as sample

_older := object.union(sample.plain, {"sha": "2222222222222222222222222222222222222222"})

_root := object.union(sample.plain, {"sha": "3333333333333333333333333333333333333333", "parents": []})

_input := sample.of_all([_root, _older, sample.plain])

_pending := sample.of(object.remove(sample.plain, ["sha"]))

test_the_head_is_stamped if {
	expected := "countersign stamp --model MODEL --field ticket=VALUE HEAD"
	finding.stamp(2, ["model", "ticket"]) == expected with input as _input
}

test_an_older_commit_is_stamped_as_a_range if {
	expected := "countersign stamp --timestamp TIME 222222222222~..222222222222"
	finding.stamp(1, ["timestamp"]) == expected with input as _input
}

test_a_root_commit_is_stamped_alone if {
	expected := "countersign stamp --model MODEL 333333333333^!"
	finding.stamp(0, ["model"]) == expected with input as _input
}

test_a_commit_that_is_being_made if {
	expected := "countersign stamp --model MODEL .git/COMMIT_EDITMSG && git commit -eF .git/COMMIT_EDITMSG"
	finding.stamp(0, ["model"]) == expected with input as _pending
	finding.about(0, {"rule": "r"}) == {"rule": "r", "commit": ""} with input as _pending
}

test_without_a_change_no_commit_is_the_head if {
	command := finding.stamp(2, ["model"]) with input as object.remove(_input, ["change"])
	command == "countersign stamp --model MODEL 111111111111~..111111111111"
}
