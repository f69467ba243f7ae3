package main

import (
	"bytes"
	"strings"

	"github.com/open-policy-agent/opa/v1/bundle"
	opa "github.com/open-policy-agent/opa/v1/compile"
)

type compileParams struct {
	Workspace string `json:"workspace"`
	Revision  string `json:"revision"`
}

type compileResult struct {
	Bytes []byte `json:"bytes"` // Base64 in JSON
}

// compile makes a bundle of the workspace.
func (e *engine) compile(j *job, p *compileParams) (*compileResult, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	// It says what does not compile with its places; what follows would say only the first error.
	if _, err := s.compiledForEval(j); err != nil {
		return nil, err
	}
	b, err := s.bundle(j)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	compiler := opa.New().
		WithCapabilities(s.capabilities).
		WithRegoVersion(s.regoVersion).
		WithBundle(b).
		WithPruneUnused(true).
		WithOutput(&out).
		WithRevision(p.Revision)
	if err := compiler.Build(j.ctx); err != nil {
		return nil, s.buildError(j, err)
	}
	return &compileResult{out.Bytes()}, nil
}

// bundle is the workspace as a bundle, without its tests.
func (s *snapshot) bundle(j *job) (*bundle.Bundle, error) {
	data, err := s.data(j)
	if err != nil {
		return nil, err
	}
	b := &bundle.Bundle{Data: copyObjects(data.value).(map[string]any)}
	b.SetRegoVersion(s.regoVersion)
	b.Manifest.Init()
	for _, f := range s.sorted(kindModule) {
		if strings.HasSuffix(f.Path, "_test.rego") {
			continue
		}
		b.Modules = append(b.Modules, bundle.ModuleFile{URL: f.Path, Path: f.Path, Parsed: f.module.Copy(), Raw: []byte(f.Text)})
	}
	return b, nil
}
