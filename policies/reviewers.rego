# METADATA
# description: The reviews of a change, by whom they are, and which approvals count.
package countersign.reviewers

import data.countersign.approver_tier
import data.countersign.change
import data.countersign.earlier
import data.countersign.identity
import data.countersign.people
import data.countersign.scope

# METADATA
# description: The approvals that count, by index; undefined when nobody could tell what reviews there are.
counting := approved - object.keys(flaws) if input.change.approvals

# METADATA
# description: All approvals, by index.
approved contains at if {
	some at, review in input.change.approvals
	review.state == "approved"
}

# METADATA
# description: What keeps an approval, by index, from counting, in words.
# scope: document
flaws[at] contains "is a bot" if {
	some at in approved
	machine(at)
}

flaws[at] contains "approved an earlier state of the change" if {
	some at in approved
	binding(at) == "other"
}

flaws[at] contains "approved what the code host does not say" if {
	some at in approved
	binding(at) == "unknown"
}

flaws[at] contains "opened the change" if {
	some at in approved
	opened(at)
}

flaws[at] contains "made commits of it" if {
	some at in approved
	made_some(at, change.subject)
}

flaws[at] contains "made commits of it" if {
	some at in approved
	made_earlier(at, change.earlier_subject)
}

flaws[at] contains "is not listed in .countersign/data/approvers.yaml" if {
	identity.unlisted == "deny"
	some at in approved
	count(accounts[at].entries) == 0
}

flaws[at] contains $`does not approve in scope tier "{scope.change_tier.name}"` if {
	some at in approved
	not approver_tier.admits(scope.change_tier, who[at].keys)
}

# METADATA
# description: Who reviewed, by the review's index.
who[at] := identity.known(people.keys_of(review)) if some at, review in input.change.approvals

# METADATA
# description: |
#   The same without names: people give those to themselves at the code host, so that they prove nothing.
accounts[at] := identity.known(people.accounts(person.keys)) if some at, person in who

# METADATA
# description: Whether the review at this index is by a program.
# scope: document
machine(at) if input.change.approvals[at].kind == "bot"

machine(at) if identity.machine(input.change.approvals[at].login, who[at].keys)

# METADATA
# description: Whether the review at this index is by whoever opened the change.
# scope: document
opened(at) if input.change.approvals[at].author == true

opened(at) if identity.same(who[at], opener)

# METADATA
# description: Who opened the change.
opener := identity.known(people.keys_of({"login": input.change.author}))

# METADATA
# description: Whether the review at this index is by someone who made one of these commits.
# scope: document
made_some(at, commits) if {
	some commit in commits
	some [_, maker] in identity.makers(commit)
	identity.same(who[at], maker)
}

# The code host knows more addresses of a person than commits and approvers.yaml tell.
made_some(at, commits) if {
	ids := {id | some id in input.change.approvals[at].commits}
	some commit in commits
	input.commits[commit].sha in ids
}

# METADATA
# description: Whether the review at this index is by someone who made commits of one of these groups (earlier.rego).
# scope: document
made_earlier(at, groups) if {
	some group in groups
	some maker in earlier.makers[group]
	identity.same(who[at], maker)
}

made_earlier(at, groups) if {
	ids := {id | some id in input.change.approvals[at].commits}
	some group in groups
	some id in input.earlier.makers[group].reviewers_own
	id in ids
}

# METADATA
# description: |
#   Which state the review at this index is of: "head", "other", or "unknown".
binding(at) := _binding(object.get(review, "stale", null), object.get(review, "commit", null)) if {
	review := input.change.approvals[at]
}

_binding(true, _) := "other"

_binding(false, _) := "head"

_binding(null, null) := "unknown"

_binding(null, commit) := "head" if commit == input.change.head

_binding(null, commit) := "other" if {
	is_string(commit)
	commit != input.change.head
}

# METADATA
# description: What there is of approvals, in words.
# scope: document
summary := "nobody approved it" if count(approved) == 0

summary := $"these do not count: {concat(", ", sort(described))}" if {
	count(approved) > 0
	described := {text |
		some at in approved
		reasons := object.get(flaws, at, set())
		count(reasons) > 0
		text := $"@{input.change.approvals[at].login} ({concat(", ", sort(reasons))})"
	}
	count(described) > 0
}

summary := "there are no others" if {
	count(approved) > 0
	count(flaws) == 0
}

# METADATA
# description: |
#   Whether the review at this index is by a member of one of these teams, written `org/team` with or without an @.
in_teams(at, teams) if {
	some team in teams
	some own in input.change.approvals[at].teams
	lower(trim_prefix(team, "@")) == lower(trim_prefix(own, "@"))
}
