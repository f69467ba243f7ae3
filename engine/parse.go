package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	astjson "github.com/open-policy-agent/opa/v1/ast/json"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/topdown"
)

type textParams struct {
	Path        string `json:"path"`
	Text        string `json:"text"`
	RegoVersion string `json:"regoVersion"`
}

type formatParams struct {
	textParams
	To string `json:"to"`
}

type parseResult struct {
	Module   json.RawMessage `json:"module,omitempty"`
	Problems []Problem       `json:"problems"`
}

type formatResult struct {
	Text     *string   `json:"text,omitempty"`
	Problems []Problem `json:"problems"`
}

// parseModule reads Rego with its METADATA annotations.
func parseModule(path string, src *source, version ast.RegoVersion, caps *ast.Capabilities) (*ast.Module, []Problem) {
	if err := checkNesting(src.text, true); err != nil {
		return nil, []Problem{limitProblem(path, err.Error())}
	}
	module, _, err := parseVersion(path, src.text, version, caps)
	if err == nil {
		return module, nil
	}
	return nil, problemsOfError(err, func(string) *source { return src }, path)
}

// parseTime is how long a module of a workspace may take to read. Real ones take milliseconds; it is there so
// that a hostile one is a problem of its own file, and does not keep all others from being opened.
const parseTime = 5 * time.Second

// parseInTime is parseModule, given up after parseTime, or, which the last result tells, when the job is stopped.
func parseInTime(j *job, path string, src *source, version ast.RegoVersion, caps *ast.Capabilities) (*ast.Module, []Problem, bool) {
	type outcome struct {
		module   *ast.Module
		problems []Problem
	}
	parsed := make(chan outcome, 1)
	go func() {
		o := outcome{problems: []Problem{limitProblem(path, "the parser failed")}}
		defer func() {
			if r := recover(); r != nil {
				fmt.Fprintf(os.Stderr, "countersign-engine: the parser failed: %v\n%s", r, debug.Stack())
			}
			parsed <- o
		}()
		o.module, o.problems = parseModule(path, src, version, caps)
	}()
	late := time.NewTimer(parseTime)
	defer late.Stop()
	select {
	case o := <-parsed:
		return o.module, o.problems, true
	case <-late.C:
	case <-j.done:
	}
	select {
	case o := <-parsed: // all the same: in wasm no time passes while it runs
		return o.module, o.problems, true
	default:
	}
	return nil, []Problem{limitProblem(path, fmt.Sprintf("the module takes longer than %v to read", parseTime))}, !j.stopped.Load()
}

func limitProblem(path, message string) Problem {
	return Problem{Path: path, Severity: severityError, Code: ast.ParseErr, Message: message, Source: "countersign"}
}

// parseVersion parses in a version of Rego. In the mixed mode a file is v0 (where `import rego.v1`
// makes it v1); one that only reads as v1 is v1.
func parseVersion(path, text string, version ast.RegoVersion, caps *ast.Capabilities) (*ast.Module, ast.RegoVersion, error) {
	opts := ast.ParserOptions{ProcessAnnotation: true, Capabilities: caps, RegoVersion: version}
	if version != ast.RegoV0CompatV1 {
		module, err := ast.ParseModuleWithOpts(path, text, opts)
		return module, version, err
	}
	opts.RegoVersion = ast.RegoV0
	module, err := ast.ParseModuleWithOpts(path, text, opts)
	if err == nil {
		return module, ast.RegoV0, nil
	}
	opts.RegoVersion = ast.RegoV1
	module, err1 := ast.ParseModuleWithOpts(path, text, opts)
	if err1 == nil {
		return module, ast.RegoV1, nil
	}
	if firstRow(err1) > firstRow(err) {
		return nil, ast.RegoV1, err1
	}
	return nil, ast.RegoV0, err
}

// firstRow is how far a parser came.
func firstRow(err error) int {
	var list ast.Errors
	if asError(err, &list) && len(list) > 0 && list[0].Location != nil {
		return list[0].Location.Row
	}
	return 0
}

func (p *textParams) read() (*source, ast.RegoVersion, error) {
	version, err := regoVersion(p.RegoVersion)
	if err != nil {
		return nil, 0, err
	}
	if err := checkNesting(p.Text, true); err != nil {
		return nil, 0, err
	}
	return newSource(p.Text), version, nil
}

// astLocations lets one write syntax trees with locations: whether OPA writes them is global, and
// rego.parse_module, which writes trees as well, is to go on without.
var astLocations sync.RWMutex

func init() {
	plain := topdown.GetBuiltin("rego.parse_module")
	topdown.RegisterBuiltinFunc("rego.parse_module", func(bctx topdown.BuiltinContext, operands []*ast.Term, iter func(*ast.Term) error) error {
		var out *ast.Term
		err := func() error {
			astLocations.RLock()
			defer astLocations.RUnlock()
			return plain(bctx, operands, func(t *ast.Term) error {
				out = t
				return nil
			})
		}()
		if err != nil || out == nil {
			return err
		}
		return iter(out)
	})
}

func marshalWithLocations(module *ast.Module) ([]byte, error) {
	all := astjson.NodeToggle{
		Term: true, Package: true, Comment: true, Import: true, Rule: true, Head: true, Expr: true, SomeDecl: true,
		Every: true, With: true, Annotations: true, AnnotationsRef: true, Not: true, And: true, Or: true,
	}
	astLocations.Lock()
	defer astLocations.Unlock()
	astjson.SetOptions(astjson.Options{MarshalOptions: astjson.MarshalOptions{IncludeLocation: all, IncludeLocationText: true, ExcludeLocationFile: true}})
	defer astjson.SetOptions(astjson.Defaults())
	return marshal(module)
}

func (e *engine) parse(_ *job, p *textParams) (*parseResult, error) {
	src, version, err := p.read()
	if err != nil {
		return nil, err
	}
	module, problems := parseModule(p.Path, src, version, defaultCapabilities())
	if module == nil {
		return &parseResult{Problems: problems}, nil
	}
	out, err := marshalWithLocations(module)
	if err != nil {
		return nil, err
	}
	return &parseResult{Module: out, Problems: []Problem{}}, nil
}

func (e *engine) format(_ *job, p *formatParams) (*formatResult, error) {
	src, version, err := p.read()
	if err != nil {
		return nil, err
	}
	_, version, err = parseVersion(p.Path, p.Text, version, defaultCapabilities())
	if err == nil {
		opts := format.Opts{
			RegoVersion:   version,
			ParserOptions: &ast.ParserOptions{RegoVersion: version, ProcessAnnotation: true, Capabilities: defaultCapabilities()},
		}
		switch p.To {
		case "":
		case "v1": // as `opa fmt --v0-v1 --drop-v0-imports`
			opts.RegoVersion, opts.DropV0Imports = ast.RegoV1, true
		case "v0v1": // as `opa fmt --v0-v1`
			opts.RegoVersion = ast.RegoV0CompatV1
		default:
			return nil, errorf(codeInvalidParams, "parameters: unknown to %q; v1 and v0v1 are known", p.To)
		}
		var out []byte
		out, err = format.SourceWithOpts(p.Path, []byte(p.Text), opts)
		if err == nil {
			text := string(out)
			if strings.Contains(p.Text, "\r\n") {
				// The formatter knows only \n; a file keeps the line ends it has.
				text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
			}
			return &formatResult{Text: &text, Problems: []Problem{}}, nil
		}
	}
	return &formatResult{Problems: problemsOfError(err, func(string) *source { return src }, p.Path)}, nil
}
