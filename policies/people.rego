# METADATA
# description: |
#   Who a person or program is, from texts such as "Ann Example <ann@example.com>", "ann@example.com" or "@ann".
#   Names, addresses and logins are compared without regard to case.
package countersign.people

_with_email := `^\s*"?([^<"]*?)"?\s*<\s*([^<>\s]*)\s*>\s*$`

# METADATA
# description: The keys by which a text names someone, such as `name:…`, `email:…` and `login:…`.
keys(text) := keys_of({"name": name, "email": email}) if {
	[[_, name, email]] := regex.find_all_string_submatch_n(_with_email, text, 1)
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

_keys("name", value) := {$"name:{value}", $"login:{trim_suffix(value, "[bot]")}"} if endswith(value, "[bot]")

_keys("name", value) := {$"name:{_single_spaced(value)}"} if not endswith(value, "[bot]")

_keys("login", value) := {$"login:{trim_suffix(trim_prefix(value, "@"), "[bot]")}"}

_keys("email", value) := {$"email:{value}"} | _hosted_login(value)

# The addresses that GitHub and GitLab give out name a login: 123+login@users.noreply.github.com.
default _hosted_login(_) := set()

_hosted_login(email) := {$"login:{trim_suffix(found[0][1], "[bot]")}"} if {
	found := regex.find_all_string_submatch_n(`^(?:[0-9]+[+-])?([^@]+)@users\.noreply\.(?:github|gitlab)\.com$`, email, 1)
	count(found) > 0
}

_single_spaced(name) := concat(" ", [word | some word in split(name, " "); word != ""])
