# METADATA
# description: |
#   What judges is changed only with the approval of its owners (data file rules.yaml, `policy_owners`; else
#   CODEOWNERS), and its tests pass.
# custom:
#   phases: [change, push]
package countersign.owners

import data.countersign.change
import data.countersign.earlier
import data.countersign.emergency
import data.countersign.globs
import data.countersign.identity
import data.countersign.people
import data.countersign.permission
import data.countersign.reviewers
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: What is wrong with changes of the policies.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: A change of policies, their data, exceptions or settings that no owner approved.
# scope: rule
_found contains change.weighed("deny", object.union(_only(unapproved), {
	"rule": "policy-owner",
	"msg": $"{_listed(unapproved)} may be changed only with the approval of {who}, who did not make the change",
	"fix": $"have {who} approve the change as it is now at the code host",
})) if {
	input.change.approvals
	some who, unapproved in _unapproved
	not undecided
}

# METADATA
# description: Changed policies whose own tests fail.
# scope: rule
_found contains change.weighed("deny", {
	"rule": "policy-tests",
	"msg": $"the changed policies do not pass their tests: {concat("; ", array.concat(_failed, tests.errors))}",
	"fix": "run: countersign test .countersign/policies",
}) if {
	tests := object.union({"failed": 0, "errors": []}, input.change.policy_change.tests)
	tests.failed + count(tests.errors) > 0
}

# METADATA
# description: The changed files that need an owner's approval.
paths contains path if {
	change.asked
	count(_globs) > 0
	some path in _changed
	not path in emergency.urgent
}

_changed := {path | some path in input.change.policy_change.files} | {path |
	possible := globs.possible(_globs, concat("\n", scope.change_paths))
	count(possible) > 0
	expression := globs.expression(possible)
	some path in scope.change_paths
	regex.match(expression, path)
}

# METADATA
# description: Nobody is known to own a file, and of someone who approved it is not known what they may do.
undecided if {
	some path in union({unapproved | some unapproved in _unapproved})
	_owners[path].permission
	some at in _counting
	not input.change.approvals[at].permission
}

_settings := object.get(settings.rules, "policy_owners", {})

_globs := object.get(_settings, "paths", [])

_failed := [$"{failed} failed" | failed := input.change.policy_change.tests.failed; failed > 0]

# The paths that nobody approved who might, by who might.
_unapproved[who] contains path if {
	some path in paths
	who := _owners[path].words
	count({at | some at in _counting; _owns(at, _owners[path])}) == 0
}

# Whoever changed these very files does not approve of it.
_counting contains at if {
	some at in reviewers.approved
	reviewers.binding(at) == "head"
	not reviewers.machine(at)
	not reviewers.opened(at)
	not reviewers.made_some(at, _makers)
	not reviewers.made_earlier(at, _earlier_makers)
}

_makers contains at if {
	some at, touched in scope.paths
	count(touched & paths) > 0
}

_earlier_makers := earlier.touching(paths)

_people := object.get(_settings, "people", [])

_teams := object.get(_settings, "teams", [])

_permission := object.get(_settings, "permission", "maintain")

_named := array.concat(_people, _teams)

_code_owners[entry.path] := entry.owners if {
	object.get(_settings, "code_owners", true) == true
	some entry in input.change.code_owners
	count(entry.owners) > 0
}

# The people and teams that rules.yaml lists; else the path's owners by CODEOWNERS; else all with a permission.
_owners[path] := {"people": _people, "teams": _teams, "words": _any(_named)} if {
	count(_named) > 0
	some path in paths
}

_owners[path] := {"people": owners, "teams": owners, "words": _any(owners)} if {
	count(_named) == 0
	some path in paths
	owners := _code_owners[path]
}

_owners[path] := {"people": [], "teams": [], "permission": _permission, "words": words} if {
	count(_named) == 0
	words := $`someone with the permission "{_permission}"`
	some path in paths
	not _code_owners[path]
}

_any(names) := concat(" or ", names)

_owns(at, owners) if {
	some name in owners.people
	identity.same(reviewers.accounts[at], identity.known(people.accounts(people.keys(name))))
}

_owns(at, owners) if reviewers.in_teams(at, owners.teams)

_owns(at, owners) if permission.enough(input.change.approvals[at].permission, owners.permission)

_listed(some_paths) := concat(", ", sort(some_paths)) if count(some_paths) <= 3

_listed(some_paths) := $"{first} and {count(some_paths) - 3} more files" if {
	count(some_paths) > 3
	first := concat(", ", array.slice(sort(some_paths), 0, 3))
}

_only(some_paths) := {"path": path} if {
	count(some_paths) == 1
	some path in some_paths
}

_only(some_paths) := {} if count(some_paths) > 1
