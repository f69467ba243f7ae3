package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func lintNames(c *client, params m) []string {
	c.t.Helper()
	params["workspace"] = "w"
	var out []string
	for _, p := range get[lintResult](c, "lint", params).Problems {
		out = append(out, fmt.Sprintf("%s %s/%s %s", p.Path, p.Category, p.Code, p.Severity))
	}
	return out
}

// TestLint's configuration turns off what its small files would trip over.
const quiet = `rules:
  default:
    level: ignore
  bugs:
    constant-condition:
      level: warning
  style:
    prefer-snake-case:
      level: error
      ignore:
        files: ["ignored_*"]
  imports:
    unresolved-import:
      level: error
ignore:
  files: ["generated/"]
`

func TestLint(t *testing.T) {
	c := newClient(t)
	text, ranges := marked("package a\n\nimport data.«b».nope\n\n«camelCase» if input.x == nope.y[\"💥\"]\n\nx if {\n\t«1 == 1»\n}\n\n# regal ignore:prefer-snake-case\nalsoCamel := 1\n")
	const other = "package b\n\notherCamel := 1\n"
	files := []m{
		module("a.rego", text),
		module("b.rego", other),
		module("ignored_c.rego", "package c\n\ncamelCase := 1\n"),
		module("generated/d.rego", "package d\n\ncamelCase := 1\n"),
		module("broken.rego", "package e\n\nx :=\n"),
		{"path": ".regal/config.yaml", "kind": kindLintConfig, "text": quiet},
	}
	c.open(files...)
	r := get[lintResult](c, "lint", m{"workspace": "w", "paths": []string{"a.rego"}})
	if r.FilesLinted != 1 || len(r.Problems) != 2 {
		t.Fatalf("%+v", r)
	}
	snake, constant := r.Problems[0], r.Problems[1]
	if snake.Code != "prefer-snake-case" || snake.Severity != severityError || snake.Range != ranges[1] || snake.Source != "regal" ||
		!strings.HasSuffix(snake.URL, "/style/prefer-snake-case") {
		t.Errorf("%+v, expected at %+v", snake, ranges[1])
	}
	if constant.Code != "constant-condition" || constant.Severity != severityWarning || constant.Range != ranges[2] {
		t.Errorf("%+v, expected at %+v", constant, ranges[2])
	}
	all := []string{"a.rego imports/unresolved-import error", "a.rego style/prefer-snake-case error", "a.rego bugs/constant-condition warning", "b.rego style/prefer-snake-case error"}
	if got := lintNames(c, m{}); !slices.Equal(got, all) {
		t.Errorf("%q", got)
	}
	if got := lintNames(c, m{"aggregate": false}); !slices.Equal(got, all[1:]) {
		t.Errorf("%q", got)
	}
	if got := lintNames(c, m{"paths": []string{"b.rego"}, "aggregate": true}); !slices.Equal(got, []string{all[0], all[3]}) {
		t.Errorf("%q", got)
	}
	// What was collected of other files follows their changes.
	get[workspaceResult](c, "workspace/update", m{"workspace": "w", "changed": []m{module("b.rego", "package b\n\nnope := 1\n")}})
	if got := lintNames(c, m{}); !slices.Equal(got, all[1:3]) {
		t.Errorf("%q", got)
	}
	// And a change of the configuration changes it all.
	get[workspaceResult](c, "workspace/update", m{"workspace": "w", "removed": []string{".regal/config.yaml"}})
	if got := lintNames(c, m{"paths": []string{"generated/d.rego"}}); !slices.Contains(got, "generated/d.rego style/prefer-snake-case error") {
		t.Errorf("%q", got)
	}
}

func TestLintConfigProblems(t *testing.T) {
	c := newClient(t)
	for text, want := range map[string]string{
		"rules:\n  style:\n    «no-such-rule»:\n      level: error\n": "no rule or category no-such-rule",
		"rules:\n  «no-such-category»:\n    x:\n      level: error\n": "no rule or category no-such-category",
		"«rules»: [\n": "yaml",
		"capabilities:\n  from:\n    file: «/etc/passwd»\n":                                                                    "is not there",
		"capabilities:\n  from:\n    «url»: https://example.com/caps.json\n":                                                   "are not fetched from an address",
		"capabilities:\n  plus:\n    builtins:\n    - «name»: ''\n":                                                            "needs a name",
		"capabilities:\n  plus:\n    builtins:\n    - «name»: a.b\n":                                                           "has no decl",
		"capabilities:\n  plus:\n    builtins:\n    - «name»: a.b\n      decl: {variadic: {type: any}, result: {type: any}}\n": "variadic",
	} {
		text, ranges := marked(text)
		c.open(module("a.rego", "package a\n\nx := 1\n"), m{"path": "c.yaml", "kind": kindLintConfig, "text": text})
		r := get[lintResult](c, "lint", m{"workspace": "w"})
		if len(r.Problems) == 0 || r.Problems[0].Path == "a.rego" && strings.Contains(want, "no rule") {
			t.Errorf("%q: %+v", text, r)
			continue
		}
		i := slices.IndexFunc(r.Problems, func(p Problem) bool { return p.Path == "c.yaml" })
		if p := r.Problems[i]; !strings.Contains(p.Message, want) || p.Range.Start != ranges[0].Start && want != "yaml" {
			t.Errorf("%q: %+v", text, p)
		}
	}
}

func TestBuiltinsOfOtherEngines(t *testing.T) {
	c := newClient(t)
	config := m{"path": "c.yaml", "kind": kindLintConfig, "text": "capabilities:\n  from:\n    engine: eopa\n    version: v1.9.5\n"}
	c.open(config, module("a.rego", "package a\n\nx := sql.send({}).rows\n\ny := sql.send()\n"))
	got := found(get[checkResult](c, "check", m{"workspace": "w"}).Problems)
	if len(got) != 1 || !strings.HasPrefix(got[0], "a.rego 4:5 rego_type_error sql.send: ") {
		t.Errorf("%q", got)
	}
	variadic := `{"builtins": [{"name": "a.b", "decl": {"type": "function", "variadic": {"type": "any"}, "result": {"type": "any"}}}]}`
	if problems := c.open(m{"path": "c.json", "kind": kindCapabilities, "text": variadic}); len(problems) != 1 {
		t.Errorf("%+v", problems)
	}
}

const ownRule = `# METADATA
# description: No rule is called forbidden
package custom.regal.rules.naming["no-forbidden"]

import data.regal.ast
import data.regal.result

report contains violation if {
	some rule in input.rules
	ast.ref_to_string(rule.head.ref) == "forbidden"
	violation := result.fail(rego.metadata.chain(), result.location(rule.head.ref[0]))
}
`

func TestOwnLintRules(t *testing.T) {
	c := newClient(t)
	config := m{"path": ".regal/config.yaml", "kind": kindLintConfig, "text": "rules:\n  default:\n    level: ignore\n  naming:\n    no-forbidden:\n      level: warning\n"}
	rule := func(text string) m { return m{"path": ".regal/rules/r.rego", "kind": kindLintRule, "text": text} }
	file := module("a.rego", "package a\n\nforbidden := 1\n")
	c.open(file, config, rule(ownRule))
	if got := lintNames(c, m{}); !slices.Equal(got, []string{"a.rego naming/no-forbidden warning"}) {
		t.Errorf("%q", got)
	}
	// Broken rules of one's own are told; the others go on.
	c.open(file, config, rule(strings.Replace(ownRule, "result.fail(", "result.nope(", 1)))
	got := lintNames(c, m{})
	if len(got) != 1 || !strings.HasPrefix(got[0], ".regal/rules/r.rego /rego_type_error") {
		t.Errorf("%q", got)
	}
}

func TestLintIsStopped(t *testing.T) {
	c := newClient(t)
	c.open(module("a.rego", "package a\n\nx := ["+strings.Repeat("1,", 200_000)+"1]\n"))
	c.fails(codeDeadline, "lint", m{"workspace": "w", "deadlineMs": 50})
	c.open(module("a.rego", "package a\n\nx := 1\n"))
	get[lintResult](c, "lint", m{"workspace": "w"}) // what it had begun to prepare is prepared anew
}
