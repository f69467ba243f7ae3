package countersign.globs_test

import data.countersign.globs

_matches(pattern, text) if regex.match(globs.expression([pattern]), text)

test_what_globs_match if {
	every case in [
		["*.md", "README.md"],
		["**/*.md", "README.md"],
		["**/*.md", "docs/a/b.md"],
		["docs/**", "docs/a/b.md"],
		["a/**/b", "a/b"],
		["a/**/b", "a/x/y/b"],
		["**", "a/b"],
		["file-?.txt", "file-ä.txt"],
		["größe/*", "größe/日本.txt"],
		["a+b(1).[c]{d}^$|\\", "a+b(1).[c]{d}^$|\\"],
		["a b/*", "a b/c d"],
		["docs/**", "docs/a\nb"],
	] {
		_matches(case[0], case[1])
	}
}

test_what_globs_do_not_match if {
	every case in [
		["*.md", "docs/README.md"],
		["*.md", "README.mdx"],
		["docs/**", "mydocs/a"],
		["docs/*", "docs/a/b"],
		["docs/?", "docs//"],
		["a.c", "abc"],
		["[ab]", "a"],
		["src/*", "src/x\n/y"],
		["", "a"],
	] {
		not _matches(case[0], case[1])
	}
}

test_one_expression_for_several if {
	expression := globs.expression(["a*", "b"])
	regex.match(expression, "abc")
	regex.match(expression, "b")
	not regex.match(expression, "bc")
}

test_no_globs_match_nothing if {
	not regex.match(globs.expression([]), "")
	not regex.match(globs.expression([]), "a b")
}

test_only_possible_globs_are_kept if {
	text := "src/auth/login.go\nREADME.md"
	patterns := ["**/auth/**", "**/src/**", "auth/**", "*.md", "docs/**", "**/*.t?", "?ead*"]
	globs.possible(patterns, text) == ["**/auth/**", "**/src/**", "auth/**", "*.md"]
}
