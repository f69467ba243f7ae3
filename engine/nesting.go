package main

const (
	// maxText is the size of a module or document beyond which it is not read: far above what people write.
	maxText = 32 << 20
	// maxNesting is how deep brackets may be nested. OPA's parser and compiler recurse with the text, and a
	// Go stack that grows beyond its limit ends the process.
	maxNesting = 1000
	// maxChain is how many operators may follow each other in one expression: each nests the tree once more.
	maxChain = 10000
)

// checkNesting refuses texts that would overflow the stack of a parser, or of what walks its tree.
// It reads Rego well enough to skip strings and comments, and JSON and YAML as far as their flow style goes.
func checkNesting(text string, rego bool) error {
	if len(text) > maxText {
		return errorf(codeLimit, "%d bytes are more than the limit of %d", len(text), maxText)
	}
	chains := make([]int, 1, 16) // operators so far in the expression under way, by depth
	operator := func() error {
		chain := &chains[len(chains)-1]
		if *chain++; *chain > maxChain && rego {
			return errorf(codeLimit, "more than %d operators in one expression", maxChain)
		}
		return nil
	}
	continued := false // whether the last sign was an operator, so that the expression goes on in the next line
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch c {
		case ' ', '\t', '\r':
			continue
		case '\n':
			if !continued {
				chains[len(chains)-1] = 0
			}
			continue
		case '#':
			if rego {
				for i+1 < len(text) && text[i+1] != '\n' {
					i++
				}
				continue
			}
		case '[', '{', '(':
			if len(chains) > maxNesting {
				return errorf(codeLimit, "nested more than %d deep", maxNesting)
			}
			chains = append(chains, 0)
		case ']', '}', ')':
			chains = chains[:max(len(chains)-1, 1)]
		case ',', ';', ':':
			chains[len(chains)-1] = 0
		case '"':
			for i++; i < len(text) && text[i] != '"' && text[i] != '\n'; i++ {
				// A template string holds expressions; those count with what is around them.
				if text[i] == '\\' {
					i++
				}
			}
		case '`':
			for i++; rego && i < len(text) && text[i] != '`'; i++ {
				continue
			}
		case '+', '-', '*', '/', '%', '|', '&', '=', '<', '>', '!':
			continued = true
			if err := operator(); err != nil {
				return err
			}
			continue
		default:
			if isWordByte(c) {
				start := i
				for i+1 < len(text) && isWordByte(text[i+1]) {
					i++
				}
				if word := text[start : i+1]; word == "in" || word == "not" {
					continued = true
					if err := operator(); err != nil {
						return err
					}
					continue
				}
			}
		}
		continued = false
	}
	return nil
}
