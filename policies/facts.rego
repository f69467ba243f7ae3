# METADATA
# description: |
#   What the rules about reviews rely on is known. What an unknown fact means, rules.yaml says: `unknown` is deny, warn
#   or ignore.
# custom:
#   phases: [change, push]
package countersign.facts

import data.countersign.change
import data.countersign.evidence
import data.countersign.owners
import data.countersign.review
import data.countersign.settings

# METADATA
# description: What is not known.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data file rules.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: A fact that a rule needs and nobody could tell.
# scope: rule
_found contains [level, violation] if {
	some fact, rules in _needed
	levels := {level | some rule in rules; level := change.level_of(rule)}
	[own, violation] := change.weighed("deny", {
		"rule": "facts-unknown",
		"msg": $"whether {concat(", ", sort(rules))} holds cannot be told: {fact} is not known{_why(fact)}",
		"fix": concat(" ", [
			"run countersign gate with --facts github, --facts gitlab or --facts FILE and a token that may read it;",
			"or say in .countersign/data/rules.yaml what unknown facts mean",
		]),
	})
	level := _least({own, _strictest(levels)})
}

_needed["change.approvals"] contains rule if {
	not input.change.approvals
	change.review
	some rule in _of_reviews
}

_needed["change.approvals"] contains "policy-owner" if {
	not input.change.approvals
	count(owners.paths) > 0
}

_needed["change.approvals.permission"] contains "policy-owner" if owners.undecided

_needed[fact] contains "review-authority" if some fact in review.undecided

_needed["change.author"] contains "separation-of-duties" if {
	not input.change.author
	change.review
}

_of_reviews contains "review-approval" if review.wanted > 0

_of_reviews contains "review-authority" if count(review.authority) > 0

_of_reviews contains "review-changes-requested"

_of_reviews contains "review-approver" if {
	some at in evidence.used
	input.commits[at].disclosure.approver
}

_least(levels) := [level | some level in ["off", "warn", "deny"]; level in levels][0]

# No stricter than the rules that need it.
_strictest(levels) := "deny" if {
	_setting == "deny"
	"deny" in levels
}

_strictest(levels) := "warn" if {
	_setting == "deny"
	not "deny" in levels
	"warn" in levels
}

_strictest(levels) := "warn" if {
	_setting == "warn"
	count(levels - {"off"}) > 0
}

_setting := object.get(settings.rules, "unknown", "deny")

_why(fact) := $": {concat("; ", sort(reasons))}" if {
	reasons := _reasons(fact)
	count(reasons) > 0
}

_why(fact) := "; the code host was not asked" if count(_reasons(fact)) == 0

_reasons(fact) := {unknown.why |
	some unknown in input.unknown
	name := replace(unknown.fact, "[]", "")
	_about(name, fact)
}

_about(name, fact) if startswith(name, fact)

_about(name, fact) if startswith(fact, name)
