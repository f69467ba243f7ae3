package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/util"
)

type coverage struct {
	Files   []fileCoverage `json:"files"`
	Percent float64        `json:"percent"`
}

type fileCoverage struct {
	Path       string `json:"path"`
	Covered    []int  `json:"covered"`
	NotCovered []int  `json:"notCovered"`
}

// coverage lists the lines that were and were not evaluated, of the modules that a compiler knows.
func (s *snapshot) coverage(covered *cover.Cover, compiler *ast.Compiler) *coverage {
	report := covered.Report(compiler.Modules)
	out := &coverage{Files: []fileCoverage{}, Percent: report.Coverage}
	for _, path := range util.KeysSorted(report.Files) {
		if s.files[path] == nil {
			continue // of the query
		}
		r := report.Files[path]
		out.Files = append(out.Files, fileCoverage{path, lines(r.Covered), lines(r.NotCovered)})
	}
	return out
}

func lines(ranges []cover.Range) []int {
	out := []int{}
	for _, r := range ranges {
		for row := r.Start.Row; row <= r.End.Row; row++ {
			out = append(out, row)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
