# METADATA
# description: |
#   A change with AI use is approved at the code host by people who did not make it, some with the permission or of the
#   team that its scope tier names (data file scope.yaml, `review`).
# custom:
#   phases: [change, push]
package countersign.review

import data.countersign.change
import data.countersign.permission
import data.countersign.reviewers
import data.countersign.scope

# METADATA
# description: What is wrong with reviews.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: Too few approvals of the last commit by people who did not make the change.
# scope: rule
_found contains change.weighed("deny", {
	"rule": "review-approval",
	"msg": concat("", [
		$`scope tier "{_tier}" requires {wanted} {_noun(wanted)} of {change.head} by someone who did not make it, `,
		$"and {_has(count(reviewers.counting))}: {reviewers.summary}",
	]),
	"fix": "have someone else review the change as it is now, and approve it at the code host",
}) if {
	count(reviewers.counting) < wanted
}

# METADATA
# description: A person who asked for changes and did not approve since.
# scope: rule
_found contains change.weighed("deny", {
	"rule": "review-changes-requested",
	"msg": $"@{review.login} asked for changes",
	"fix": $"settle it with @{review.login}, who then approves or dismisses the review",
}) if {
	change.review
	some at, review in input.change.approvals
	review.state == "changes_requested"
	not reviewers.machine(at)
	not _may_not_write(review)
}

# METADATA
# description: No approval by a person with the permission, or of a team, that the tier names.
# scope: rule
_found contains change.weighed("deny", {
	"rule": "review-authority",
	"msg": concat("", [
		$`scope tier "{_tier}" requires an approval by someone {concat(" or ", authority)}; `,
		$"none of the approvals is: {concat(", ", sort(names))}",
	]),
	"fix": $"have someone {concat(" or ", authority)} approve the change at the code host",
}) if {
	count(authority) > 0
	count(reviewers.counting) >= min([1, wanted])
	count(_with_authority) == 0
	count(undecided) == 0
	names := {$"@{input.change.approvals[at].login}" | some at in reviewers.counting}
}

# METADATA
# description: Who has to be among those who approve, in words; empty where anybody may.
authority := array.concat(
	[$`with the permission "{name}"` | name := change.review.permission],
	[$"of {concat(" or ", teams)}" | teams := change.review.teams],
)

# METADATA
# description: |
#   The facts that are missing of approvals that would count, where nobody is known to have the authority.
# scope: document
undecided contains "change.approvals.permission" if {
	change.review.permission
	count(_with_authority) == 0
	some at in reviewers.counting
	not input.change.approvals[at].permission
}

undecided contains "change.approvals.teams" if {
	change.review.teams
	count(_with_authority) == 0
	some at in reviewers.counting
	not input.change.approvals[at].teams
}

_with_authority contains at if {
	some at in reviewers.counting
	permission.enough(input.change.approvals[at].permission, change.review.permission)
}

_with_authority contains at if {
	some at in reviewers.counting
	reviewers.in_teams(at, change.review.teams)
}

# Anybody may review a public repository; of those who could not merge, no objection counts.
_may_not_write(review) if {
	review.permission
	not permission.enough(review.permission, "write")
}

# METADATA
# description: How many approvals have to be there.
wanted := object.get(change.review, "approvals", 1)

_tier := scope.change_tier.name

_noun(1) := "approval"

_noun(several) := "approvals" if several != 1

_has(0) := "there is none"

_has(1) := "there is 1"

_has(several) := $"there are {several}" if several > 1
