package main

import (
	"strings"
	"testing"
)

// TestRanges marks with «» where each problem is.
func TestRanges(t *testing.T) {
	for _, tc := range []struct {
		name, text, code, message string
		strict                    bool
	}{
		{"unexpected token", "package a\n\nx := «]»\n", "rego_parse_error", "unexpected ] token", false},
		{"end of the file", "package a\n\nx := {«»", "rego_parse_error", "unexpected eof", false},
		{"empty", "«»", "rego_parse_error", "empty module", false},
		{"if is missing", "package a\n\n«x» { true }\n", "rego_parse_error", "`if` keyword is required", false},
		{"illegal character", "package a\n\nx := «$»\n", "rego_parse_error", "illegal", false},
		{"unsafe variable", "package a\n\nx if {\n\t1 == «y1»\n}\n", "rego_unsafe_var_error", "var y1 is unsafe", false},
		{"after a tab, é and an emoji", "package a\n\nx if {\n\t\"é💥\" == «y1»\n}\n", "rego_unsafe_var_error", "var y1 is unsafe", false},
		{"after a byte-order mark", "\ufeffpackage a\n\nx := «y1»\n", "rego_unsafe_var_error", "var y1 is unsafe", false},
		{"carriage returns", "package a\r\n\r\nx if {\r\n\t1 == «y1»\r\n}\r\n", "rego_unsafe_var_error", "var y1 is unsafe", false},
		{"unknown function", "package a\n\nx := 1 + «nope»(2)\n", "rego_type_error", "undefined function nope", false},
		{"type error", "package a\n\nx if «1 == \"a\"»\n", "rego_type_error", "match error", false},
		{"wrong argument", "package a\n\nx := «count»(1)\n", "rego_type_error", "invalid argument", false},
		{"recursion", "package a\n\n«x» if {\n\tx\n}\n", "rego_recursion_error", "recursive", false},
		{"two defaults", "package a\n\ndefault «x» := 1\n\ndefault «x» := 2\n", "rego_type_error", "multiple default rules", false},
		{"conflict", "package a\n\n«x» := 1\n\nx(y) := y\n", "rego_type_error", "conflicting rules", false},
		{"conflict with a default", "package a\n\ndefault «f» := 1\n\nf(1) := 3\n", "rego_type_error", "conflicting rules", false},
		{"undefined member", "package a\n\nx := {\"a\": 1}\n\ny := «x.b»\n", "rego_type_error", "undefined ref", false},
		{"undefined function of one's own", "package a\n\nfoo.bar := 1\n\nx if «foo.bar»(1)\n", "rego_type_error", "undefined function", false},
		{"shadowed input", "package a\n\ny if {\n\t«input» := 1\n}\n", "rego_compile_error", "must not shadow input", false},
		{"shadowed function", "package a\n\ny if {\n\tcount := 3\n\t«count»([1]) == 3\n}\n", "rego_compile_error", "shadowed", false},
		{"declared twice", "package a\n\ny if {\n\tsome x, «x»\n\tx == 1\n}\n", "rego_compile_error", "declared above", false},
		{"unused variable of every", "package a\n\np if {\n\tevery «x» in [1] {\n\t\tz\n\t}\n}\n", "rego_compile_error", "declared var x unused", false},
		{"imported twice", "package a\n\nimport data.x\nimport «data.y as x»\n\ny := x\n", "rego_compile_error", "must not shadow import", false},
		{"annotation's scope", "package a\n\n# METADATA\n# scope: «nope»\nx := 3\n", "rego_parse_error", "invalid annotation scope", false},
		{"several lines", "package a\n\ny := «concat»(\",\", [\n\t1,\n\t2\n])\n", "rego_type_error", "invalid argument", false},
		{"network", "package a\n\nx := «http.send»({})\n", "rego_type_error", "http.send", false},
		{"unused variable", "package a\n\nx if {\n\t«y» := 1\n}\n", "rego_compile_error", "unused", true},
		{"unused import", "package a\n\nimport «data.b»\n\nx := 1\n", "rego_compile_error", "unused", true},
		{"unused argument", "package a\n\nf(«y1») := 1\n", "rego_compile_error", "unused", true},
		{"inline schema", "package a\n\n# METADATA\n# schemas:\n#   - input: {type: object, properties: {b: {type: string}}, additionalProperties: false}\nx := «input.c»\n", "rego_type_error", "undefined ref: input.c", false},
		{"schema file", "package a\n\n# METADATA\n# schemas:\n#   - input: schema[\"my-in\"].v1\nx := «input.c»\n", "rego_type_error", "undefined ref: input.c", false},
		{"unknown schema", "package a\n\n# METADATA\n# schemas:\n#   - input: «schema.nope»\nx := 1\n", "rego_type_error", "undefined schema", false},
		{"bad annotation", "package a\n\n# METADATA\n# «title: [»\nx := 1\n", "rego_parse_error", "yaml", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t)
			text, ranges := marked(tc.text)
			c.open(module("a.rego", text), m{"path": "x/schemas/my-in/v1.json", "kind": kindSchema, "text": `{"type": "object", "properties": {"b": {"type": "string"}}, "additionalProperties": false}`})
			problems := get[checkResult](c, "check", m{"workspace": "w", "strict": tc.strict}).Problems
			if len(problems) == 0 {
				t.Fatal("nothing found")
			}
			p := problems[0]
			if p.Code != tc.code || !strings.Contains(p.Message, tc.message) || p.Path != "a.rego" || p.Severity != severityError || p.Source != "opa" {
				t.Errorf("%+v", p)
			}
			if p.Range != ranges[0] {
				t.Errorf("at %+v, expected %+v (%s)", p.Range, ranges[0], p.Message)
			}
			if strings.HasPrefix(p.Message, "conflicting rules") && (len(p.Related) != 1 || len(problems) != 2 || problems[1].Related[0].Location.Range != p.Range) {
				t.Errorf("they do not point at each other: %+v", problems)
			}
			if strings.HasPrefix(tc.name, "unused") && (len(p.Tags) != 1 || p.Tags[0] != "unnecessary") {
				t.Errorf("tags %v", p.Tags)
			}
		})
	}
}

func TestAllErrorsAreFound(t *testing.T) {
	c := newClient(t)
	var b strings.Builder
	b.WriteString("package a\n")
	for range 50 {
		b.WriteString("\nx if 1 == \"a\"\n")
	}
	c.open(module("a.rego", b.String()))
	if n := len(get[checkResult](c, "check", m{"workspace": "w"}).Problems); n != 50 {
		t.Errorf("%d problems", n)
	}
}

func TestClosure(t *testing.T) {
	c := newClient(t)
	c.open(
		module("a.rego", "package a\n\nimport data.b\n\nx := b.f(1)\n"),
		module("b.rego", "package b\n\nf(v) := data.c.d.g(v)\n"),
		module("c.rego", "package c.d\n\ng(v) := v\n"),
		module("unrelated.rego", "package z\n\nx := nope(1)\n"),
		module("conflict.rego", "package a.x\n\ny := 1\n"),
		module("all.rego", "package all\n\nx if { some i; data[i] }\n"),
	)
	paths := func(names ...string) []string {
		var out []string
		for _, p := range get[checkResult](c, "check", m{"workspace": "w", "paths": names}).Problems {
			out = append(out, p.Path)
		}
		return out
	}
	for _, tc := range []struct {
		name string
		want string
	}{
		{"b.rego", ""},
		{"c.rego", ""},
		{"unrelated.rego", "unrelated.rego"},
		{"a.rego", "a.rego"},
		{"conflict.rego", "a.rego"},
		{"all.rego", "a.rego"}, // the compiler ends with the conflict
	} {
		if got := strings.Join(paths(tc.name), " "); got != tc.want && !strings.Contains(got, tc.want) || tc.want == "" && got != "" {
			t.Errorf("%s: %q, expected %q", tc.name, got, tc.want)
		}
	}
	c.fails(codeInvalidParams, "check", m{"workspace": "w", "paths": []string{"nope.rego"}})
}

func TestRegoVersions(t *testing.T) {
	const v0 = "package a\n\np { input.x }\n"
	const v0Imports = "package a\n\nimport rego.v1\n\np if input.x\n"
	const v1 = "package a\n\np if input.x\n"
	c := newClient(t)
	for _, tc := range []struct {
		version, text string
		good          bool
	}{
		{"", v1, true}, {"", v0, false}, {"v1", v0Imports, true}, {"v0", v0, true}, {"v0", v1, false}, {"v0", v0Imports, true},
		{"v0v1", v0, true}, {"v0v1", v1, true}, {"v0v1", v0Imports, true}, {"v0v1", "package a\n\np {\n", false},
	} {
		p := get[workspaceResult](c, "workspace/open", m{"workspace": "w", "regoVersion": tc.version, "files": []m{module("a.rego", tc.text)}}).Problems
		p = append(p, get[checkResult](c, "check", m{"workspace": "w"}).Problems...)
		if (len(p) == 0) != tc.good {
			t.Errorf("%q in %q: %+v", tc.text, tc.version, p)
		}
		f := get[formatResult](c, "format", m{"path": "a.rego", "text": tc.text, "regoVersion": tc.version})
		if (f.Text != nil) != tc.good {
			t.Errorf("format of %q in %q: %+v", tc.text, tc.version, f)
		}
		if tc.good {
			if r := get[evalResult](c, "eval", m{"workspace": "w", "query": "data.a.p", "input": m{"x": true}}); len(r.Evaluations[0].Result) != 1 {
				t.Errorf("%q in %q: %+v", tc.text, tc.version, r)
			}
		}
	}
}

func TestFormat(t *testing.T) {
	c := newClient(t)
	for in, want := range map[string]string{
		"package   a\nx:=1":                       "package a\n\nx := 1\n",
		"package a\r\nx:=1\r\n# é\r\n":            "package a\r\n\r\nx := 1\r\n\r\n# é\r\n",
		"package a\n\nx := `a\n  b`\n":            "package a\n\nx := `a\n  b`\n",
		"package a\n# METADATA\n# title: t\nx:=1": "package a\n\n# METADATA\n# title: t\nx := 1\n",
	} {
		r := get[formatResult](c, "format", m{"path": "a.rego", "text": in})
		if r.Text == nil {
			t.Errorf("%q: %+v", in, r.Problems)
		} else if *r.Text != want {
			t.Errorf("%q: %q", in, *r.Text)
		}
	}
	r := get[formatResult](c, "format", m{"path": "a.rego", "text": "package a\nx :="})
	if r.Text != nil || len(r.Problems) == 0 {
		t.Errorf("%+v", r)
	}
}

func TestOutlineAndParse(t *testing.T) {
	c := newClient(t)
	text := "package a.b\n\nimport rego.v1\n\ndefault allow := false\n\nallow if {\n\tinput[\"é\"]\n}\n\nobj.thing contains 1\n\ntodo_test_x if true\n"
	c.open(module("a.rego", text))
	o := get[outlineResult](c, "outline", m{"workspace": "w"})
	rules := o.Modules[0].Rules
	if o.Modules[0].Package != "a.b" || len(rules) != 4 {
		t.Fatalf("%+v", o)
	}
	for i, want := range []struct {
		name string
		test bool
		at   string
	}{{"allow", false, "allow"}, {"allow", false, "allow"}, {"obj.thing", false, "obj.thing"}, {"todo_test_x", true, "todo_test_x"}} {
		src := newSource(text)
		r := rules[i]
		line := src.text[src.lines[r.NameRange.Start.Line]:]
		if r.Name != want.name || r.Test != want.test || line[r.NameRange.Start.Character:r.NameRange.End.Character] != want.at {
			t.Errorf("%+v, expected %+v", r, want)
		}
	}
	if r := rules[1].Location.Range; r.Start.Line != 6 || r.End.Line != 8 || r.End.Character != 1 {
		t.Errorf("%+v", r)
	}
	p := get[parseResult](c, "parse", m{"path": "a.rego", "text": "# METADATA\n# title: T\npackage a\n\n# c\nx := input[\"é\"]\n"})
	for _, want := range []string{`"location"`, `"title":"T"`, `"comments"`, `"rules"`} {
		if !strings.Contains(string(p.Module), want) {
			t.Errorf("%s is missing in %s", want, p.Module)
		}
	}
	// Locations are for parse alone.
	r := c.call("eval", m{"workspace": "w", "query": `rego.parse_module("x.rego", "package x\ny := 1")`})
	if strings.Contains(string(r.Result), `"location"`) || !strings.Contains(string(r.Result), `"rules"`) {
		t.Errorf("%s", r.Result)
	}
}
