# METADATA
# description: |
#   Separation of duties. Whoever opened a change, or an exception, is not who approves of it; that whoever made a
#   commit is not, approver.rego and review.rego say.
# custom:
#   phases: [change, push]
package countersign.duties

import data.countersign.change
import data.countersign.disclosure
import data.countersign.earlier
import data.countersign.emergency
import data.countersign.evidence
import data.countersign.finding
import data.countersign.identity
import data.countersign.owners
import data.countersign.people
import data.countersign.review_approver
import data.countersign.reviewers
import data.countersign.scope

# METADATA
# description: Duties in one hand.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: An approver who opened the change.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "separation-of-duties",
	"field": "approver",
	"msg": $`approver "{value}" opened this change as @{input.change.author}; someone else has to approve`,
	"fix": finding.stamp(at, ["approver"]),
}) if {
	change.review
	some [at, value] in disclosure.values.approver
	at in evidence.used
	identity.same(identity.known(people.accounts(people.keys(value))), reviewers.opener)
}

# METADATA
# description: A countersignature by whoever opened the change.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "separation-of-duties",
	"msg": $"{email} countersigned, and opened this change as @{input.change.author}; someone else has to countersign",
	"fix": $"have someone else run: countersign approve {short}",
}) if {
	change.review
	some at in evidence.used
	short := substring(finding.id[at], 0, 12)
	some signature in input.commits[at].countersignatures
	signature.status == "valid"
	identity.same(review_approver.signer(signature.approver), reviewers.opener)
	email := signature.approver.email
}

# METADATA
# description: |
#   An exception that nobody but whoever opened or changed it approved. Where the policies' owners have to, owners.rego
#   says so.
# scope: rule
_found contains change.weighed("deny", {
	"rule": "exception-approval",
	"path": path,
	"msg": $"whoever opens or changes an exception cannot approve it alone, and nobody else approved {path}",
	"fix": "have someone else approve the change as it is now at the code host",
}) if {
	change.asked
	input.change.approvals
	some path in ((_exceptions - owners.paths) - emergency.urgent)
	makers := {at | some at, touched in scope.paths; path in touched}
	before := earlier.touching({path})
	count({at | some at in reviewers.approved; _independent(at, makers, before)}) == 0
}

_exceptions contains path if {
	some path in scope.change_paths
	regex.match(`^\.countersign/(?:.*/)?exceptions/[^/]+\.(?:ya?ml|json)$`, path)
}

_independent(at, makers, before) if {
	reviewers.binding(at) == "head"
	not reviewers.machine(at)
	not reviewers.opened(at)
	not reviewers.made_some(at, makers)
	not reviewers.made_earlier(at, before)
}
