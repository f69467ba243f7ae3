# METADATA
# description: |
#   Globs: `*` and `?` stay within a path segment, `**` does not, and `**/` may match nothing, so that `**/*.md` takes
#   README.md too. All else stands for itself. A list becomes one regular expression, so that each text costs one
#   match, where `glob.match` would cost one for each glob.
package countersign.globs

# METADATA
# description: The regular expression for "one of these globs"; it matches nothing when there are none.
# scope: document
expression(globs) := $`(?s)^(?:{concat("|", [_translated(pattern) | some pattern in globs])})$` if count(globs) > 0

# No place is both at a word's boundary and not.
expression(globs) := `\b\B` if count(globs) == 0

# METADATA
# description: |
#   The globs that may match a part of a long text: those whose literal parts all occur in it. One look through all
#   paths of a change spares most globs a match against each.
possible(globs, text) := [pattern |
	some pattern in globs
	every part in split(replace(replace(pattern, "**/", "*"), "?", "*"), "*") {
		contains(text, part)
	}
]

_special[character] := concat("", [`\`, character]) if some character in split(`\.+()|^$[]{}`, "")

_translated(pattern) := replace(replace(within, "\u0001", "(?:.*/)?"), "\u0002", ".*") if {
	literal := strings.replace_n(_special, pattern)
	marked := replace(replace(literal, "**/", "\u0001"), "**", "\u0002")
	within := replace(replace(marked, "*", "[^/]*"), "?", "[^/]")
}
