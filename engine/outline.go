package main

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

type pathsParams struct {
	Workspace string   `json:"workspace"`
	Paths     []string `json:"paths"`
}

type outlineResult struct {
	Modules []outlineModule `json:"modules"`
}

type outlineModule struct {
	Path    string        `json:"path"`
	Package string        `json:"package"`
	Rules   []outlineRule `json:"rules"`
}

type outlineRule struct {
	Name      string   `json:"name"`
	Location  Location `json:"location"`
	NameRange Range    `json:"nameRange"`
	Test      bool     `json:"test"`
}

func (e *engine) outline(j *job, p *pathsParams) (*outlineResult, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	files, err := s.named(p.Paths, kindModule, kindLintRule)
	if err != nil {
		return nil, err
	}
	out := &outlineResult{Modules: []outlineModule{}}
	for _, f := range files {
		module := f.module(j)
		if module == nil {
			continue
		}
		m := outlineModule{Path: f.Path, Package: packageName(module), Rules: []outlineRule{}}
		for _, rule := range module.Rules {
			name := ruleName(rule)
			m.Rules = append(m.Rules, outlineRule{
				Name:      name,
				Location:  Location{f.Path, f.ruleRange(rule)},
				NameRange: f.nameRange(rule),
				Test:      isTest(name),
			})
		}
		out.Modules = append(out.Modules, m)
	}
	return out, j.err()
}

// named are the files of the given kinds with these paths; all of them when there are none.
func (s *snapshot) named(paths []string, kinds ...string) ([]*file, error) {
	if paths == nil {
		return s.sorted(kinds...), nil
	}
	var out []*file
	for _, path := range paths {
		f := s.files[path]
		if f == nil {
			return nil, errorf(codeInvalidParams, "parameters: no file %q in the workspace", path)
		}
		for _, kind := range kinds {
			if f.Kind == kind {
				out = append(out, f)
			}
		}
	}
	return out, nil
}

// packageName is a package's path without `data.`.
func packageName(m *ast.Module) string {
	return strings.TrimPrefix(m.Package.Path.String(), "data.")
}

// ruleName is the fixed part of a rule's name: `deny` of `deny contains x`, `a.b` of `a.b[x] := 1`.
func ruleName(rule *ast.Rule) string {
	return rule.Head.Ref().GroundPrefix().String()
}

// isTest says whether OPA's test runner takes a rule of this name for a test (to skip, when it is a todo).
func isTest(name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		if strings.HasPrefix(part, "test_") || strings.HasPrefix(part, "todo_test_") {
			return true
		}
	}
	return false
}

// ruleRange is the whole rule.
func (f *file) ruleRange(rule *ast.Rule) Range {
	if rule.Location == nil {
		return Range{}
	}
	start := f.start(rule.Location)
	text := strings.TrimRight(string(rule.Location.Text), " \t\r\n")
	if strings.HasPrefix(f.text[start:], text) && text != "" {
		return f.span(start, start+len(text))
	}
	return f.rangeOf(rule.Location)
}

// nameRange is the rule's name in its head.
func (f *file) nameRange(rule *ast.Rule) Range {
	if ref := rule.Head.Ref(); len(ref) > 0 && ref[0].Location != nil {
		start := f.start(ref[0].Location)
		return f.span(start, f.tokenEnd(start))
	}
	return f.rangeOf(rule.Head.Location)
}
