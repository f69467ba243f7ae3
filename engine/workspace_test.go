package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestOpenUpdateClose(t *testing.T) {
	c := newClient(t)
	if p := c.open(module("a.rego", "package a\nx := 1\n"), module("b.rego", "package b\nx := \n")); len(p) != 1 || p[0].Path != "b.rego" {
		t.Fatalf("%+v", p)
	}
	if p := get[workspaceResult](c, "workspace/update", m{"workspace": "w", "changed": []m{module("b.rego", "package b\n\ny := 1\n")}}).Problems; len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	names := func() []string {
		var out []string
		for _, mod := range get[outlineResult](c, "outline", m{"workspace": "w"}).Modules {
			out = append(out, mod.Path)
		}
		return out
	}
	// Removed and changed at once is changed.
	get[workspaceResult](c, "workspace/update", m{"workspace": "w", "removed": []string{"a.rego", "b.rego", "unknown"}, "changed": []m{module("b.rego", "package b\ny := 2\n")}})
	if got := names(); !slices.Equal(got, []string{"b.rego"}) {
		t.Errorf("%v", got)
	}
	// Opening again replaces.
	c.open(module("c.rego", "package c\nx := 1\n"))
	if got := names(); !slices.Equal(got, []string{"c.rego"}) {
		t.Errorf("%v", got)
	}
	// A request that fails changes nothing.
	c.fails(codeInvalidParams, "workspace/update", m{"workspace": "w", "removed": []string{"c.rego"}, "changed": []m{{"path": "x", "kind": "y"}}})
	if got := names(); !slices.Equal(got, []string{"c.rego"}) {
		t.Errorf("%v", got)
	}
	if r := c.call("workspace/close", m{"workspace": "w"}); r.Error != nil || string(r.Result) != "null" {
		t.Errorf("%+v", r)
	}
	c.fails(codeUnknownWorkspace, "outline", m{"workspace": "w"})
}

func TestData(t *testing.T) {
	c := newClient(t)
	at := func(path, text string, at ...string) m {
		return m{"path": path, "kind": kindData, "text": text, "at": at}
	}
	if p := c.open(
		data("a.yaml", "a:\n  b: 1\n  big: 12345678901234567890\n"),
		data("b.json", "{\"a\": {\"c\": [2]}}"),
		at("d.yaml", "- 1\n- 2\n", "list", "of"),
		data("é.yaml", "# only a comment\nü: \"💥\"\n"),
	); len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	r := get[json.RawMessage](c, "eval", m{"workspace": "w", "query": "data"})
	for _, want := range []string{`"b":1`, `"c":[2]`, `"list":{"of":[1,2]}`, `"ü":"💥"`, `12345678901234567890`} {
		if !strings.Contains(string(r), want) {
			t.Errorf("%s is missing in %s", want, r)
		}
	}
	for _, tc := range []struct {
		name    string
		file    m
		message string
		where   string
	}{
		{"broken JSON", data("x.json", `{"a": }`), "invalid character", "0:6-0:7"},
		{"broken YAML", data("x.yaml", "a: 1\nb: [\n"), "yaml", ""},
		{"not an object", data("x.yaml", "- 1\n"), "not an object", "0:0-0:1"},
		{"empty", data("x.yaml", " \n"), "empty", "0:0-0:0"},
		{"deep", data("x.json", strings.Repeat("[", 5000)+strings.Repeat("]", 5000)), "nested", ""},
		{"twice", data("x.yaml", "z: 1\na:\n  b: 2\n"), "data.a.b is defined by another", "2:2-2:3"},
		{"aliases", data("x.yaml", "a: &a [x,x,x,x,x,x,x,x,x]\n"+bombs(9)), "", ""},
	} {
		p := c.open(data("a.yaml", "a:\n  b: 1\n"), tc.file)
		if len(p) != 1 || !strings.Contains(p[0].Message, tc.message) || p[0].Code != "data_error" {
			t.Errorf("%s: %+v", tc.name, p)
			continue
		}
		r := p[0].Range
		if got := fmt.Sprintf("%d:%d-%d:%d", r.Start.Line, r.Start.Character, r.End.Line, r.End.Character); tc.where != "" && got != tc.where {
			t.Errorf("%s: at %s, expected %s", tc.name, got, tc.where)
		}
		// Half of the data is no basis for a decision.
		c.fails(codeCompile, "eval", m{"workspace": "w", "query": "data.a"})
	}
}

// bombs are YAML aliases that multiply.
func bombs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%c: &%c [%s]\n", 'b'+i, 'b'+i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", 'a'+i), 9), ","))
	}
	return b.String()
}

// TestUpdatesEqualAFreshOpen changes a workspace at random, and compares what is found in it with what
// is found in one that was opened with the same files.
func TestUpdatesEqualAFreshOpen(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	packages := []string{"a", "b", "a.b", "c.d", "c.d_test"}
	bodies := []string{
		"x := 1", "y contains data.a.x", "f(v) := data.b.g(v)", "g(v) := v + 1", "x := undefined_function(1)",
		"p if { some i; data.c.d[i] == z }", "import data.a\nq := a.f(1)", "b := 1", "x := {", "default x := 2",
		"test_q if { data.a.x == 1 with data.k as 3 }", "all := [v | some v in data]", "",
		"# METADATA\n# schemas:\n#   - input: schema.s\nr := input.nope",
	}
	files := map[string]m{}
	random := func() m {
		switch rng.IntN(8) {
		case 0:
			return m{"path": fmt.Sprintf("d%d.yaml", rng.IntN(3)), "kind": kindData, "text": []string{"k: 1\n", "a: {x: 1}\n", "k: [\n", "b: 3\n"}[rng.IntN(4)]}
		case 1:
			return m{"path": "schemas/s.json", "kind": kindSchema, "text": []string{`{"type":"object","properties":{"nope":{"type":"string"}}}`, `{"type":"object","properties":{},"additionalProperties":false}`}[rng.IntN(2)]}
		}
		text := "package " + packages[rng.IntN(len(packages))] + "\n"
		for range 1 + rng.IntN(3) {
			text += "\n" + bodies[rng.IntN(len(bodies))] + "\n"
		}
		return module(fmt.Sprintf("m%d.rego", rng.IntN(8)), text)
	}
	c := newClient(t)
	c.open()
	found := 0
	for round := range 150 {
		var changed []m
		var removed []string
		seen := map[string]bool{}
		for range 1 + rng.IntN(3) {
			f := random()
			path := f["path"].(string)
			if seen[path] {
				continue
			}
			seen[path] = true
			if rng.IntN(4) == 0 {
				removed = append(removed, path)
				delete(files, path)
			} else {
				changed = append(changed, f)
				files[path] = f
			}
		}
		get[workspaceResult](c, "workspace/update", m{"workspace": "w", "changed": changed, "removed": removed})
		get[workspaceResult](c, "workspace/open", m{"workspace": "fresh", "files": slices.Collect(maps.Values(files))})
		questions := []struct {
			method string
			params m
		}{
			{"check", m{}}, {"check", m{"strict": true}}, {"outline", m{}},
			{"eval", m{"query": "data", "input": m{}}},
		}
		for path, f := range files {
			if f["kind"] == kindModule {
				questions = append(questions, struct {
					method string
					params m
				}{"check", m{"paths": []string{path}}})
			}
		}
		for _, q := range questions {
			answers := [2]reply{}
			for i, workspace := range []string{"w", "fresh"} {
				params := maps.Clone(q.params)
				params["workspace"] = workspace
				answers[i] = c.call(q.method, params)
			}
			if !reflect.DeepEqual(answers[0].Error, answers[1].Error) || string(answers[0].Result) != string(answers[1].Result) {
				t.Fatalf("round %d: %s %v:\n%s %+v\n%s %+v", round, q.method, q.params, answers[0].Result, answers[0].Error, answers[1].Result, answers[1].Error)
			}
		}
		// What is found in a file by itself with its closure is what is found in it with all others; more
		// can be found, as errors in other files end a compilation early.
		all := get[checkResult](c, "check", m{"workspace": "w"}).Problems
		found += len(all)
		for _, p := range all {
			if files[p.Path]["kind"] != kindModule {
				continue
			}
			one := get[checkResult](c, "check", m{"workspace": "w", "paths": []string{p.Path}}).Problems
			if len(one) == 0 {
				t.Fatalf("round %d: %+v is not found by itself in\n%v", round, p, files)
			}
		}
	}
	if found == 0 {
		t.Error("no round had a problem")
	}
}
