package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLintRangesAreExact lints what Regal itself tests and documents its rules with: modules that violate nearly all
// of them. No finding underlines more than what it is about.
func TestLintRangesAreExact(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/open-policy-agent/regal").Output()
	if err != nil {
		t.Skipf("the module cache is not to be had: %v", err)
	}
	texts := violations(t, strings.TrimSpace(string(out)))
	files := []m{{"path": ".regal/config.yaml", "kind": kindLintConfig, "text": "rules:\n  default:\n    level: error\n"}}
	var paths []string
	for path, text := range texts {
		files = append(files, module(path, text))
		paths = append(paths, path)
	}
	c := newClient(t)
	get[workspaceResult](c, "workspace/open", m{"workspace": "w", "editing": true, "files": files})
	var problems []Problem
	for some := range slices.Chunk(paths, 20) {
		problems = append(problems, get[lintResult](c, "lint", m{"workspace": "w", "paths": some, "aggregate": false}).Problems...)
	}
	// Their expression is all there is to say, and may be all that is on the line.
	expressions := map[string]bool{"constant-condition": true, "equals-over-count": true, "non-loop-expression": true, "prefer-equals-comparison": true}
	rules := map[string]bool{}
	for _, p := range problems {
		rules[p.Code] = true
		src := newSource(texts[p.Path])
		line, _, _ := strings.Cut(src.text[src.lines[p.Range.Start.Line]:], "\n")
		whole := p.Range.End.Character-p.Range.Start.Character >= len(strings.TrimSpace(line)) && strings.Contains(strings.TrimSpace(line), " ")
		if p.Range.Start == p.Range.End || p.Range.Start.Line != p.Range.End.Line || whole && !expressions[p.Code] {
			t.Errorf("%s: %s at %v: %s", p.Path, p.Code, p.Range, line)
		}
	}
	if len(rules) < 80 {
		t.Errorf("only %d rules found something", len(rules))
	}
}

func violations(t *testing.T, regal string) map[string]string {
	texts := map[string]string{}
	block := regexp.MustCompile("(?s)```rego\n(.*?)```")
	for _, folder := range []string{"e2e/testdata", "docs/rules"} {
		err := filepath.WalkDir(filepath.Join(regal, folder), func(path string, _ fs.DirEntry, err error) error {
			name := strings.NewReplacer("/", "_", "\\", "_", "-", "_", ".", "_").Replace(strings.TrimPrefix(path, regal))
			switch filepath.Ext(path) {
			case ".rego":
				b, err := os.ReadFile(path)
				if !strings.Contains(path, ".regal") {
					texts[name+".rego"] = string(b)
				}
				return err
			case ".md":
				b, err := os.ReadFile(path)
				if found := block.FindStringSubmatch(string(b)); found != nil {
					texts[name+".rego"] = found[1]
					if !strings.Contains(found[1], "package ") {
						texts[name+".rego"] = "package " + name + "\n\n" + found[1]
					}
				}
				return err
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return texts
}
