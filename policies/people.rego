# METADATA
# description: |
#   Who a person or program is, from texts such as "Ann Example <ann@example.com>", "ann@example.com" or "@ann".
#   Names, addresses and logins are compared without regard to case.
package countersign.people

# METADATA
# description: The keys by which a text names someone, such as `name:…`, `email:…` and `login:…`.
keys(text) := keys_of({"name": name, "email": email}) if {
	some [_, name, email] in regex.find_all_string_submatch_n(_with_email, text, 1)
} else := keys_of({"email": text}) if {
	regex.match(`^\s*[^@\s]+@[^@\s]+\s*$`, text)
} else := keys_of({"login": text}) if {
	regex.match(`^\s*@\S+\s*$`, text)
} else := keys_of({"name": text})

# METADATA
# description: The keys of someone given by parts; empty and absent parts give none.
keys_of(person) := {key |
	some part in ["name", "email", "login"]
	value := trim_space(lower(object.get(person, part, "")))
	value != ""
	some key in _keys(part, value)
}

# METADATA
# description: Those of the keys that only one person has; names are not.
accounts(keys_of_someone) := {key | some key in keys_of_someone; not startswith(key, "name:")}

# METADATA
# description: |
#   The keys of those who made the commits, by `signature` (people make many commits; each is understood once). No
#   object rule: OPA compares each of its keys with all before it.
keys_by_signature := {person: keys_of(person) | # regal ignore:prefer-set-or-object-rule
	some person in {signature(commit[role]) | some commit in input.commits; some role in ["author", "committer"]}
}

# METADATA
# description: A commit's author or committer without the time.
signature(person) := {"name": person.name, "email": person.email}

_with_email := `^\s*"?([^<"]*?)"?\s*<\s*([^<>\s]*)\s*>\s*$`

_keys("name", value) := {$"name:{value}", $"login:{trim_suffix(value, "[bot]")}"} if endswith(value, "[bot]")

_keys("name", value) := {$"name:{concat(" ", words)}"} if {
	not endswith(value, "[bot]")
	words := [word | some word in split(value, " "); word != ""]
}

_keys("login", value) := {$"login:{trim_suffix(trim_prefix(value, "@"), "[bot]")}"}

# The addresses that GitHub and GitLab give out name a login: 123+ann@users.noreply.github.com.
_keys("email", value) := {$"email:{value}"} | {$"login:{trim_suffix(login, "[bot]")}" |
	contains(value, "@users.noreply.")
	some [_, login] in regex.find_all_string_submatch_n(_hosted_address, value, 1)
}

_hosted_address := `^(?:[0-9]+[+-])?([^@]+)@users\.noreply\.(?:github|gitlab)\.com$`
