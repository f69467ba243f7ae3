package main

const (
	// maxText is the size of a module or document beyond which it is not read: far above what people write.
	maxText = 32 << 20
	// maxNesting is how deep brackets may be nested. OPA's parser and compiler recurse with the text, and a
	// Go stack that grows beyond its limit ends the process.
	maxNesting = 1000
	// maxChain is how many operators and keywords may follow each other at one depth without the statement
	// ending: each of them nests the syntax tree once more.
	maxChain = 10000
)

// checkNesting refuses texts that would overflow the stack of a parser, or of what walks its tree.
// It reads Rego well enough to skip strings and comments, and JSON and YAML as far as their flow style goes.
func checkNesting(text string, rego bool) error {
	if len(text) > maxText {
		return errorf(codeLimit, "%d bytes are more than the limit of %d", len(text), maxText)
	}
	depth, chain := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '[', '{', '(':
			depth++
			if depth > maxNesting {
				return errorf(codeLimit, "nested more than %d deep", maxNesting)
			}
		case ']', '}', ')':
			depth = max(depth-1, 0)
		case '"':
			for i++; i < len(text) && text[i] != '"' && text[i] != '\n'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '`':
			if rego {
				for i++; i < len(text) && text[i] != '`'; i++ {
					continue
				}
			}
		case '#':
			if rego {
				for i++; i < len(text) && text[i] != '\n'; i++ {
					continue
				}
			}
			i--
		case '+', '-', '*', '/', '%', '|', '&', '=', '<', '>', '!':
			if rego {
				chain++
				if chain > maxChain {
					return errorf(codeLimit, "more than %d operators in one statement", maxChain)
				}
			}
		case '\n':
			// A statement may go on in the next line only after an operator or within brackets; a line that
			// begins in the first column begins a new one.
			if i+1 < len(text) && isWordByte(text[i+1]) {
				chain = 0
			}
		}
	}
	return nil
}
