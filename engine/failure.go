package main

import (
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// testFailure is the expression at which a test failed, with the values of its variables.
type testFailure struct {
	Location Location       `json:"location"`
	Text     string         `json:"text"`
	Locals   map[string]any `json:"locals"`
}

// failures runs a failed test once more and watches where it fails: by the case's name for table
// tests, else under the empty name. What cannot be found out is left out.
func (s *snapshot) failures(j *job, runner *testRunner, r *tester.Result, timeout time.Duration) map[string]*testFailure {
	if r.Location == nil || s.files[r.Location.File] == nil {
		return nil
	}
	query, err := rego.New(
		rego.Compiler(runner.compiler),
		rego.Store(runner.store),
		rego.Query(r.Package+"."+r.Name),
	).PrepareForEval(j.ctx)
	if err != nil {
		return nil
	}
	tracer := &failTracer{rule: r.Location, queries: map[uint64]bool{}, found: map[string]topdown.Event{}}
	stop := newTimed(j, timeout)
	defer stop.timer.Stop()
	// The outcome is known; an error here only means that the trace ends early.
	_, _ = query.Eval(j.ctx, rego.EvalExternalCancel(stop), rego.EvalQueryTracer(tracer))
	out := map[string]*testFailure{}
	for name, event := range tracer.found {
		loc := s.locate(event.Location)
		if loc == nil {
			continue
		}
		out[name] = &testFailure{Location: *loc, Text: string(event.Location.Text), Locals: locals(event)}
	}
	return out
}

// failTracer keeps, of the failed expressions in a test's own body, the one that is furthest down.
type failTracer struct {
	rule    *ast.Location
	queries map[uint64]bool
	name    string // of the case under way
	found   map[string]topdown.Event
}

func (t *failTracer) Enabled() bool               { return true }
func (t *failTracer) Config() topdown.TraceConfig { return topdown.TraceConfig{PlugLocalVars: true} }

func (t *failTracer) TraceEvent(e topdown.Event) {
	switch e.Op {
	case topdown.EnterOp:
		if rule, ok := e.Node.(*ast.Rule); ok && rule.Location != nil &&
			rule.Location.File == t.rule.File && rule.Location.Row == t.rule.Row && rule.Location.Col == t.rule.Col {
			t.queries[e.QueryID] = true
		}
	case topdown.TestCaseOp:
		if expr, ok := e.Node.(*ast.Expr); ok && t.queries[e.QueryID] {
			t.name = caseName(expr, e)
		}
	case topdown.FailOp:
		expr, ok := e.Node.(*ast.Expr)
		if !ok || !t.queries[e.QueryID] || expr.Location == nil {
			return
		}
		if before, ok := t.found[t.name]; !ok || before.Node.(*ast.Expr).Index <= expr.Index {
			t.found[t.name] = e
		}
	}
}

// caseName is the name that the runner gives a case: its array of names, joined.
func caseName(expr *ast.Expr, e topdown.Event) string {
	array, ok := expr.Operand(0).Value.(*ast.Array)
	if !ok {
		return ""
	}
	parts := make([]string, 0, array.Len())
	array.Foreach(func(t *ast.Term) {
		v := t.Value
		if bound := e.Locals.Get(v); bound != nil {
			v = bound
		}
		if s, ok := v.(ast.String); ok {
			parts = append(parts, string(s))
		} else {
			parts = append(parts, v.String())
		}
	})
	return strings.Join(parts, "/")
}

// locals are the variables that the failed expression names, as they are called in the source; all of
// the rule's that have a value, when it names none.
func locals(e topdown.Event) map[string]any {
	all := map[string]any{}
	if e.Locals == nil {
		return all
	}
	e.Locals.Iter(func(k, v ast.Value) bool {
		name, ok := k.(ast.Var)
		if !ok {
			return false
		}
		if meta, ok := e.LocalMetadata[name]; ok {
			name = meta.Name
		}
		if name.IsGenerated() || name.IsWildcard() {
			return false
		}
		if value, err := ast.JSON(v); err == nil {
			all[string(name)] = value
		}
		return false
	})
	return all
}
