# METADATA
# description: The versions in models' names, and ranges of them such as ">=4.5 <6".
package countersign.version

# METADATA
# description: Whether a name's version satisfies every part of a range; any name satisfies "".
# scope: document
satisfies(_, "")

satisfies(name, range) if {
	range != ""
	valid_range(range)
	version := of(name)
	every bound in _bounds(range) {
		_holds(bound.operator, version, bound.limit)
	}
}

_bounds(range) := [{"operator": operator, "limit": _numbers(limit)} |
	some part in split(range, " ")
	some [_, operator, limit] in regex.find_all_string_submatch_n(_part, part, 1)
]

# METADATA
# description: Whether a text is a range that `satisfies` understands.
valid_range(text) if {
	every part in split(text, " ") {
		regex.match(_part, part)
	}
}

_part := `^(>=|<=|>|<|=)([0-9]{1,4}(?:\.[0-9]{1,4}){0,3})$`

_holds(">=", version, limit) if version >= limit

_holds("<=", version, limit) if version <= limit

_holds(">", version, limit) if version > limit

_holds("<", version, limit) if version < limit

_holds("=", version, limit) if version == limit

# METADATA
# description: |
#   The first version in a name, as four numbers: 4.5 in claude-opus-4-5-20251101, 5.6 in gpt-5.6-sol, 2.5 in
#   gemini-2.5-pro-preview-05-06, 4 in gpt-4o. A date or a size (70b) is no version.
of(name) := _numbers(replace(found[0][1], "-", ".")) if {
	found := regex.find_all_string_submatch_n(_version, lower(name), 1)
	count(found) > 0
}

_version := concat("", [
	`(?:^|[^0-9.])`,
	`([0-9]{1,3}(?:\.[0-9]{1,3}){1,3}|[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,3})`,
	`(?:$|[^0-9.bk])`,
])

_numbers(text) := array.slice(array.concat(parts, [0, 0, 0, 0]), 0, 4) if {
	parts := [_number(part) | some part in split(text, ".")]
}

# Leading zeros, which are no part of a number, stay behind the 1.
_number(digits) := to_number(concat("", ["1", digits])) - _powers[count(digits)]

_powers := [1, 10, 100, 1000, 10000]
