package countersign.permission_test

import data.countersign.permission

test_more_is_enough if {
	permission.enough("admin", "write")
	permission.enough("Maintainer", "maintain")
	permission.enough("developer", "write")
	permission.enough("owner", "OWNER")
}

test_less_is_not if {
	not permission.enough("read", "triage")
	not permission.enough("reporter", "developer")
}

test_other_words_are_none if {
	not permission.enough("god", "read")
	not permission.enough("admin", "all")
	not permission.known("none")
}
