# METADATA
# description: |
#   Whom a disclosure names as approver, or whose countersignature a commit has, approved the change at the code host,
#   too. They are known there by login, by address, by .mailmap and by approvers.yaml.
# custom:
#   phases: [change, push]
package countersign.review_approver

import data.countersign.change
import data.countersign.disclosure
import data.countersign.evidence
import data.countersign.finding
import data.countersign.identity
import data.countersign.people
import data.countersign.reviewers
import data.countersign.settings

# METADATA
# description: Where disclosures and reviews do not agree.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: An approver who did not approve the change at the code host.
# scope: rule
_found contains finding.weighed(at, usual, {
	"rule": "review-approver",
	"field": "approver",
	"msg": $`approver "{value}" {why}`,
	"fix": concat(" ", [
		"have them approve the change at the code host, or name who did;",
		"who is who is told in .countersign/data/approvers.yaml, by address and login",
	]),
}) if {
	some [at, value] in disclosure.values.approver
	at in evidence.used
	usual := _usual[value]
	why := _why[value]
	not _signed(at, value)
}

# METADATA
# description: Someone who countersigned and has another opinion at the code host.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "review-contradicts",
	"msg": concat(" ", [email, $"countersigned this commit, and @{review.login} {_said[review.state]} at the code host"]),
	"fix": $"ask @{review.login} which of the two holds",
}) if {
	change.review
	some at in evidence.used
	some signature in input.commits[at].countersignatures
	signature.status == "valid"
	email := signature.approver.email
	some index, review in input.change.approvals
	review.state in {"changes_requested", "dismissed"}
	identity.same(reviewers.accounts[index], signer(signature.approver))
}

# What the rule is for those who are named and did not approve; undefined for those who did. Who cannot be told from
# people who approved is only warned of.
_usual[value] := level if {
	change.review
	reviewers.counting
	some value, person in _named
	count(_approvals_of(person)) == 0
	level := _level(value, person)
}

_level(_, person) := "deny" if not _may_be_one(person)

_level(value, person) := "warn" if {
	_may_be_one(person)
	not _namesake(value)
}

# No login is known of the person, and of someone who approved no address.
_may_be_one(person) if {
	count(_logins(person)) == 0
	some at in reviewers.counting
	not _has_address(at)
}

_has_address(at) if {
	some key in reviewers.accounts[at].keys
	startswith(key, "email:")
}

_has_address(at) if {
	some entry in reviewers.accounts[at].entries
	settings.approvers.people[entry].email
}

_logins(person) := {key | some key in person.keys; startswith(key, "login:")} | {login |
	some entry in person.entries
	login := settings.approvers.people[entry].login
}

_namesake(value) if {
	some at in reviewers.counting
	names := {key | some key in (reviewers.who[at].keys & people.keys(value)); startswith(key, "name:")}
	count(names) > 0
}

_approvals_of(person) := {at | some at in _bound; identity.same(reviewers.accounts[at], person)}

# Approvals of this very state; whether they are enough, review.rego says.
_bound contains at if {
	some at in reviewers.approved
	reviewers.binding(at) == "head"
}

_reviews_of(person) := {at | some at, _ in input.change.approvals; identity.same(reviewers.accounts[at], person)}

_why[value] := $"is not known to have approved this change: they may be one of {concat(", ", sort(names))}" if {
	names := {$"@{input.change.approvals[at].login}" | some at in reviewers.counting}
	some value, "warn" in _usual
}

_why[value] := $"has not approved this change: {concat(", ", sort(_answers[value]))}" if some value, "deny" in _usual

_answers[value] := reviews | none if {
	some value, "deny" in _usual
	reviews := {$"@{review.login} {_said[review.state]}" |
		some at in _reviews_of(_named[value])
		review := input.change.approvals[at]
	}
	none := {"there is no review by them" | count(reviews) == 0}
}

_said := {
	"approved": "approved an earlier state",
	"changes_requested": "asked for changes",
	"commented": "only commented",
	"dismissed": "approved, which was dismissed",
}

# Each approver's text, understood once, with what .mailmap makes of it.
_named[value] := identity.known(people.accounts(people.keys(value) | mapped)) if {
	some [_, value] in disclosure.values.approver
	mapped := {key |
		some commit in input.commits
		some approver in commit.approvers
		approver.value == value
		some key in people.keys_of({"email": object.get(approver, "email", "")})
	}
}

# A countersignature of the same person says more than a review: it is of this very commit.
_signed(at, value) if {
	not _objects(_named[value])
	some signature in input.commits[at].countersignatures
	signature.status == "valid"
	identity.same(signer(signature.approver), _named[value])
}

_objects(person) if {
	some at in _reviews_of(person)
	input.change.approvals[at].state == "changes_requested"
}

# METADATA
# description: |
#   Who countersigned: by what the key is known by, and what .mailmap makes of it. Allowed signers are named by address
#   or by login.
signer(approver) := identity.known(people.accounts(_principal(approver.principal) | mapped)) if {
	mapped := people.keys_of({"email": object.get(approver, "canonical", "")})
}

_principal(name) := people.keys(name) if contains(name, "@")

_principal(name) := people.keys($"@{name}") if not contains(name, "@")
