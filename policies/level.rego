# METADATA
# description: |
#   How a rule's violations count: "deny", "warn" or "off". The tier's `rules` (data file scope.yaml) go before the
#   `levels` of rules.yaml, and these before what the rule usually is. In an emergency some rules only warn.
package countersign.level

import data.countersign.emergency
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: The level of a rule for the commit at index `at`.
of_commit(at, rule, usual) := _lowered(rule, object.get(scope.tier, [at, "rules", rule], general(rule, usual)))

# METADATA
# description: The level of a rule in a tier.
in_tier(tier, rule, usual) := _lowered(rule, object.get(tier, ["rules", rule], general(rule, usual)))

# METADATA
# description: The level of a rule that knows no tier.
general(rule, usual) := object.get(settings.rules, ["levels", rule], usual)

_lowered(_, level) := level if level != "deny"

_lowered(rule, "deny") := "warn" if emergency.lowers(rule)

_lowered(rule, "deny") := "deny" if not emergency.lowers(rule)
