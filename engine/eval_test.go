package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func evaluate(c *client, params m) string {
	c.t.Helper()
	params["workspace"] = "w"
	return string(get[json.RawMessage](c, "eval", params))
}

func TestEval(t *testing.T) {
	c := newClient(t)
	c.open(
		module("a.rego", `package a

deny contains msg if {
	some x in input.xs
	x > data.limit
	print("checking", x)
	msg := sprintf("%d is too large", [x])
}

now := time.now_ns()

bad := json.unmarshal("{")

unused := 1
`),
		data("d.yaml", "limit: 2\n"),
	)
	for _, tc := range []struct {
		name   string
		params m
		want   string
	}{
		{"input", m{"query": "data.a.deny", "input": m{"xs": []int{1, 3}}}, `{"evaluations":[{"result":[{"expressions":[{"value":["3 is too large"],"text":"data.a.deny"}]}],"output":"checking 3\n"}]}`},
		{"undefined", m{"query": "data.a.nothing", "input": m{}}, `{"evaluations":[{"result":[]}]}`},
		{"no input", m{"query": "input"}, `{"evaluations":[{"result":[]}]}`},
		{"null input", m{"query": "input", "input": nil}, `{"evaluations":[{"result":[{"expressions":[{"value":null,"text":"input"}]}]}]}`},
		{"inputs", m{"query": "input.x", "inputs": []m{{"x": 1}, {}, {"x": "<é>"}}}, `{"evaluations":[{"result":[{"expressions":[{"value":1,"text":"input.x"}]}]},{"result":[]},{"result":[{"expressions":[{"value":"<é>","text":"input.x"}]}]}]}`},
		{"no inputs", m{"query": "input.x", "inputs": []m{}}, `{"evaluations":[]}`},
		{"data", m{"query": "data.a.deny", "input": m{"xs": []int{9}}, "data": m{"limit": 10}}, `{"evaluations":[{"result":[{"expressions":[{"value":[],"text":"data.a.deny"}]}]}]}`},
		{"bindings", m{"query": "some i; x := [7, 8][i]; x > 7"}, `{"evaluations":[{"result":[{"expressions":[{"value":true,"text":"x := [7, 8][i]"},{"value":true,"text":"x > 7"}],"bindings":{"i":1,"x":8}}]}]}`},
		{"now", m{"query": "data.a.now", "now": "2026-01-02T03:04:05Z"}, `{"evaluations":[{"result":[{"expressions":[{"value":1767323045000000000,"text":"data.a.now"}]}]}]}`},
		{"built-in error", m{"query": "data.a.bad"}, `"builtinErrors":[{"code":"eval_builtin_error","message":"json.unmarshal: unexpected EOF","location":{"path":"a.rego","range":{"start":{"line":11,"character":7},"end":{"line":11,"character":26}}}}]`},
		{"big numbers", m{"query": "input.x + 1", "input": m{"x": json.Number("12345678901234567890123")}}, `"value":12345678901234567890124`},
		{"term", m{"query": "input", "inputTerm": `{"x": {1, 2}}`}, `"value":{"x":[1,2]}`},
		{"coverage", m{"query": "data.a.deny", "input": m{"xs": []int{1}}, "coverage": true}, `"coverage":{"files":[{"path":"a.rego","covered":[4,5],"notCovered":[3,6,7,10,12,14]}],"percent":25}`},
		{"non-deterministic", m{"query": "data.a.now", "now": "2026-01-02T03:04:05Z", "ndBuiltinCache": m{}}, `"ndBuiltinCache":{"time.now_ns":{"[]":1767323045000000000}}`},
		{"replayed", m{"query": "rand.intn(\"a\", 1000)", "ndBuiltinCache": m{"rand.intn": m{`["a",1000]`: 4711}}}, `"value":4711`},
		{"metrics", m{"query": "1", "metrics": true}, `"timer_rego_query_eval_ns":`},
	} {
		if got := evaluate(c, tc.params); !strings.Contains(got, tc.want) {
			t.Errorf("%s: %s\nexpected %s", tc.name, got, tc.want)
		}
	}
	for _, tc := range []struct {
		name   string
		code   int
		params m
	}{
		{"query syntax", codeInvalidParams, m{"query": "data.a.["}},
		{"empty query", codeInvalidParams, m{"query": ""}},
		{"unsafe query", codeInvalidParams, m{"query": "x > 1"}},
		{"network in the query", codeInvalidParams, m{"query": `http.send({"url": "http://example.com", "method": "get"})`}},
		{"now", codeInvalidParams, m{"query": "1", "now": "yesterday"}},
		{"data", codeInvalidParams, m{"query": "1", "data": 7}},
		{"strict errors", codeEvaluation, m{"query": "data.a.bad", "strictBuiltinErrors": true}},
		{"term with variables", codeInvalidParams, m{"query": "1", "inputTerm": "[x]"}},
	} {
		tc.params["workspace"] = "w"
		c.fails(tc.code, "eval", tc.params)
	}
}

func TestEvalFails(t *testing.T) {
	c := newClient(t)
	c.open(module("a.rego", "package a\n\nx := 1 if input.a\n\nx := 2 if input.b\n"))
	r := c.fails(codeEvaluation, "eval", m{"workspace": "w", "query": "data.a.x", "input": m{"a": 1, "b": 1}})
	if !strings.Contains(r.Error.Message, "eval_conflict_error") || !strings.Contains(string(r.Error.Data), `"path":"a.rego"`) {
		t.Errorf("%+v", r.Error)
	}
	c.open(module("a.rego", "package a\n\nx := nope(1)\n"), module("b.rego", "package b\n\nx := 1\n"))
	r = c.fails(codeCompile, "eval", m{"workspace": "w", "query": "data.b.x"})
	if !strings.Contains(string(r.Error.Data), `"code":"rego_type_error"`) {
		t.Errorf("%s", r.Error.Data)
	}
	c.open(module("a.rego", "package a\n\nx := 1 {\n"))
	c.fails(codeCompile, "eval", m{"workspace": "w", "query": "data.b.x"})
}

func TestNetwork(t *testing.T) {
	c := newClient(t)
	files := []m{module("a.rego", "package a\n\nx := http.send({\"method\": \"get\", \"url\": \"http://127.0.0.1:1/\", \"raise_error\": false}).status_code\n")}
	get[workspaceResult](c, "workspace/open", m{"workspace": "w", "files": files})
	c.fails(codeCompile, "eval", m{"workspace": "w", "query": "data.a.x"})
	get[workspaceResult](c, "workspace/open", m{"workspace": "w", "files": files, "network": true})
	if got := evaluate(c, m{"query": "data.a.x"}); !strings.Contains(got, `"value":0`) {
		t.Errorf("%s", got)
	}
}

func TestCapabilities(t *testing.T) {
	c := newClient(t)
	r := get[json.RawMessage](c, "capabilities", m{})
	for _, want := range []string{`"name":"startswith"`, `"description"`, `"future_keywords"`} {
		if !bytes.Contains(r, []byte(want)) {
			t.Errorf("%s is missing", want)
		}
	}
	var caps struct {
		Capabilities struct{ Builtins []m } `json:"capabilities"`
		LintBuiltins []m                    `json:"lintBuiltins"`
	}
	if err := json.Unmarshal(r, &caps); err != nil || len(caps.LintBuiltins) == 0 {
		t.Fatal(err, caps.LintBuiltins)
	}
	// Lint rules' built-ins are for lint rules; a workspace can be given fewer or more.
	regal := []m{module("a.rego", "package a\n\nx := regal.last([1])\n")}
	get[workspaceResult](c, "workspace/open", m{"workspace": "w", "files": regal})
	c.fails(codeCompile, "eval", m{"workspace": "w", "query": "data.a.x"})
	get[workspaceResult](c, "workspace/open", m{"workspace": "w", "files": regal, "capabilities": m{"builtins": append(caps.Capabilities.Builtins, caps.LintBuiltins...), "features": []string{"rego_v1"}}})
	evaluate(c, m{"query": "data.a.x"})
	get[workspaceResult](c, "workspace/open", m{"workspace": "w", "capabilities": m{"builtins": []m{}}, "files": []m{module("a.rego", "package a\n\nx := count([1])\n")}})
	c.fails(codeCompile, "eval", m{"workspace": "w", "query": "data.a.x"})
}
