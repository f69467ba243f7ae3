package main

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/version"
	_ "github.com/open-policy-agent/regal/pkg/builtins" // registers what Regal's rules call
)

// engineVersion is raised with every change of what the engine answers.
const engineVersion = "0.3.0"

// regalVersion is the linter's, as go.mod requires it; a test compares them. OPA says its own.
const regalVersion = "0.42.0"

// lintBuiltinPrefix begins the names of the built-ins that only lint rules may call.
const lintBuiltinPrefix = "regal."

// networkBuiltins reach out of the machine.
var networkBuiltins = map[string]struct{}{"http.send": {}, "net.lookup_ip_addr": {}}

// defaultCapabilities are OPA's, without the network for schemas and without the linter's built-ins.
var defaultCapabilities = sync.OnceValue(func() *ast.Capabilities {
	caps := ast.CapabilitiesForThisVersion()
	kept := make([]*ast.Builtin, 0, len(caps.Builtins))
	for _, b := range caps.Builtins {
		if !strings.HasPrefix(b.Name, lintBuiltinPrefix) {
			kept = append(kept, b)
		}
	}
	caps.Builtins = kept
	caps.AllowNet = []string{}
	return caps
})

// lintCapabilities are those of lint rules.
var lintCapabilities = sync.OnceValue(func() *ast.Capabilities { return ast.CapabilitiesForThisVersion() })

// workspaceCapabilities are those that a caller gave, else the default ones.
func workspaceCapabilities(given *json.RawMessage, network bool) (*ast.Capabilities, error) {
	caps := defaultCapabilities()
	if given != nil && !bytes.Equal(*given, []byte("null")) {
		read, err := ast.LoadCapabilitiesJSON(bytes.NewReader(*given))
		if err != nil {
			return nil, errorf(codeInvalidParams, "parameters: capabilities: %v", err)
		}
		if !network {
			read.AllowNet = []string{}
		}
		return read, nil
	}
	if network {
		open := *caps
		open.AllowNet = nil
		return &open, nil
	}
	return caps, nil
}

type noParams struct{}

type capabilitiesParams struct {
	Workspace string `json:"workspace"`
}

type capabilitiesResult struct {
	Capabilities *ast.Capabilities `json:"capabilities"`
	LintBuiltins []*ast.Builtin    `json:"lintBuiltins"`
}

func (e *engine) capabilities(j *job, p *capabilitiesParams) (*capabilitiesResult, error) {
	result := &capabilitiesResult{Capabilities: defaultCapabilities()}
	if p.Workspace != "" {
		s, err := j.snapshot(p.Workspace)
		if err != nil {
			return nil, err
		}
		if result.Capabilities, err = s.capabilitiesNow(j); err != nil {
			return nil, err
		}
	}
	for _, b := range lintCapabilities().Builtins {
		if strings.HasPrefix(b.Name, lintBuiltinPrefix) {
			result.LintBuiltins = append(result.LintBuiltins, b)
		}
	}
	return result, nil
}

type versionResult struct {
	Engine string `json:"engine"`
	OPA    string `json:"opa"`
	Regal  string `json:"regal"`
	Go     string `json:"go"`
	Build  string `json:"build"`
}

func versions() *versionResult {
	build := "native"
	if runtime.GOOS == "js" {
		build = "wasm"
	}
	return &versionResult{engineVersion, version.Version, regalVersion, strings.TrimPrefix(runtime.Version(), "go"), build}
}

func (e *engine) version(*job, *noParams) (*versionResult, error) {
	return versions(), nil
}
