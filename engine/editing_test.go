package main

import (
	"slices"
	"strings"
	"testing"
)

// TestEditing is a workspace as an editor has it.
func TestEditing(t *testing.T) {
	const lib = "package lib\n\nok(v) if v.size > 1\n"
	const user = "package user\n\nimport data.lib\n\na if lib.ok(input)\n"
	c := newClient(t)
	get[workspaceResult](c, "workspace/open", m{"workspace": "w", "editing": true, "files": []m{
		module("lib.rego", lib), module("user.rego", user), module("other.rego", "package other\n\nx := y\n"),
	}})
	paths := func(params m) []string {
		params["workspace"] = "w"
		out := []string{}
		for _, p := range get[checkResult](c, "check", params).Problems {
			out = append(out, p.Path+" "+p.Code)
		}
		return slices.Compact(out)
	}
	expect := func(when string, wantUser, wantAll []string) {
		t.Helper()
		if got := paths(m{"paths": []string{"user.rego"}}); !slices.Equal(got, wantUser) {
			t.Errorf("%s: %q, expected %q", when, got, wantUser)
		}
		if got := paths(m{}); !slices.Equal(got, wantAll) {
			t.Errorf("%s: all: %q, expected %q", when, got, wantAll)
		}
	}
	edit := func(path, text string) {
		get[workspaceResult](c, "workspace/update", m{"workspace": "w", "changed": []m{module(path, text)}})
	}
	const unsafe = "other.rego rego_unsafe_var_error"
	expect("at first", []string{}, []string{unsafe})
	edit("lib.rego", strings.Replace(lib, "ok", "good", 1))
	expect("renamed", []string{"user.rego rego_type_error"}, []string{unsafe, "user.rego rego_type_error"})
	edit("lib.rego", lib)
	expect("back", []string{}, []string{unsafe})
	for _, text := range []string{lib + "\nhalf(", lib + "\nhalf(x", lib + "\nhalf(x) :="} {
		edit("lib.rego", text)
		expect("broken "+text, []string{"lib.rego rego_parse_error"}, []string{"lib.rego rego_parse_error", unsafe})
	}
	edit("lib.rego", lib+"\nhalf(x) := z\n")
	r := get[checkResult](c, "check", m{"workspace": "w", "paths": []string{"user.rego"}})
	if !r.Incomplete || len(r.Problems) != 1 {
		t.Errorf("%+v", r)
	}
	edit("lib.rego", "package elsewhere\n")
	expect("moved", []string{"user.rego rego_type_error"}, []string{unsafe, "user.rego rego_type_error"})
}

func TestScanPackage(t *testing.T) {
	for text, want := range map[string]string{
		"package a.b\n":                         "a.b",
		"\ufeff# x\r\n\r\n#\n \tpackage\ta # y": "a",
		"package a[\"b\"]\n":                    "",
		"packages\n":                            "",
		"# package a":                           "",
		"x := 1":                                "",
		"package a.":                            "",
		"":                                      "",
	} {
		if got, ok := scanPackage(text); strings.Join(got, ".") != want || ok != (want != "") {
			t.Errorf("%q: %q", text, got)
		}
	}
}
