package main

import (
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/profiler"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/print"
	"github.com/open-policy-agent/regal/pkg/roast/transform"
)

// What people in an editor ask of the module before them. Unlike eval, which decides and so needs all policies
// whole, this compiles the module with what it and the query refer to: what is broken elsewhere is no matter. Rules
// of the linter's are asked among the linter's own, with its data.

type queryParams struct {
	question
	Coverage bool `json:"coverage"`
	Profile  bool `json:"profile"`
}

// question is a query that is read as if it stood in one of the modules.
type question struct {
	Workspace string     `json:"workspace"`
	Path      string     `json:"path"`
	Query     string     `json:"query"`
	Input     *inputFile `json:"input"`
	TimeoutMs float64    `json:"timeoutMs"`
}

// inputFile is read as data files are: JSON, or by its name YAML. Of a module it is the syntax tree, as Regal
// shows it to its rules.
type inputFile struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

type queryAnswer struct {
	Result        []answerRow     `json:"result"`
	Printed       []printed       `json:"printed"`
	BuiltinErrors []builtinError  `json:"builtinErrors"`
	EvalNs        int64           `json:"evalNs"`
	Coverage      *coverage       `json:"coverage,omitempty"`
	Profile       []profiledPlace `json:"profile,omitempty"`
}

// answerRow has its values as JSON texts: their numbers stay exact.
type answerRow struct {
	Expressions []answerValue     `json:"expressions"`
	Bindings    map[string]string `json:"bindings,omitempty"`
}

type answerValue struct {
	Text string `json:"text"`
	JSON string `json:"json"`
}

type printed struct {
	Location *Location `json:"location,omitempty"`
	Text     string    `json:"text"`
}

type profiledPlace struct {
	Location *Location `json:"location"`
	Ns       int64     `json:"ns"`
	Evals    int       `json:"evals"`
	Redos    int       `json:"redos"`
}

// maxPrinted is how many calls of print are told; the rest is counted in one line more.
const maxPrinted = 1000

// printHook keeps what is printed, with its place.
type printHook struct {
	snapshot *snapshot
	lines    []printed
}

// Print implements print.Hook.
func (h *printHook) Print(c print.Context, text string) error {
	if len(h.lines) < maxPrinted {
		h.lines = append(h.lines, printed{h.snapshot.locate(c.Location), text})
	} else if len(h.lines) == maxPrinted {
		h.lines = append(h.lines, printed{nil, "… more was printed"})
	}
	return nil
}

func (e *engine) query(j *job, p *queryParams) (*queryAnswer, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	input, err := p.input(j, s)
	if err != nil {
		return nil, err
	}
	c, options, err := e.asked(j, s, &p.question)
	if err != nil {
		return nil, err
	}
	prepared, err := rego.New(options...).PrepareForEval(j.ctx)
	if err != nil {
		return nil, p.wrong(j, err)
	}
	hook := &printHook{snapshot: s, lines: []printed{}}
	stop := newTimed(j, p.timeout())
	defer stop.timer.Stop()
	var builtinErrors []topdown.Error
	evalOptions := []rego.EvalOption{
		rego.EvalExternalCancel(stop),
		rego.EvalPrintHook(hook),
		rego.EvalBuiltinErrorList(&builtinErrors),
	}
	if input != nil {
		evalOptions = append(evalOptions, rego.EvalParsedInput(input))
	}
	var covered *cover.Cover
	if p.Coverage {
		covered = cover.New()
		evalOptions = append(evalOptions, rego.EvalQueryTracer(covered))
	}
	var profile *profiler.Profiler
	if p.Profile {
		profile = profiler.New()
		evalOptions = append(evalOptions, rego.EvalQueryTracer(profile))
	}
	start := time.Now()
	set, err := prepared.Eval(j.ctx, evalOptions...)
	took := time.Since(start)
	if err != nil {
		return nil, s.stoppedBy(j, stop, p.timeout(), err)
	}
	answer := &queryAnswer{Result: []answerRow{}, Printed: hook.lines, BuiltinErrors: []builtinError{}, EvalNs: took.Nanoseconds()}
	for _, r := range set {
		row, err := rowOf(r)
		if err != nil {
			return nil, err
		}
		answer.Result = append(answer.Result, *row)
	}
	for i := range builtinErrors {
		b := &builtinErrors[i]
		answer.BuiltinErrors = append(answer.BuiltinErrors, builtinError{b.Code, b.Message, s.locate(b.Location)})
	}
	if covered != nil {
		answer.Coverage = s.coverage(covered, c.compiler)
	}
	if profile != nil {
		answer.Profile = []profiledPlace{}
		for _, stats := range profile.ReportTopNResults(0, []string{"total_time_ns"}) {
			if at := s.locate(stats.Location); at != nil {
				answer.Profile = append(answer.Profile, profiledPlace{at, stats.ExprTimeNs, stats.NumEval, stats.NumRedo})
			}
		}
	}
	return answer, nil
}

func rowOf(r rego.Result) (*answerRow, error) {
	row := &answerRow{Expressions: []answerValue{}}
	for _, x := range r.Expressions {
		text, err := marshal(x.Value)
		if err != nil {
			return nil, err
		}
		row.Expressions = append(row.Expressions, answerValue{x.Text, string(text)})
	}
	for name, value := range r.Bindings {
		text, err := marshal(value)
		if err != nil {
			return nil, err
		}
		if row.Bindings == nil {
			row.Bindings = map[string]string{}
		}
		row.Bindings[name] = string(text)
	}
	return row, nil
}

func (q *question) timeout() time.Duration {
	if q.TimeoutMs > 0 {
		return time.Duration(q.TimeoutMs * float64(time.Millisecond))
	}
	return defaultEvalTimeout
}

// input is nil when there is none.
func (q *question) input(j *job, s *snapshot) (ast.Value, error) {
	if q.Input == nil {
		return nil, nil
	}
	if strings.HasSuffix(q.Input.Path, ".rego") {
		module, problems, _ := parseInTime(j, q.Input.Path, newSource(q.Input.Text), s.regoVersion, s.capabilities)
		if module == nil {
			return nil, inputError(problems)
		}
		return transform.ToAST(q.Input.Path, q.Input.Text, module, false)
	}
	value, problems := readDocument(q.Input.Path, newSource(q.Input.Text))
	if problems != nil {
		return nil, inputError(problems)
	}
	input, err := ast.InterfaceToValue(value)
	if err != nil {
		return nil, errorf(codeInvalidParams, "input: %v", err)
	}
	return input, nil
}

func inputError(problems []Problem) error {
	message := "it cannot be read"
	if len(problems) > 0 {
		message = problems[0].Message
	}
	return &rpcError{Code: codeInvalidParams, Message: "input: " + message, Data: map[string]any{"problems": problems}}
}

// moduleAt is the file of a module; its module is nil when the file does not parse.
func (s *snapshot) moduleAt(path string, kinds ...string) (*file, error) {
	named, err := s.named([]string{path}, kinds...)
	if err != nil {
		return nil, err
	}
	if len(named) == 0 {
		return nil, errorf(codeInvalidParams, "parameters: %q is no module", path)
	}
	return named[0], nil
}

// asked compiles what the question needs, and answers how to ask it.
func (e *engine) asked(j *job, s *snapshot, q *question) (*compiled, []func(*rego.Rego), error) {
	if err := checkNesting(q.Query, true); err != nil {
		return nil, nil, err
	}
	asking, err := s.moduleAt(q.Path, kindModule, kindLintRule)
	if err != nil {
		return nil, nil, err
	}
	module, problems := asking.reading(j)
	if module == nil {
		return nil, nil, compileError(problems)
	}
	if asking.Kind == kindLintRule {
		l, err := e.linter(j, s)
		if err != nil {
			return nil, nil, err
		}
		if l.lintRules.problems != nil || l.store == nil {
			return nil, nil, compileError(append(l.lintRules.problems, l.problems...))
		}
		options := append(q.options(l.compiler, l.store, module), rego.Capabilities(lintCapabilities()))
		return &compiled{compiler: l.compiler}, append(options, rego.UnsafeBuiltins(networkBuiltins)), nil
	}
	// With the modules that cannot be read: without what they define, the answer would be another.
	files, err := s.reach(j, []*file{asking, q.asFile(module, s)})
	if err != nil {
		return nil, nil, err
	}
	kept := files[:0]
	for _, f := range files {
		if f.source != nil {
			kept = append(kept, f)
		}
	}
	c, modules, data, err := s.prepare(j, kept)
	if err != nil {
		return nil, nil, err
	}
	if c.problems == nil {
		c.compiler.WithEnablePrintStatements(true)
		if err := compileModules(j, c.compiler, modules); err != nil {
			return nil, nil, err
		}
		if c.compiler.Failed() {
			c.problems = problemsOfError(c.compiler.Errors, s.find, "")
		}
	}
	if c.problems != nil {
		return nil, nil, compileError(c.problems)
	}
	options := append(q.options(c.compiler, newStore(data), module), rego.Capabilities(s.capabilities))
	if !s.network() {
		options = append(options, rego.UnsafeBuiltins(networkBuiltins))
	}
	return c, options, nil
}

// options ask the question with a module's package and imports.
func (q *question) options(compiler *ast.Compiler, store storage.Store, module *ast.Module) []func(*rego.Rego) {
	return []func(*rego.Rego){
		rego.Compiler(compiler),
		rego.Store(store),
		rego.Query(q.Query),
		rego.ParsedPackage(module.Package),
		rego.ParsedImports(module.Imports),
		rego.EnablePrintStatements(true),
		rego.SetRegoVersion(module.RegoVersion()),
	}
}

// asFile is a module with the query as its only rule, for what the query refers to. A query that does not parse
// refers to nothing, and is told of later.
func (q *question) asFile(module *ast.Module, s *snapshot) *file {
	asking := &ast.Module{Package: module.Package, Imports: module.Imports}
	body, err := ast.ParseBodyWithOpts(q.Query, ast.ParserOptions{RegoVersion: ast.RegoV1, Capabilities: s.capabilities})
	if err == nil {
		asking.Rules = []*ast.Rule{{Head: &ast.Head{}, Body: body, Module: asking}}
	}
	return &file{tree: tree{module: asking, deps: dependenciesOf(asking)}}
}

// wrong says what is wrong with a query; its problems have no path.
func (q *question) wrong(j *job, err error) error {
	if jerr := j.err(); jerr != nil {
		return jerr
	}
	src := newSource(q.Query)
	problems := problemsOfError(err, func(string) *source { return src }, "")
	message := err.Error()
	if len(problems) > 0 && problems[0].Message != "" {
		message = problems[0].Code + ": " + problems[0].Message
	}
	return &rpcError{Code: codeCompile, Message: "query: " + message, Data: map[string]any{"problems": problems}}
}

func (s *snapshot) stoppedBy(j *job, stop *timed, timeout time.Duration, err error) error {
	if jerr := j.err(); jerr != nil {
		return jerr
	}
	if stop.late.Load() {
		return errorf(codeDeadline, "the evaluation took longer than %d ms", timeout.Milliseconds())
	}
	return s.evaluationError(err)
}

type partialParams struct {
	question
	Unknowns []string `json:"unknowns"`
}

type partialAnswer struct {
	Queries []string `json:"queries"`
	Support []string `json:"support"`
}

// partial evaluates as far as it can be done without what is unknown.
func (e *engine) partial(j *job, p *partialParams) (*partialAnswer, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	_, options, err := e.asked(j, s, &p.question)
	if err != nil {
		return nil, err
	}
	unknowns := p.Unknowns
	if unknowns == nil {
		unknowns = []string{"input"}
	}
	prepared, err := rego.New(append(options, rego.Unknowns(unknowns))...).PrepareForPartial(j.ctx)
	if err != nil {
		return nil, p.wrong(j, err)
	}
	stop := newTimed(j, p.timeout())
	defer stop.timer.Stop()
	partial, err := prepared.Partial(j.ctx, rego.EvalExternalCancel(stop))
	if err != nil {
		return nil, s.stoppedBy(j, stop, p.timeout(), err)
	}
	answer := &partialAnswer{Queries: []string{}, Support: []string{}}
	for _, body := range partial.Queries {
		answer.Queries = append(answer.Queries, formatted(body, body.String()))
	}
	for _, module := range partial.Support {
		answer.Support = append(answer.Support, formatted(module, module.String()))
	}
	return answer, nil
}

// formatted is a text of what OPA made, which is not always what its formatter takes.
func formatted(x any, otherwise string) (text string) {
	defer func() {
		if recover() != nil {
			text = otherwise
		}
	}()
	out, err := format.Ast(x)
	if err != nil {
		return otherwise
	}
	return strings.TrimRight(string(out), "\n")
}

type stagesParams struct {
	Workspace string `json:"workspace"`
	Path      string `json:"path"`
}

type stagesAnswer struct {
	Stages   []stageText `json:"stages"`
	Problems []Problem   `json:"problems"`
}

type stageText struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// compilerStages shows a module as it is after each stage of the compiler that changed it, up to the one that failed.
func (e *engine) compilerStages(j *job, p *stagesParams) (*stagesAnswer, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	asking, err := s.moduleAt(p.Path, kindModule)
	if err != nil {
		return nil, err
	}
	module, problems := asking.reading(j)
	if module == nil {
		return &stagesAnswer{[]stageText{}, problems}, j.err()
	}
	files, err := s.reach(j, []*file{asking})
	if err != nil {
		return nil, err
	}
	c, modules, _, err := s.prepare(j, files)
	if err != nil {
		return nil, err
	}
	if c.problems != nil {
		return &stagesAnswer{[]stageText{}, c.problems}, nil
	}
	last := formatted(module, module.String())
	answer := &stagesAnswer{[]stageText{{"ParseModule", last}}, []Problem{}}
	for _, stage := range ast.AllStages() {
		c.compiler.WithStageAfterID(stage, ast.CompilerStageDefinition{
			Name:       "countersign show",
			MetricName: "countersign_show",
			Stage: func(compiler *ast.Compiler) *ast.Error {
				module := compiler.Modules[p.Path].Copy()
				if text := formatted(module, module.String()); text != last {
					last = text
					answer.Stages = append(answer.Stages, stageText{string(stage), text})
				}
				return nil
			},
		})
	}
	if err := compileModules(j, c.compiler.WithEnablePrintStatements(true), modules); err != nil {
		return nil, err
	}
	if c.compiler.Failed() {
		answer.Problems = problemsOfError(c.compiler.Errors, s.find, "")
	}
	return answer, nil
}
