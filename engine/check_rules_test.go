package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func lintRule(name, text string) m {
	return m{"path": ".regal/rules/" + name, "kind": kindLintRule, "text": text}
}

// found are problems as `path line:character code message`, the first line of it.
func found(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		message, _, _ := strings.Cut(p.Message, "\n")
		out = append(out, fmt.Sprintf("%s %d:%d %s %s", strings.TrimPrefix(p.Path, ".regal/rules/"), p.Range.Start.Line, p.Range.Start.Character, p.Code, message))
	}
	return out
}

// rulesWith is a workspace of such rules beside a policy; what is checked is one of them, or everything.
func rulesWith(c *client, rules map[string]string, paths ...string) []string {
	files := []m{module("a.rego", "package a\n\nx := 1\n")}
	for name, text := range rules {
		files = append(files, lintRule(name, text))
	}
	c.open(files...)
	params := m{"workspace": "w"}
	if paths != nil {
		params["paths"] = paths
	}
	return found(get[checkResult](c, "check", params).Problems)
}

func TestRulesAreChecked(t *testing.T) {
	const head = "package custom.regal.rules.naming.x\n\nimport data.regal.ast\n\n"
	c := newClient(t)
	for _, tc := range []struct{ name, text, want string }{
		{"nothing wrong", ownRule, ""},
		{"tests", strings.Replace(head, "naming.x\n", "naming.x_test\n", 1) + "test_x if {\n\tm := regal.parse_module(\"p.rego\", \"package p\")\n\tast.ref_to_string(m.package.path) == \"\"\n}\n", ""},
		{"undefined function of Regal's", head + "x := ast.nope(1)\n", "r.rego 4:5 rego_type_error undefined function data.regal.ast.nope"},
		{"unknown built-in", head + "x := ldap.query(1)\n", "r.rego 4:5 rego_type_error undefined function ldap.query"},
		{"type error", head + "x := count(1)\n", "r.rego 4:5 rego_type_error count: invalid argument(s)"},
		{"wrong argument for Regal's built-in", head + "x := regal.parse_module(1, 2)\n", "r.rego 4:5 rego_type_error regal.parse_module: invalid argument(s)"},
		{"wrong argument for Regal's function", head + "x := ast.ref_to_string()\n", "r.rego 4:5 rego_type_error function data.regal.ast.ref_to_string has arity 1, got 0 arguments"},
		{"unsafe", head + "x if y1 > 1\n", "r.rego 4:5 rego_unsafe_var_error var y1 is unsafe"},
		{"carriage returns", strings.ReplaceAll(head+"x if y1 > 1\n", "\n", "\r\n"), "r.rego 4:5 rego_unsafe_var_error var y1 is unsafe"},
		{"no network", head + "x := http.send({})\n", "r.rego 4:5 rego_type_error unsafe built-in function calls in expression: http.send"},
		{"in conflict with Regal's", "package regal.ast\n\nref_to_string := 1\n", "r.rego 2:0 rego_type_error conflicting rules data.regal.ast.ref_to_string found"},
		{"unreadable", head + "x := )\n", "r.rego 4:5 rego_parse_error unexpected ) token: expected rule value term (e.g., x := <VALUE> { ... })"},
	} {
		var want []string
		if tc.want != "" {
			want = []string{tc.want}
		}
		rules := map[string]string{"r.rego": tc.text}
		if got := rulesWith(c, rules); !slices.Equal(got, want) {
			t.Errorf("%s: %q", tc.name, got)
		}
		if got := rulesWith(c, rules, ".regal/rules/r.rego"); !slices.Equal(got, want) {
			t.Errorf("%s, by itself: %q", tc.name, got)
		}
		if got := rulesWith(c, rules, "a.rego"); got != nil {
			t.Errorf("%s: the policy has %q", tc.name, got)
		}
	}
}

func TestAnErrorInARuleHidesNoOther(t *testing.T) {
	c := newClient(t)
	got := rulesWith(c, map[string]string{
		"a.rego":      "package custom.a\n\nx := nope(1)\n",
		"b.rego":      "package custom.b\n\nimport data.custom.shared\n\nx := count(shared.one)\n",
		"shared.rego": "package custom.shared\n\none := 1\n",
	})
	want := []string{
		"a.rego 2:5 rego_type_error undefined function nope",
		"b.rego 4:5 rego_type_error count: invalid argument(s)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestAnUnknownBuiltinOfARuleIsNotToBeDeclared(t *testing.T) {
	c := newClient(t)
	rules := []m{lintRule("r.rego", "package custom.r\n\nx := ldap.query(1)\n")}
	c.open(append(rules, m{"path": ".regal/config.yaml", "kind": kindLintConfig, "text": "capabilities:\n  plus:\n    builtins:\n      - name: ldap.query\n        decl: {args: [{type: any}], result: {type: any}}\n"})...)
	for _, method := range []string{"check", "lint"} {
		problems := get[checkResult](c, method, m{"workspace": "w"}).Problems
		if len(problems) != 1 || !strings.HasSuffix(problems[0].Message, unknownInRules) {
			t.Errorf("%s: %+v", method, problems)
		}
	}
}

// What changes in one rule is heeded in those that need it, and what was found in the others is kept.
func TestRulesAreCheckedAsTheyChange(t *testing.T) {
	c := newClient(t)
	const path = ".regal/rules/user.rego"
	check := func(want ...string) {
		t.Helper()
		for _, params := range []m{{"workspace": "w"}, {"workspace": "w", "paths": []string{path}}} {
			if got := found(get[checkResult](c, "check", params).Problems); !slices.Equal(got, want) {
				t.Errorf("%v: %q", params, got)
			}
		}
	}
	update := func(params m) {
		params["workspace"] = "w"
		get[workspaceResult](c, "workspace/update", params)
	}
	shared := func(text string) m {
		return m{"changed": []m{lintRule("shared.rego", "package custom.shared\n\n"+text)}}
	}
	c.open(lintRule("user.rego", "package custom.user\n\nx := count(data.custom.shared.list)\n"), lintRule("shared.rego", "package custom.shared\n\nlist := [1]\n"))
	check()
	update(shared("list := 1\n"))
	check("user.rego 2:5 rego_type_error count: invalid argument(s)")
	update(shared("list := [2]\n"))
	check()
	update(shared("list := [2]\n\nother := count(1)\n"))
	update(m{"removed": []string{".regal/rules/shared.rego"}})
	check()
	update(m{"removed": []string{path}})
	if got := get[checkResult](c, "check", m{"workspace": "w"}).Problems; len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
