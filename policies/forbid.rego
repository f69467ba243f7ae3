# METADATA
# description: A project that takes no contributions made with AI (`disclosure.profile` in config.yaml is `forbid`).
package countersign.forbid

import data.countersign.disclosure
import data.countersign.evidence
import data.countersign.finding
import data.countersign.settings

# METADATA
# description: A commit that declares or shows AI use.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: A commit that declares or shows AI use.
_found contains finding.weighed(at, "deny", {
	"rule": "ai-forbidden",
	"msg": $"this project takes no contributions made with AI, and {_reason(at)}",
	"fix": "take the commit out of the change, and do its work without AI",
}) if {
	settings.ai_forbidden
	some at in evidence.used
}

_reason(at) := "the commit declares some" if at in disclosure.present

_reason(at) := concat("; ", sort(evidence.traces[at])) if not at in disclosure.present
