# METADATA
# description: |
#   Where the scope tier requires it (data file scope.yaml), a commit with AI use is countersigned: an approver's signed
#   statement in refs/notes/countersign, which `countersign` has checked before the policy judges.
package countersign.countersignature

import data.countersign.approver_tier
import data.countersign.evidence
import data.countersign.finding
import data.countersign.identity
import data.countersign.people
import data.countersign.scope
import data.countersign.settings

# METADATA
# description: What is wrong with countersignatures.
# entrypoint: true
deny contains violation if some ["deny", violation] in _found

# METADATA
# description: The same, where it only warns (data files rules.yaml and scope.yaml).
warn contains violation if some ["warn", violation] in _found

# METADATA
# description: Nobody countersigned, or no countersignatures are here to be looked at.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "countersignature-required",
	"msg": $`scope tier "{tier.name}" requires a countersignature, and {missing}`,
	"fix": fix,
}) if {
	some at in _required
	tier := scope.tier[at]
	[missing, fix] := _missing(at)
}

# METADATA
# description: None of the countersignatures counts.
# scope: rule
_found contains finding.weighed(at, "deny", {
	"rule": "countersignature-invalid",
	"msg": $"no countersignature of this commit counts: {concat("; ", sort(reasons))}",
	"fix": _approve(at),
}) if {
	some at in _unsigned
	not _rebased[at]
	reasons := {_why(at, one) | some one in input.commits[at].countersignatures}
	count(reasons) > 0
}

# METADATA
# description: Only what a rebase made this commit of was countersigned, and that does not count.
# scope: rule
_found contains finding.weighed(at, usual, {
	"rule": "countersignature-rebased",
	"msg": $`it was countersigned before a rebase, as {concat(", ", sort(before))}, by {concat(", ", sort(approvers))}`,
	"fix": _approve(at),
}) if {
	some at in _unsigned
	usual := _rebased_level(_rebased_setting(at))
	before := {substring(countersignature.approved_commit, 0, 10) | some countersignature in _rebased[at]}
	count(before) > 0
	approvers := {countersignature.approver.email | some countersignature in _rebased[at]}
}

# The commits, by index, that have to be countersigned; one that is still being made cannot be. Whatever the setting is
# but "none", and a misspelt one too, requires it.
_required contains at if {
	some at in evidence.used
	finding.id[at] != ""
	object.get(scope.tier[at], "countersignature", "none") != "none"
}

# Those of them that have no countersignature of the very commit that counts.
_unsigned contains at if {
	some at in _required
	count({countersignature |
		some countersignature in object.get(input.commits[at], "countersignatures", [])
		countersignature.status == "valid"
		_by_an_approver(at, countersignature)
	}) == 0
}

_rebased[at] contains countersignature if {
	some at in _required
	some countersignature in object.get(input.commits[at], "countersignatures", [])
	countersignature.status == "rebased"
	_by_an_approver(at, countersignature)
}

_rebased_setting(at) := object.get(scope.tier[at], "rebased", "deny")

_rebased_level("accept") := "off"

_rebased_level("warn") := "warn"

_rebased_level(setting) := "deny" if not setting in {"accept", "warn"}

_missing(at) := [
	"none is here: refs/notes/countersign is not in this clone",
	"git fetch origin refs/notes/countersign:refs/notes/countersign",
] if {
	not input.commits[at].countersignatures
}

_missing(at) := ["nobody countersigned this commit", _approve(at)] if {
	count(input.commits[at].countersignatures) == 0
}

_approve(at) := $"have an approver run: countersign approve {substring(finding.id[at], 0, 12)}"

# Why one does not count, in words.
_why(_, countersignature) := $"{_who(countersignature)}: {countersignature.status}. {countersignature.detail}" if {
	not countersignature.status in {"valid", "rebased"}
}

_why(_, countersignature) := $"{_who(countersignature)} is {concat(" and ", roles)} of this commit" if {
	countersignature.status in {"valid", "rebased"}
	roles := sort({$"the {role}" | some role in countersignature.roles})
	count(roles) > 0
}

_why(_, countersignature) := $"{_who(countersignature)} is no approver of this repository" if {
	countersignature.status in {"valid", "rebased"}
	count(countersignature.roles) == 0
	not _admitted(countersignature)
}

_why(at, countersignature) := $`{_who(countersignature)} does not approve in scope tier "{tier.name}"` if {
	tier := scope.tier[at]
	countersignature.status in {"valid", "rebased"}
	count(countersignature.roles) == 0
	_admitted(countersignature)
	not approver_tier.admits(tier, _keys(countersignature.approver))
}

_who(countersignature) := object.get(countersignature, ["approver", "email"], "one")

# Somebody who did not make the commit and whom approvers.yaml admits. The name in a statement is the signer's own word:
# only what the key is known by counts.
_by_an_approver(at, countersignature) if {
	countersignature.roles == []
	_admitted(countersignature)
	approver_tier.admits(scope.tier[at], _keys(countersignature.approver))
}

_admitted(_) if identity.unlisted == "allow"

_admitted(countersignature) if {
	identity.unlisted != "allow"
	count(_keys(countersignature.approver) & _listed) > 0
}

# What the key is known by, and what .mailmap makes of it. Allowed signers are named by address or by login.
_keys(approver) := _named(approver.principal) | people.keys_of({"email": object.get(approver, "canonical", "")})

_named(principal) := people.keys(principal) if contains(principal, "@")

_named(principal) := people.keys($"@{principal}") if not contains(principal, "@")

_listed contains key if {
	some person in settings.approvers.people
	aliases := {people.keys(alias) | some alias in object.get(person, "aliases", [])}
	some key in (people.keys_of(person) | union(aliases))
	not startswith(key, "name:")
}
