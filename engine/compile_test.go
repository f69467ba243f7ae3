package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/ir"
)

func TestCompile(t *testing.T) {
	c := newClient(t)
	c.open(
		module("a.rego", "package a\n\ndeny contains msg if {\n\tmsg := sprintf(\"%v\", [time.format(input.x)])\n\tstartswith(msg, \"http.send\")\n}\n\nok if json.patch(input, [])\n"),
		module("a_test.rego", "package a_test\n\ntest_ok if data.a.ok with input as {}\n"),
		data("d.yaml", "k: 1\n"),
	)
	for _, tc := range []struct {
		entrypoints, builtins []string
	}{
		{[]string{"a/deny"}, []string{"sprintf", "time.format"}},
		{[]string{"a/ok"}, []string{"json.patch"}},
		{[]string{"a/ok", "a/deny"}, []string{"json.patch", "sprintf", "time.format"}},
	} {
		r := get[compileResult](c, "compile", m{"workspace": "w", "target": "wasm", "entrypoints": tc.entrypoints})
		if !bytes.HasPrefix(r.Bytes, []byte("\x00asm")) || !slices.Equal(r.HostBuiltins, tc.builtins) {
			t.Errorf("%v: %q %v", tc.entrypoints, r.Bytes[:4], r.HostBuiltins)
		}
		again := get[compileResult](c, "compile", m{"workspace": "w", "target": "wasm", "entrypoints": tc.entrypoints})
		if !bytes.Equal(r.Bytes, again.Bytes) {
			t.Errorf("%v: other bytes the second time", tc.entrypoints)
		}
	}
	r := get[compileResult](c, "compile", m{"workspace": "w", "target": "bundle", "revision": "abc"})
	b, err := bundle.NewReader(bytes.NewReader(r.Bytes)).Read()
	if err != nil || b.Manifest.Revision != "abc" || len(b.Modules) != 1 || b.Data["k"] == nil {
		t.Errorf("%v %+v", err, b.Manifest)
	}
	c.fails(codeInvalidParams, "compile", m{"workspace": "w", "target": "wasm", "entrypoints": []string{"a/nope"}})
	c.fails(codeInvalidParams, "compile", m{"workspace": "w", "target": "wasm"})
	c.fails(codeInvalidParams, "compile", m{"workspace": "w", "target": "elf"})
	c.open(module("a.rego", "package a\n\nx := nope(1)\n"))
	c.fails(codeCompile, "compile", m{"workspace": "w", "target": "wasm", "entrypoints": []string{"a/x"}})
}

func openForCompile(c *client) {
	c.open(
		module("a.rego", "package a\n\ndeny contains msg if {\n\tmsg := sprintf(\"%v\", [data.k])\n\tstartswith(msg, \"x\")\n}\n\nok if json.patch(input, [])\n"),
		module("a_test.rego", "package a_test\n\ntest_ok if data.a.ok with input as {}\n"),
		data("d.json", "{\"k\": 12345678901234567890.10}"),
	)
}

func TestPlan(t *testing.T) {
	c := newClient(t)
	openForCompile(c)
	for _, tc := range []struct {
		entrypoints []string
		builtins    int
	}{
		{[]string{"a/deny"}, 2},
		{[]string{"a/ok"}, 1},
		{[]string{"a/ok", "a/deny"}, 3},
	} {
		r := get[planResult](c, "plan", m{"workspace": "w", "entrypoints": tc.entrypoints})
		var policy ir.Policy
		if err := json.Unmarshal([]byte(r.Plan), &policy); err != nil {
			t.Fatal(err)
		}
		if len(policy.Plans.Plans) != len(tc.entrypoints) || len(policy.Static.BuiltinFuncs) != tc.builtins {
			t.Errorf("%v: %d plans, %d built-ins", tc.entrypoints, len(policy.Plans.Plans), len(policy.Static.BuiltinFuncs))
		}
		if r.Data != `{"k":12345678901234567890.10}` {
			t.Errorf("data: %s", r.Data)
		}
		if again := get[planResult](c, "plan", m{"workspace": "w", "entrypoints": tc.entrypoints}); again != r {
			t.Errorf("%v: another plan the second time", tc.entrypoints)
		}
	}
	c.fails(codeInvalidParams, "plan", m{"workspace": "w", "entrypoints": []string{"a/nope"}})
	c.fails(codeInvalidParams, "plan", m{"workspace": "w"})
	c.open(module("a.rego", "package a\n\nx := nope(1)\n"))
	c.fails(codeCompile, "plan", m{"workspace": "w", "entrypoints": []string{"a/x"}})
}
