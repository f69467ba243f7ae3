# METADATA
# description: |
#   A long change is judged in parts. The last one is told what the parts before it had (`input.earlier`), so that the
#   rules about the change as a whole go by all of its commits: groups of them, by index, each of the same people and of
#   the same kind.
package countersign.earlier

import data.countersign.identity
import data.countersign.people

# METADATA
# description: The groups that declare or show AI use.
using_ai contains at if {
	some at, group in input.earlier.makers
	group.ai
}

# METADATA
# description: The groups that declare something.
disclosed contains at if {
	some at, group in input.earlier.makers
	group.disclosed
}

# METADATA
# description: All groups.
groups contains at if some at, _ in input.earlier.makers

# METADATA
# description: The groups that touch one of these paths of the change. Where that is not told, they may.
# scope: document
touching(paths) := {at |
	some at, group in input.earlier.makers
	_touches(group, paths)
}

# METADATA
# description: Those who made a group's commits.
# scope: document
makers[at] contains maker if {
	some at, group in input.earlier.makers
	some role in ["author", "committer"]
	maker := _signers[people.signature(group[role])]
}

makers[at] contains maker if {
	some at, group in input.earlier.makers
	some text in group.co_authors
	maker := _co_authors[text]
}

_signers[person] := identity.known(people.keys_of(person)) if {
	some group in input.earlier.makers
	some role in ["author", "committer"]
	person := people.signature(group[role])
}

_co_authors[text] := identity.known(people.keys(text)) if {
	some group in input.earlier.makers
	some text in group.co_authors
}

_touches(group, _) if not group.paths

_touches(group, some_paths) if {
	some path in group.paths
	path in some_paths
}
