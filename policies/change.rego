# METADATA
# description: The change under review, as the rules about reviews see it.
package countersign.change

import data.countersign.earlier
import data.countersign.evidence
import data.countersign.exceptions
import data.countersign.level
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: |
#   The code host was asked about this change, or rules.yaml wants that it is (`require_facts`). Else the rules about
#   reviews say nothing: a run beside a work tree has nobody to ask.
# scope: document
asked if {
	input.phase == "change"
	input.change.approvals
}

asked if {
	input.phase == "change"
	some fact in input.facts
	_of_change(fact.fact)
	fact.source != "git"
}

asked if {
	input.phase == "change"
	some fact in input.unknown
	_of_change(fact.fact)
}

asked if {
	input.phase == "change"
	settings.rules.require_facts == true
}

# What arrived is under review no more: what is known of its reviews is judged, and nothing is missing.
asked if {
	input.phase == "push"
	input.change.approvals
}

_of_change("change")

_of_change(name) if startswith(name, "change.")

# METADATA
# description: Something in it was made with AI, by what its commits declare or show.
# scope: document
made_with_ai if count(evidence.used) > 0

made_with_ai if count(earlier.using_ai) > 0

made_with_ai if input.change.squash.disclosure

# METADATA
# description: What its scope tier asks of reviews, when it is to be reviewed.
review := wanted if {
	asked
	wanted := scope.change_tier.review
	_concerned(object.get(wanted, "changes", "ai"))
}

# METADATA
# description: |
#   The commits, by index, whose makers may not approve: those with AI use, or all of them where all changes are to be
#   reviewed.
# scope: document
subject contains at if some at in evidence.used

subject contains at if {
	review.changes == "all"
	some at, _ in input.commits
}

# METADATA
# description: The same of the parts judged before, by group.
# scope: document
earlier_subject := earlier.groups if review.changes == "all"

else := earlier.using_ai

# METADATA
# description: |
#   A violation of the change as a whole, as `[level, violation]`; undefined when an exception excuses it.
weighed(usual, details) := [level.in_tier(scope.change_tier, details.rule, usual), details] if {
	not exceptions.excused_change(details)
}

# METADATA
# description: The level of a rule in the change's tier.
level_of(rule) := level.in_tier(scope.change_tier, rule, "deny")

# METADATA
# description: How messages call the change's last commit.
head := substring(input.change.head, 0, 10)

_concerned("ai") if made_with_ai

_concerned(changes) if changes != "ai"
