package main

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/bundle"
	opa "github.com/open-policy-agent/opa/v1/compile"
)

type compileParams struct {
	Workspace   string   `json:"workspace"`
	Target      string   `json:"target"`
	Entrypoints []string `json:"entrypoints"`
	Revision    string   `json:"revision"`
}

type compileResult struct {
	Bytes               []byte   `json:"bytes"` // Base64 in JSON
	HostBuiltins        []string `json:"hostBuiltins"`
	Builtins            []string `json:"builtins"`
	ArrayComprehensions bool     `json:"arrayComprehensions"`
}

func (e *engine) compile(j *job, p *compileParams) (*compileResult, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	if p.Target != opa.TargetWasm && p.Target != "bundle" {
		return nil, errorf(codeInvalidParams, "parameters: unknown target %q; wasm and bundle are known", p.Target)
	}
	if p.Target == opa.TargetWasm && len(p.Entrypoints) == 0 {
		return nil, errorf(codeInvalidParams, "parameters: entrypoints: wasm needs one at least")
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
	if p.Target == opa.TargetWasm {
		compiler = compiler.WithTarget(opa.TargetWasm).WithEntrypoints(p.Entrypoints...)
	}
	if err := compiler.Build(j.ctx); err != nil {
		return nil, s.buildError(j, err)
	}
	if p.Target != opa.TargetWasm {
		return &compileResult{Bytes: out.Bytes(), HostBuiltins: []string{}, Builtins: []string{}}, nil
	}
	wasm := compiler.Bundle().WasmModules[0].Raw
	planned, err := s.planned(j, p.Entrypoints)
	if err != nil {
		return nil, err
	}
	uses, err := wasmUses(planned)
	if err != nil {
		return nil, err
	}
	return &compileResult{wasm, s.hostBuiltins(wasm, p.Entrypoints), uses.builtins, uses.arrayComprehensions}, nil
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
		b.Modules = append(b.Modules, bundle.ModuleFile{URL: f.Path, Path: f.Path, Parsed: f.module(j).Copy(), Raw: []byte(f.Text)})
	}
	return b, nil
}

// hostBuiltins are the built-ins that a wasm policy asks its host for. The policy lists their names,
// each ended by a zero, right before those of its entrypoints.
func (s *snapshot) hostBuiltins(wasm []byte, entrypoints []string) []string {
	known := map[string]bool{}
	for _, b := range s.capabilities.Builtins {
		known[b.Name] = true
	}
	names := map[string]bool{}
	end := bytes.LastIndex(wasm, []byte(strings.Join(entrypoints, "\x00")+"\x00"))
	for end > 0 {
		start := bytes.LastIndexByte(wasm[:end-1], 0) + 1
		name := string(wasm[start : end-1])
		if !known[name] {
			break
		}
		names[name] = true
		end = start
	}
	return slices.Sorted(maps.Keys(names))
}
