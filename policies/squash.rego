# METADATA
# description: |
#   The message that a squash merge of the change would make is judged as a commit's: where the change has AI use, it
#   declares it, and what it declares is valid.
# custom:
#   phases: [change]
package countersign.squash

import data.countersign.approver
import data.countersign.approver_mailmap
import data.countersign.approver_tier
import data.countersign.change
import data.countersign.context
import data.countersign.disclosure
import data.countersign.duties
import data.countersign.earlier
import data.countersign.evidence
import data.countersign.model
import data.countersign.review_approver
import data.countersign.settings
import data.countersign.timestamp

# METADATA
# description: What is wrong with the squash message.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data file rules.yaml, `squash`).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: The commits declare AI use, and the squash message would not.
# scope: rule
_found contains [_capped(level), violation] if {
	judged
	count(disclosure.present) + count(earlier.disclosed) > 0
	not input.change.squash.disclosure
	count(_judgement.deny) == 0
	[level, violation] := change.weighed("deny", {
		"rule": "squash-undisclosed",
		"msg": "commits of this change declare AI use, and the message of a squash merge would not",
		"fix": _fix,
	})
}

# What its own disclosure lacks has the rules' own names.
_found contains [_capped("deny"), _of_change(violation)] if some violation in _judgement.deny

_found contains [_capped("warn"), _of_change(violation)] if some violation in _judgement.warn

# METADATA
# description: Whether there is such a message to judge.
judged if {
	input.phase == "change"
	input.change.squash
	_setting != "off"
	not settings.ai_forbidden
}

_judgement := found if {
	judged
	found := _of_commits with input.commits as _commits # regal ignore:with-outside-test-context
}

# In one rule, so that all of it is evaluated once on other commits.
_of_commits := {
	"deny": union({
		approver.deny, approver_mailmap.deny, approver_tier.deny, context.deny, disclosure.deny,
		duties.deny, evidence.deny, model.deny, review_approver.deny, timestamp.deny,
	}),
	"warn": union({
		approver.warn, approver_mailmap.warn, approver_tier.warn, context.warn, disclosure.warn,
		duties.warn, evidence.warn, model.warn, review_approver.warn, timestamp.warn,
	}),
}

# It has as many makers as the commits that it takes together; so it is judged once for each of them.
_commits := [commit |
	some signers in {{"author": _bare(one.author), "committer": _bare(one.committer)} | some one in _all}
	commit := object.union(signers, _unsigned)
]

_all := array.concat(input.commits, object.get(input, ["earlier", "makers"], []))

_unsigned := object.union(_message, {
	"sha": "",
	"parents": [input.change.base],
	"parent_times": [],
	"files": input.change.files,
	"approvers": array.concat(
		[approver | some one in input.commits; some approver in one.approvers],
		object.get(input, ["earlier", "approvers"], []),
	),
	"merge": false,
	"revert": _reverts,
	"fixup": false,
})

_bare(signature) := {"name": signature.name, "email": signature.email}

_message := object.filter(input.change.squash, ["subject", "body", "trailers", "disclosure", "evidence"])

default _reverts := false

_reverts if {
	some commit in _all
	commit.revert
}

_of_change(violation) := object.union(object.remove(violation, ["commit"]), {
	"msg": $"the squash message: {violation.msg}",
	"fix": _fix,
})

_fix := "put the disclosure at the end of the change's description or of the squash message, as its last paragraph"

_capped(level) := "warn" if {
	level == "deny"
	_mild
} else := level

_mild if _setting == "warn"

# Where the change can be merged otherwise, it may well be.
_mild if {
	_setting == "auto"
	count({method | some method in input.change.merge_methods; method != "squash"}) > 0
}

_setting := object.get(settings.rules, "squash", "auto")
