package main

import (
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

type testParams struct {
	Workspace  string   `json:"workspace"`
	Filter     string   `json:"filter"`
	Paths      []string `json:"paths"`
	Coverage   bool     `json:"coverage"`
	TimeoutMs  float64  `json:"timeoutMs"`
	Parallel   int      `json:"parallel"`
	ProgressID any      `json:"progressId"`
}

type testRunResult struct {
	Tests    []testResult `json:"tests"`
	Coverage *coverage    `json:"coverage,omitempty"`
	Problems []Problem    `json:"problems"`
}

type testResult struct {
	Name       string       `json:"name"`
	Package    string       `json:"package"`
	Outcome    string       `json:"outcome"`
	Location   Location     `json:"location"`
	DurationMs float64      `json:"durationMs"`
	Output     string       `json:"output,omitempty"`
	Error      string       `json:"error,omitempty"`
	Failure    *testFailure `json:"failure,omitempty"`
}

// The outcomes of a test.
const (
	outcomePass  = "pass"
	outcomeFail  = "fail"
	outcomeError = "error"
	outcomeSkip  = "skip"
)

// testRunner is a workspace, or a part of it, compiled as the test runner wants it.
type testRunner struct {
	*compiled
	mu sync.Mutex // the runner changes the compiler when it starts
}

// compiledForTest compiles the modules of some test files with what they refer to; all when paths is nil.
func (s *snapshot) compiledForTest(j *job, paths []string) (*testRunner, error) {
	return s.tests.get(j, strings.Join(paths, "\x00"), 4, func() (*testRunner, error) {
		files := s.sorted(kindModule)
		if paths != nil {
			named, err := s.named(paths, kindModule)
			if err != nil {
				return nil, err
			}
			if files, err = s.closure(j, named); err != nil {
				return nil, err
			}
			for _, f := range named {
				if f.module(j) == nil {
					files = append(files, f)
				}
			}
		}
		c, modules, data, err := s.prepare(j, files)
		if err != nil {
			return nil, err
		}
		if c.problems != nil {
			return &testRunner{compiled: c}, nil
		}
		c.store = newStore(data)
		stoppable(j, c.compiler.WithEnablePrintStatements(true).WithRewriteTestRules(true))
		// The runner's own compiler stages are not to be had but by a run: one that matches no test.
		results, err := tester.NewRunner().SetCompiler(c.compiler).SetStore(c.store).SetModules(modules).Filter("^$").RunTests(j.ctx, nil)
		if jerr := j.err(); jerr != nil {
			return nil, jerr
		}
		if err != nil {
			c.problems = problemsOfError(err, s.find, "")
			return &testRunner{compiled: c}, nil
		}
		for range results {
			continue
		}
		return &testRunner{compiled: c}, nil
	})
}

func (e *engine) test(j *job, p *testParams) (*testRunResult, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	runner, err := s.compiledForTest(j, p.Paths)
	if err != nil {
		return nil, err
	}
	result := &testRunResult{Tests: []testResult{}, Problems: runner.problems}
	if runner.problems != nil {
		return result, nil
	}
	result.Problems = []Problem{}
	filter, err := s.testFilter(j, p)
	if err != nil || filter == "" {
		return result, err
	}
	timeout := defaultTestTimeout
	if p.TimeoutMs > 0 {
		timeout = time.Duration(p.TimeoutMs * float64(time.Millisecond))
	}
	tracer := &testTracer{}
	if p.Coverage {
		tracer.covered = cover.New()
	}
	txn, err := runner.store.NewTransaction(j.ctx)
	if err != nil {
		return nil, err
	}
	defer runner.store.Abort(j.ctx, txn)
	runner.mu.Lock()
	results, err := tester.NewRunner().
		SetCompiler(runner.compiler).
		SetStore(runner.store).
		SetTimeout(timeout).
		SetParallel(parallel(p.Parallel)).
		SetCoverageQueryTracer(tracer).
		CapturePrintOutput(true).
		Filter(filter).
		RunTests(j.ctx, txn)
	runner.mu.Unlock()
	if err != nil {
		return nil, err
	}
	for r := range results {
		for _, t := range s.testResults(j, runner, r, timeout) {
			if p.ProgressID != nil && j.err() == nil {
				e.notify("test/finished", map[string]any{"id": p.ProgressID, "test": t})
			}
			result.Tests = append(result.Tests, t)
		}
	}
	if err := j.err(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(result.Tests, func(a, b testResult) int {
		if a.Location.Path != b.Location.Path {
			return strings.Compare(a.Location.Path, b.Location.Path)
		}
		return a.Location.Range.Start.Line - b.Location.Range.Start.Line
	})
	if tracer.covered != nil {
		result.Coverage = s.coverage(tracer.covered, runner.compiler)
	}
	return result, nil
}

// testFilter is a regular expression for the runner that matches the wanted tests; empty when there are none.
func (s *snapshot) testFilter(j *job, p *testParams) (string, error) {
	wanted, err := regexp.Compile(p.Filter)
	if err != nil {
		return "", errorf(codeInvalidParams, "parameters: filter: %v", err)
	}
	if p.Paths == nil {
		if p.Filter == "" {
			return ".", nil
		}
		return p.Filter, nil
	}
	files, err := s.named(p.Paths, kindModule)
	if err != nil {
		return "", err
	}
	var names []string
	for _, f := range files {
		module := f.module(j)
		if module == nil {
			continue
		}
		for _, rule := range module.Rules {
			name := module.Package.Path.String() + "." + ruleName(rule)
			if isTest(ruleName(rule)) && wanted.MatchString(name) {
				dot := strings.LastIndexByte(name, '.')
				// The runner numbers tests of the same name: data.a.test_x, data.a["test_x#01"].
				names = append(names, regexp.QuoteMeta(name), regexp.QuoteMeta(name[:dot])+`\["`+regexp.QuoteMeta(name[dot+1:])+`#\d+"\]`)
			}
		}
	}
	if names == nil {
		return "", nil
	}
	slices.Sort(names)
	return `^(?:` + strings.Join(slices.Compact(names), "|") + `)$`, nil
}

// testTracer lets others run while tests do, and records coverage when it is asked for.
type testTracer struct {
	covered *cover.Cover
}

func (t *testTracer) Enabled() bool               { return true }
func (t *testTracer) Config() topdown.TraceConfig { return topdown.TraceConfig{} }
func (t *testTracer) TraceEvent(e topdown.Event) {
	breathe() // an event can cost much: the runner traces with the values of variables
	if t.covered != nil {
		t.covered.TraceEvent(e)
	}
}

// testResults makes one result of a test, or one for each case of a table test.
func (s *snapshot) testResults(j *job, runner *testRunner, r *tester.Result, timeout time.Duration) []testResult {
	one := testResult{
		Name:       r.Package + "." + r.Name,
		Package:    strings.TrimPrefix(r.Package, "data."),
		Outcome:    outcomePass,
		DurationMs: milliseconds(r.Duration),
		Output:     string(r.Output),
	}
	var rule *ast.Rule
	if r.Location != nil {
		one.Location.Path = r.Location.File
		if f := s.files[r.Location.File]; f != nil {
			one.Location.Range = f.rangeOf(r.Location)
			if rule = f.ruleAt(j, r.Location); rule != nil {
				one.Location.Range = f.nameRange(rule)
			}
		}
	}
	switch {
	case r.Skip:
		one.Outcome = outcomeSkip
	case r.Error != nil:
		one.Outcome = outcomeError
		one.Error = r.Error.Error()
		if topdown.IsCancel(r.Error) {
			one.Error = fmt.Sprintf("the test took longer than %d ms", timeout.Milliseconds())
		}
	case r.Fail:
		one.Outcome = outcomeFail
	}
	var failures map[string]*testFailure
	if r.Fail && r.Error == nil {
		failures = s.failures(j, runner, r, timeout)
	}
	var cases []testResult
	for path, sub := range r.SubResults.Iter {
		if len(sub.SubResults) > 0 {
			continue
		}
		c := one
		c.Name += "/" + strings.Join(path, "/")
		c.Outcome = outcomePass
		if sub.Fail {
			c.Outcome = outcomeFail
			c.Failure = failures[strings.Join(path, "/")]
		}
		if len(cases) > 0 {
			c.Output = ""
		}
		cases = append(cases, c)
	}
	if cases == nil || r.Error != nil {
		one.Failure = failures[""]
		return []testResult{one}
	}
	for i := range cases {
		cases[i].DurationMs /= float64(len(cases))
	}
	return cases
}

// ruleAt is the parsed rule at a location.
func (f *file) ruleAt(j *job, loc *ast.Location) *ast.Rule {
	module := f.module(j)
	if module == nil {
		return nil
	}
	for _, rule := range module.Rules {
		if rule.Location != nil && rule.Location.Row == loc.Row && rule.Location.Col == loc.Col {
			return rule
		}
	}
	return nil
}

// parallel is how many tests run at a time.
func parallel(wanted int) int {
	if wanted > 0 {
		return wanted
	}
	return runtime.GOMAXPROCS(0) // one in wasm
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}
