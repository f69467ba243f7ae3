package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestTests(t *testing.T) {
	c := newClient(t)
	text, ranges := marked(`package a_test

import data.a

«test_pass» if {
	print("hello")
	a.double(2) == 4
}

«test_fail» if {
	x := a.double(3)
	y := {"é": x}
	«y["é"] == 7»
}

«test_error» if {
	a.conflict == 1
}

«todo_test_later» if false

«test_table»[name] if {
	some name, tc in {
		"two": {"in": 2, "out": 4},
		"three": {"in": 3, "out": 7},
	}
	got := a.double(tc.in)
	«got == tc.out»
}

not_a_test if false
`)
	c.open(
		module("a.rego", "package a\n\ndouble(x) := x * 2\n\nconflict := 1\n\nconflict := 2\n"),
		module("a_test.rego", text),
		module("b_test.rego", "package b_test\n\ntest_other if true\n\ntest_other if true\n"),
	)
	r := get[testRunResult](c, "test", m{"workspace": "w", "progressId": "p"})
	var got []string
	for _, test := range r.Tests {
		got = append(got, test.Outcome+" "+test.Name)
	}
	want := []string{
		"pass data.a_test.test_pass", "fail data.a_test.test_fail", "error data.a_test.test_error", "skip data.a_test.todo_test_later",
		"fail data.a_test.test_table/three", "pass data.a_test.test_table/two", "pass data.b_test.test_other", "pass data.b_test.test_other#01",
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%q\nexpected %q", got, want)
	}
	at := func(i int) Range { return r.Tests[i].Location.Range }
	if at(0) != ranges[0] || at(1) != ranges[1] || at(2) != ranges[3] || at(3) != ranges[4] || at(4) != ranges[5] {
		t.Errorf("%+v\n%+v", r.Tests, ranges)
	}
	if r.Tests[0].Output != "hello\n" || r.Tests[0].Failure != nil || r.Tests[0].Package != "a_test" {
		t.Errorf("%+v", r.Tests[0])
	}
	f := r.Tests[1].Failure
	if f == nil || f.Location.Range != ranges[2] || f.Text != `y["é"] == 7` || fmt.Sprint(f.Locals["x"], f.Locals["y"]) != "6 map[é:6]" {
		t.Errorf("%+v", f)
	}
	if !strings.Contains(r.Tests[2].Error, "eval_conflict_error") {
		t.Errorf("%+v", r.Tests[2])
	}
	f = r.Tests[4].Failure
	if f == nil || f.Location.Range != ranges[6] || fmt.Sprint(f.Locals["got"]) != "6" || f.Locals["name"] != "three" {
		t.Errorf("%+v", f)
	}
	c.mu.Lock()
	finished := 0
	for _, n := range c.notes {
		var p struct {
			ID   string
			Test testResult
		}
		if n.Method == "test/finished" && json.Unmarshal(n.Params, &p) == nil && p.ID == "p" && p.Test.Name != "" {
			finished++
		}
	}
	c.mu.Unlock()
	if finished != len(want) {
		t.Errorf("%d notifications", finished)
	}

	names := func(params m) string {
		params["workspace"] = "w"
		var out []string
		for _, test := range get[testRunResult](c, "test", params).Tests {
			out = append(out, strings.TrimPrefix(test.Name, "data."))
		}
		return strings.Join(out, " ")
	}
	for want, params := range map[string]m{
		"a_test.test_pass":                       {"filter": "test_pass$"},
		"":                                       {"filter": "no such"},
		"b_test.test_other b_test.test_other#01": {"paths": []string{"b_test.rego"}},
		"a_test.test_fail":                       {"paths": []string{"a_test.rego", "a.rego"}, "filter": "^data.a_test.test_fail$"},
		"a_test.test_table/three a_test.test_table/two": {"filter": "table", "parallel": 7},
	} {
		if got := names(params); got != want {
			t.Errorf("%v: %q, expected %q", params, got, want)
		}
	}
	if got := names(m{"paths": []string{}}); got != "" {
		t.Errorf("no paths: %q", got)
	}
	c.fails(codeInvalidParams, "test", m{"workspace": "w", "filter": "["})
	c.fails(codeInvalidParams, "test", m{"workspace": "w", "paths": []string{"nope"}})
}

func TestTestCoverage(t *testing.T) {
	c := newClient(t)
	c.open(
		module("a.rego", "package a\n\nx := 1 if input.y\n\nz := 2\n"),
		module("a_test.rego", "package a_test\n\nimport data.a\n\ntest_x if a.x == 1 with input as {\"y\": true}\n"),
	)
	r := get[testRunResult](c, "test", m{"workspace": "w", "coverage": true})
	if r.Coverage == nil || len(r.Coverage.Files) != 2 || fmt.Sprint(r.Coverage.Files[0]) != "{a.rego [3] [5]}" {
		t.Errorf("%+v", r.Coverage)
	}
}

func TestTestsOfBrokenPolicies(t *testing.T) {
	c := newClient(t)
	c.open(module("a_test.rego", "package a_test\n\ntest_x if nope(1)\n"), module("b_test.rego", "package b_test\n\ntest_x if true\n"))
	r := get[testRunResult](c, "test", m{"workspace": "w"})
	if len(r.Tests) != 0 || len(r.Problems) != 1 || r.Problems[0].Path != "a_test.rego" {
		t.Errorf("%+v", r)
	}
	// Files that do not need it run without it.
	if r := get[testRunResult](c, "test", m{"workspace": "w", "paths": []string{"b_test.rego"}}); len(r.Tests) != 1 || len(r.Problems) != 0 {
		t.Errorf("%+v", r)
	}
	c.open(module("a_test.rego", "package a_test\n\ntest_x if\n"))
	if r := get[testRunResult](c, "test", m{"workspace": "w", "paths": []string{"a_test.rego"}}); len(r.Problems) == 0 {
		t.Errorf("%+v", r)
	}
}
