# METADATA
# description: |
#   Globs as one regular expression: `*` and `?` stay within a path segment, `**` does not, and `**/` may match
#   nothing, so `**/*.md` takes README.md too. All else stands for itself. One expression for a whole list costs
#   one match a path, where `glob.match` would cost one for each glob.
package countersign.globs

_special := {c: concat("", [`\`, c]) | some c in split(`\.+()|^$[]{}`, "")}

# METADATA
# description: The regular expression for "one of these globs"; it matches nothing when there are none.
expression(globs) := $`(?s)^(?:{_any(globs)})$`

# METADATA
# description: |
#   A regular expression for lines (see `lines`) of which one may match one of the globs: a quick first test, to be
#   followed by `expression` on each.
loose_expression(globs) := $`(?s)(?:^|\n)(?:{_any(globs)})(?:\n|$)`

_any(globs) := concat("|", [_regex(glob) | some glob in globs]) if count(globs) > 0

# No place is both at a word's boundary and not.
_any(globs) := `\b\B` if count(globs) == 0

_regex(glob) := regex if {
	literal := strings.replace_n(_special, glob)
	marked := replace(replace(literal, "**/", "\u0001"), "**", "\u0002")
	within := replace(replace(marked, "*", "[^/]*"), "?", "[^/]")
	regex := replace(replace(within, "\u0001", "(?:.*/)?"), "\u0002", ".*")
}
