package main

import (
	"bytes"
	"encoding/base64"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	opacompile "github.com/open-policy-agent/opa/v1/compile"
	"github.com/open-policy-agent/opa/v1/ir"
)

type compileParams struct {
	Workspace   string   `json:"workspace"`
	Target      string   `json:"target"`
	Entrypoints []string `json:"entrypoints"`
	Revision    string   `json:"revision"`
}

type compileResult struct {
	Bytes        string   `json:"bytes"`
	HostBuiltins []string `json:"hostBuiltins"`
}

var (
	_ = bytes.NewReader
	_ = base64.StdEncoding
	_ = slices.Sort[[]int]
	_ ast.Value
	_ bundle.Bundle
	_ = opacompile.New
	_ ir.Policy
)

func (e *engine) compile(j *job, p *compileParams) (*compileResult, error) {
	return nil, errorf(codeUnknownMethod, "not yet")
}
