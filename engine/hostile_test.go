package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestHostileModules sends what would exhaust a stack, the memory or the time of a naive reader. Each is
// to be answered, with whatever, and the engine to go on.
func TestHostileModules(t *testing.T) {
	const n = 12_000
	many := func(f func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(i))
		}
		return b.String()
	}
	rep := strings.Repeat
	for name, body := range map[string]string{
		"brackets":      "x := " + rep("[", 5*n) + rep("]", 5*n),
		"open brackets": "x := " + rep("[", 5*n),
		"braces":        "x if " + rep("{", 5*n),
		"calls":         "x := " + rep("f(", n) + "1" + rep(")", n),
		"comprehension": "x := " + rep("[y | y := ", n) + "1" + rep("]", n),
		"sum":           "x := 1" + rep(" + 1", n),
		"sum in lines":  "x := 1" + rep(" +\n1", n),
		"minus":         "x := " + rep("-", n) + "1",
		"not":           "x if { " + rep("not ", n) + "y }",
		"in":            "x if { 1" + rep(" in [1]", n) + " }",
		"every":         "x if { " + rep("every y in [1] { ", n) + "true" + rep(" }", n) + " }",
		"else":          "x := 1 if { false }" + rep("\nelse := 2 if { false }", n/10),
		"template":      "x := " + rep(`$"{`, n) + "1" + rep(`}"`, n),
		"long name":     rep("x", 100*n) + " := 1",
		"long string":   `x := "` + rep("é", 100*n) + `"`,
		"long number":   "x := " + rep("1", n),
		"exponent":      "x := 1e999999999",
		"metadata":      "# METADATA\n# custom:\n#   a: " + rep("[", n) + "\nx := 1",
		"zeros":         "x := \"\x00\"",
		"not UTF-8":     "x := \"\xff\xfe\"",
		"rules":         many(func(i int) string { return fmt.Sprintf("r%d := %d\n", i, i) }),
		"bodies":        "x if {\n" + many(func(i int) string { return fmt.Sprintf(" y%d := %d\n", i, i) }) + "}",
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			text := "package a\n\n" + body + "\n"
			const limit = 500
			c.call("workspace/open", m{"workspace": "w", "deadlineMs": limit, "files": []m{module("a.rego", text)}})
			c.call("check", m{"workspace": "w", "deadlineMs": limit})
			c.call("parse", m{"path": "a.rego", "text": text, "deadlineMs": limit})
			c.call("format", m{"path": "a.rego", "text": text, "deadlineMs": limit})
			get[versionResult](c, "version", m{})
		})
	}
}

func TestTooMuch(t *testing.T) {
	c := newClient(t)
	c.fails(codeLimit, "parse", m{"path": "a.rego", "text": "package a\nx := " + strings.Repeat("[", 2000)})
	c.fails(codeLimit, "format", m{"path": "a.rego", "text": strings.Repeat("x", maxText+1)})
	c.open(module("a.rego", "package a\nx := input\n"))
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	if r := c.raw(`{"jsonrpc":"2.0","id":"d","method":"eval","params":{"workspace":"w","query":"data.a.x","input":` + deep + `}}`); r.Error == nil {
		t.Errorf("%.100s", r.Result)
	}
	deep = strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000)
	c.raw(`{"jsonrpc":"2.0","id":"d","method":"eval","params":{"workspace":"w","query":"data.a.x","input":` + deep + `}}`)
	c.fails(codeLimit, "eval", m{"workspace": "w", "query": strings.Repeat("[", 200_000)})
	get[versionResult](c, "version", m{})
}

// TestNestingIsNotOverdone reads what is large but ordinary.
func TestNestingIsNotOverdone(t *testing.T) {
	for _, text := range []string{
		"package a\n\nx := {\n" + strings.Repeat("\t\"k\": -1,\n", 50_000) + "}\n",
		"package a\n\nx if {\n" + strings.Repeat("\ty := 1 + 2\n", 50_000) + "}\n",
		"package a\n\nx := [" + strings.Repeat("1 + -1, ", 50_000) + "]\n",
		"package a\n\n" + strings.Repeat("# == [[[[[[[[\n", 50_000) + "x := `((((((` # \"\n",
		"package a\n\nx := 1 + 2 == 3 # it's\n" + strings.Repeat("\ny := \"\\\"[\" in input\n", 50_000),
	} {
		if err := checkNesting(text, true); err != nil {
			t.Errorf("%.60q: %v", text, err)
		}
	}
	if err := checkNesting("- "+strings.Repeat("text with ' and - and: [x]\n- ", 50_000), false); err != nil {
		t.Error(err)
	}
}
