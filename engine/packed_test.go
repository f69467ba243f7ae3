package main

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

func TestPacked(t *testing.T) {
	for _, text := range []string{
		`null`, `true`, `false`, `""`, `"ü💥\u0000"`, `0`, `-1.5e300`, `12345678901234567890.000`,
		`[]`, `{}`, `set()`, `[[], {}, set(), null]`, `{1, "1", {2}, [3]}`, `{"a": {1}, {"b": 2}: [3], 4: null}`,
		`"` + strings.Repeat("long ", 100) + `"`, `[` + strings.Repeat("0, ", 300) + `1]`,
	} {
		want := ast.MustParseTerm(text).Value
		p, err := pack(want)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := p.unpack().Value; got.Compare(want) != 0 || got.String() != want.String() {
			t.Errorf("%s: %v", text, got)
		}
	}
	for _, text := range []string{`data.x`, `[x]`, `{"a": input.b}`} {
		if p, err := pack(ast.MustParseTerm(text).Value); err == nil {
			t.Errorf("%s: %q", text, p)
		}
	}
}
