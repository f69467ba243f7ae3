package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// openExplored opens a workspace in which one module is broken that no other refers to.
func openExplored(t *testing.T) *client {
	t.Helper()
	c := newClient(t)
	c.open(
		module("lib/roles.rego", `package lib.roles

admins contains name if {
	some name in data.people
	name in data.wanted
}
`),
		module("a.rego", `package a

import data.lib.roles as people

allow if {
	print("asked by", input.user)
	input.user in people.admins
}

exact := 12345678901234567890123

bad := json.unmarshal("{")

reach := http.send({"method": "get", "url": "http://127.0.0.1/"}) if input.never
`),
		module("b.rego", `package b

limit := 2

double(x) := 2 * x
`),
		module("broken.rego", "package broken\n\nx := \n"),
		module("wrong.rego", "package wrong\n\nx := y\n"),
		data("d.yaml", "people: [ann, bo]\nwanted: [ann]\n"),
	)
	return c
}

func explored(c *client, method string, params m) string {
	c.t.Helper()
	params["workspace"] = "w"
	r := c.call(method, params)
	if r.Error != nil {
		return r.Error.Message + " " + string(r.Error.Data)
	}
	return string(r.Result)
}

func TestQuery(t *testing.T) {
	c := openExplored(t)
	deep := strings.Repeat("[", 2000) + strings.Repeat("]", 2000)
	for _, tc := range []struct {
		name   string
		params m
		want   []string
	}{
		{"in another module's words", m{"path": "b.rego", "query": "double(limit)"}, []string{`"result":[{"expressions":[{"text":"double(limit)","json":"4"}]}]`, `"printed":[]`, `"builtinErrors":[]`}},
		{"what the query alone refers to", m{"path": "b.rego", "query": "data.lib.roles.admins"}, []string{`"json":"[\"ann\"]"`}},
		{"a broken module elsewhere is no matter, what is asked of it is", m{"path": "b.rego", "query": "data.broken"}, []string{"broken.rego:4", `"problems"`}},
		{"what does not compile, too", m{"path": "b.rego", "query": "data.wrong"}, []string{"var y is unsafe"}},
		{"the module itself is broken", m{"path": "broken.rego", "query": "1"}, []string{"broken.rego:4", `"problems"`}},
		{"undefined", m{"path": "b.rego", "query": "data.b.nothing"}, []string{`"result":[]`}},
		{"false", m{"path": "b.rego", "query": "limit > 3"}, []string{`"json":"false"`}},
		{"exact", m{"path": "b.rego", "query": "input.x + 1", "input": m{"path": "input.json", "text": `{"x": 12345678901234567890123}`}}, []string{`"json":"12345678901234567890124"`}},
		{"as JSON escapes", m{"path": "b.rego", "query": "input", "input": m{"path": "input.json", "text": `"a\/\u0041<"`}}, []string{`"json":"\"a/A<\""`}},
		{"bindings", m{"path": "b.rego", "query": "some i\nx := [7, 8][i]; x > 7"}, []string{`"bindings":{"i":"1","x":"8"}`}},
		{"no query", m{"path": "b.rego", "query": ""}, []string{"query"}},
		{"syntax of the query", m{"path": "b.rego", "query": "x := 1\ny := ("}, []string{"query: rego_parse_error", `"path":""`, `"line":1`}},
		{"names that the query does not know", m{"path": "b.rego", "query": "limit > x"}, []string{"var x is unsafe", `"range":{"start":{"line":0,"character":8},"end":{"line":0,"character":9}}`}},
		{"no such module", m{"path": "no.rego", "query": "1"}, []string{`no file \"no.rego\"`}},
		{"no module", m{"path": "d.yaml", "query": "1"}, []string{`is no module`}},
		{"nested too deep", m{"path": "b.rego", "query": deep}, []string{"nested more than"}},
		{"input that is no JSON", m{"path": "b.rego", "query": "1", "input": m{"path": "x/input.json", "text": "{\n  \"a\": tru\n}"}}, []string{"input: ", `"path":"x/input.json","range":{"start":{"line":1`}},
		{"input in YAML", m{"path": "b.rego", "query": "input.a[0]", "input": m{"path": "input.yml", "text": "a:\n  - 1\n"}}, []string{`"json":"1"`}},
		{"input that is a module", m{"path": "b.rego", "query": "[input.package.path[1].value, input.rules[0].head.ref[0].value, input.regal.file.name]", "input": m{"path": "x/y.rego", "text": "package x\n\ny := 1\n"}}, []string{`"json":"[\"x\",\"y\",\"x/y.rego\"]"`}},
		{"input that is no module", m{"path": "b.rego", "query": "1", "input": m{"path": "y.rego", "text": "package x\n\ny :=\n"}}, []string{"input: ", `"path":"y.rego"`}},
		{"input that is empty", m{"path": "b.rego", "query": "1", "input": m{"path": "input.yaml", "text": ""}}, []string{"the document is empty"}},
		{"in time", m{"path": "b.rego", "query": "count([1 | some x in numbers.range(1, 100000); some y in numbers.range(1, 1000); x == y])", "timeoutMs": 20}, []string{"longer than 20 ms"}},
		{"profile", m{"path": "b.rego", "query": "data.b.limit", "profile": true}, []string{`"profile":[`}},
		{"coverage", m{"path": "b.rego", "query": "double(1)", "coverage": true}, []string{`"coverage":{"files":[{"path":"b.rego","covered":[5],"notCovered":[3]}],"percent":50}`}},
		{"without the network", m{"path": "a.rego", "query": "allow"}, []string{"http.send"}},
	} {
		got := explored(c, "query", tc.params)
		for _, want := range tc.want {
			if !strings.Contains(got, want) && !strings.Contains(strings.ReplaceAll(got, `"`, `\"`), want) {
				t.Errorf("%s: %s\nexpected %s", tc.name, got, want)
			}
		}
	}
}

func TestQueryPrintsWithPlaces(t *testing.T) {
	c := newClient(t)
	c.open(module("a.rego", `package a

allow if {
	print("asked by", input.user)
	input.user == "ann"
}

bad := json.unmarshal("{")

many if {
	some x in numbers.range(1, 1500)
	print(x)
	x < 0
}
`))
	got := get[queryAnswer](c, "query", m{"workspace": "w", "path": "a.rego", "query": "data.a", "input": m{"path": "input.json", "text": `{"user": "ann"}`}})
	if len(got.Printed) != maxPrinted+1 || got.Printed[maxPrinted].Text != "… more was printed" {
		t.Errorf("printed %d", len(got.Printed))
	}
	var asked *printed
	for i := range got.Printed {
		if got.Printed[i].Text == "asked by ann" {
			asked = &got.Printed[i]
		}
	}
	if asked == nil || asked.Location.Path != "a.rego" || asked.Location.Range.Start.Line != 3 {
		t.Errorf("printed %+v", asked)
	}
	if len(got.BuiltinErrors) != 1 || got.BuiltinErrors[0].Location.Range.Start.Line != 7 {
		t.Errorf("built-in errors %+v", got.BuiltinErrors)
	}
	if got.EvalNs <= 0 || got.Result[0].Expressions[0].JSON != `{"allow":true}` {
		t.Errorf("%+v", got)
	}
}

func TestQueryOfLintRule(t *testing.T) {
	c := newClient(t)
	c.open(
		m{"path": ".regal/rules/x.rego", "kind": kindLintRule, "text": `package custom.regal.rules.naming.short

import data.regal.ast
import data.regal.result

report contains violation if {
	some rule in input.rules
	name := ast.ref_to_string(rule.head.ref)
	print("name", name)
	count(name) < 2
	violation := result.location(rule.head)
}
`},
		module("a.rego", "package a\n\nx := 1\n"),
	)
	got := get[queryAnswer](c, "query", m{"workspace": "w", "path": ".regal/rules/x.rego", "query": "count(report)", "input": m{"path": "a.rego", "text": "package a\n\nx := 1\n"}})
	if len(got.Result) != 1 || got.Result[0].Expressions[0].JSON != "1" || len(got.Printed) != 1 || got.Printed[0].Text != "name x" {
		t.Errorf("%+v", got)
	}
}

func TestPartial(t *testing.T) {
	c := openExplored(t)
	for _, tc := range []struct {
		name   string
		params m
		want   string
	}{
		{"the input unknown", m{"path": "b.rego", "query": "input.user in data.lib.roles.admins; limit == 2"}, `{"queries":["input.user in {\"ann\"}"],"support":[]}`},
		{"nothing unknown", m{"path": "b.rego", "query": "limit == 2", "unknowns": []string{}}, `{"queries":[""],"support":[]}`},
		{"never", m{"path": "b.rego", "query": "limit == 3"}, `{"queries":[],"support":[]}`},
		{"wrong", m{"path": "b.rego", "query": "limit >"}, `query: rego_parse_error`},
	} {
		if got := explored(c, "partial", tc.params); !strings.Contains(got, tc.want) {
			t.Errorf("%s: %s\nexpected %s", tc.name, got, tc.want)
		}
	}
}

func TestStages(t *testing.T) {
	c := openExplored(t)
	var answer stagesAnswer
	if err := json.Unmarshal([]byte(explored(c, "stages", m{"path": "b.rego"})), &answer); err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, stage := range answer.Stages {
		names = append(names, stage.Name)
	}
	if len(answer.Problems) > 0 || names[0] != "ParseModule" || len(names) < 2 {
		t.Errorf("%v %v", names, answer.Problems)
	}
	if last := answer.Stages[len(answer.Stages)-1].Text; !strings.Contains(last, "__local") {
		t.Error(last)
	}
	for path, want := range map[string]string{"broken.rego": `"stages":[],"problems":[{"path":"broken.rego"`, "wrong.rego": "var y is unsafe", "no.rego": "no file"} {
		if got := explored(c, "stages", m{"path": path}); !strings.Contains(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
}
