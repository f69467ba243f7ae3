package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"
	_ "time/tzdata" // policies ask for time zones; not every machine, and no browser, has them

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"
	"github.com/open-policy-agent/opa/v1/util"
)

const (
	defaultEvalTimeout = 10 * time.Second
	defaultTestTimeout = 5 * time.Second
)

type evalParams struct {
	Workspace           string            `json:"workspace"`
	Query               string            `json:"query"`
	Input               json.RawMessage   `json:"input"`
	InputTerm           string            `json:"inputTerm"`
	Inputs              []json.RawMessage `json:"inputs"`
	Data                json.RawMessage   `json:"data"`
	TimeoutMs           float64           `json:"timeoutMs"`
	Coverage            bool              `json:"coverage"`
	Metrics             bool              `json:"metrics"`
	Now                 string            `json:"now"`
	StrictBuiltinErrors bool              `json:"strictBuiltinErrors"`
	NDBuiltinCache      json.RawMessage   `json:"ndBuiltinCache"`
}

type evalResult struct {
	Evaluations []evaluation `json:"evaluations"`
	Coverage    *coverage    `json:"coverage,omitempty"`
}

type evaluation struct {
	Result        []queryResult    `json:"result"`
	Output        string           `json:"output,omitempty"`
	BuiltinErrors []builtinError   `json:"builtinErrors,omitempty"`
	Metrics       map[string]int64 `json:"metrics,omitempty"`
	// NDBuiltinCache is what built-ins without a fixed answer gave; asked for by giving one.
	NDBuiltinCache builtins.NDBCache `json:"ndBuiltinCache,omitempty"`
}

type queryResult struct {
	Expressions []expression   `json:"expressions"`
	Bindings    map[string]any `json:"bindings,omitempty"`
}

type expression struct {
	Value any    `json:"value"`
	Text  string `json:"text"`
}

type builtinError struct {
	Code     string    `json:"code"`
	Message  string    `json:"message"`
	Location *Location `json:"location,omitempty"`
}

// compiled is a workspace ready to be evaluated.
type compiled struct {
	compiler *ast.Compiler
	store    storage.Store
	problems []Problem // when there are any, there is nothing to evaluate
	queries  memos[queryKey, *rego.PreparedEvalQuery]
}

type queryKey struct {
	query  string
	strict bool
}

// compiledForEval compiles the whole workspace with print statements. Anything wrong in it is an error: to
// evaluate the rest would be to decide by half of the policies.
func (s *snapshot) compiledForEval(j *job) (*compiled, error) {
	c, err := s.compiled.get(j, func() (*compiled, error) {
		c, modules, data, err := s.prepare(j, s.sorted(kindModule))
		if err != nil || c.problems != nil {
			return c, err
		}
		c.compiler.WithEnablePrintStatements(true)
		if err := compileModules(j, c.compiler, modules); err != nil {
			return nil, err
		}
		if c.compiler.Failed() {
			c.problems = problemsOfError(c.compiler.Errors, s.find, "")
			return c, nil
		}
		c.store = newStore(data)
		return c, nil
	})
	if err == nil && c.problems != nil {
		err = compileError(c.problems)
	}
	return c, err
}

// prepare collects what a compilation of modules needs; problems of the files themselves end it early.
func (s *snapshot) prepare(j *job, files []*file) (*compiled, map[string]*ast.Module, map[string]any, error) {
	data, err := s.data(j)
	if err != nil {
		return nil, nil, nil, err
	}
	c := &compiled{}
	modules := make(map[string]*ast.Module, len(files))
	for _, f := range files {
		module, problems := f.reading(j)
		c.problems = append(c.problems, problems...)
		modules[f.Path] = module
	}
	if err := j.err(); err != nil {
		return nil, nil, nil, err
	}
	documents, err := s.beside(j, kindData)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, f := range documents {
		c.problems = append(c.problems, f.problemsIn(j)...)
	}
	c.problems = append(c.problems, data.problems...)
	capabilities, err := s.capabilitiesNow(j)
	if err != nil {
		return nil, nil, nil, err
	}
	c.compiler = s.compiler(data.value, capabilities)
	return c, modules, data.value, nil
}

func newStore(data map[string]any) storage.Store {
	return inmem.NewFromObjectWithOpts(data, inmem.OptRoundTripOnWrite(false), inmem.OptReturnASTValuesOnRead(true))
}

func (e *engine) eval(j *job, p *evalParams) (*evalResult, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	var now time.Time
	if p.Now != "" {
		if now, err = time.Parse(time.RFC3339Nano, p.Now); err != nil {
			return nil, errorf(codeInvalidParams, "parameters: now: %v", err)
		}
	}
	for _, text := range []string{p.Query, p.InputTerm} {
		if err := checkNesting(text, true); err != nil {
			return nil, err
		}
	}
	c, err := s.compiledForEval(j)
	if err != nil {
		return nil, err
	}
	query, err := c.query(j, s, p)
	if err != nil {
		return nil, err
	}
	inputs := p.Inputs
	if inputs == nil {
		inputs = []json.RawMessage{p.Input}
	}
	timeout := defaultEvalTimeout
	if p.TimeoutMs > 0 {
		timeout = time.Duration(p.TimeoutMs * float64(time.Millisecond))
	}
	result := &evalResult{Evaluations: make([]evaluation, 0, len(inputs))}
	var covered *cover.Cover
	if p.Coverage {
		covered = cover.New()
	}
	for _, raw := range inputs {
		if err := j.err(); err != nil {
			return nil, err
		}
		input, err := readInput(raw, p.InputTerm)
		if err != nil {
			return nil, err
		}
		known, err := readNDBuiltinCache(p.NDBuiltinCache)
		if err != nil {
			return nil, err
		}
		one, err := s.evaluate(j, query, input, now, timeout, covered, p.Metrics, known)
		if err != nil {
			return nil, err
		}
		result.Evaluations = append(result.Evaluations, *one)
	}
	if covered != nil {
		result.Coverage = s.coverage(covered, c.compiler)
	}
	return result, nil
}

// query is the prepared query; with data of the caller's own it is prepared for this call alone.
func (c *compiled) query(j *job, s *snapshot, p *evalParams) (*rego.PreparedEvalQuery, error) {
	prepare := func(store storage.Store) (*rego.PreparedEvalQuery, error) {
		options := []func(*rego.Rego){
			rego.Compiler(c.compiler),
			rego.Store(store),
			rego.Query(p.Query),
			rego.EnablePrintStatements(true),
			rego.StrictBuiltinErrors(p.StrictBuiltinErrors),
			rego.SetRegoVersion(s.regoVersion),
			rego.Capabilities(s.capabilities),
		}
		if !s.network() {
			options = append(options, rego.UnsafeBuiltins(networkBuiltins))
		}
		query, err := rego.New(options...).PrepareForEval(j.ctx)
		if err != nil {
			return nil, queryError(err)
		}
		return &query, nil
	}
	if len(p.Data) > 0 && !bytes.Equal(p.Data, []byte("null")) {
		var data map[string]any
		if err := util.UnmarshalJSON(p.Data, &data); err != nil {
			return nil, errorf(codeInvalidParams, "parameters: data: %v", err)
		}
		return prepare(newStore(data))
	}
	return c.queries.get(j, queryKey{p.Query, p.StrictBuiltinErrors}, 256, func() (*rego.PreparedEvalQuery, error) {
		return prepare(c.store)
	})
}

// queryError is for a query that does not parse or compile.
func queryError(err error) error {
	problems := problemsOfError(err, func(string) *source { return nil }, "")
	if len(problems) == 0 || problems[0].Message == "" {
		return errorf(codeInvalidParams, "query: %v", err)
	}
	return errorf(codeInvalidParams, "query: %s: %s", problems[0].Code, problems[0].Message)
}

// timed is a topdown.Cancel that stops with the request, or when its own time is up.
type timed struct {
	*job
	late  atomic.Bool
	timer *time.Timer
}

func newTimed(j *job, timeout time.Duration) *timed {
	t := &timed{job: j}
	t.timer = time.AfterFunc(timeout, func() { t.late.Store(true) })
	return t
}

// Cancelled implements topdown.Cancel.
func (t *timed) Cancelled() bool { return t.job.Cancelled() || t.late.Load() }

func (s *snapshot) evaluate(j *job, query *rego.PreparedEvalQuery, input ast.Value, now time.Time, timeout time.Duration, covered *cover.Cover, measure bool, known builtins.NDBCache) (*evaluation, error) {
	var printed bytes.Buffer
	var builtinErrors []topdown.Error
	stop := newTimed(j, timeout)
	defer stop.timer.Stop()
	options := []rego.EvalOption{
		rego.EvalExternalCancel(stop),
		rego.EvalPrintHook(topdown.NewPrintHook(&printed)),
		rego.EvalBuiltinErrorList(&builtinErrors),
	}
	if input != nil {
		options = append(options, rego.EvalParsedInput(input))
	}
	if !now.IsZero() {
		options = append(options, rego.EvalTime(now))
	}
	if covered != nil {
		options = append(options, rego.EvalQueryTracer(covered))
	}
	if known != nil {
		options = append(options, rego.EvalNDBuiltinCache(known))
	}
	var measured metrics.Metrics
	if measure {
		measured = metrics.New()
		options = append(options, rego.EvalMetrics(measured))
	}
	set, err := query.Eval(j.ctx, options...)
	if err != nil {
		if jerr := j.err(); jerr != nil {
			return nil, jerr
		}
		if stop.late.Load() {
			return nil, errorf(codeDeadline, "the evaluation took longer than %d ms", timeout.Milliseconds())
		}
		return nil, s.evaluationError(err)
	}
	one := &evaluation{Result: make([]queryResult, 0, len(set)), Output: printed.String(), NDBuiltinCache: known}
	for _, r := range set {
		q := queryResult{Expressions: make([]expression, 0, len(r.Expressions)), Bindings: r.Bindings}
		for _, x := range r.Expressions {
			q.Expressions = append(q.Expressions, expression{x.Value, x.Text})
		}
		one.Result = append(one.Result, q)
	}
	for i := range builtinErrors {
		b := &builtinErrors[i]
		one.BuiltinErrors = append(one.BuiltinErrors, builtinError{b.Code, b.Message, s.locate(b.Location)})
	}
	if measure {
		one.Metrics = map[string]int64{}
		for name, value := range measured.All() {
			switch v := value.(type) {
			case int64:
				one.Metrics[name] = v
			case uint64:
				one.Metrics[name] = int64(v)
			}
		}
	}
	return one, nil
}

// readNDBuiltinCache is nil when none was given: then none is kept. OPA writes the arguments of a call as a text, which
// its own reading of the cache leaves a text, and so does not find again.
func readNDBuiltinCache(raw json.RawMessage) (builtins.NDBCache, error) {
	var given map[string]map[string]any
	if len(raw) == 0 {
		return nil, nil
	}
	if err := util.UnmarshalJSON(raw, &given); err != nil {
		return nil, errorf(codeInvalidParams, "parameters: ndBuiltinCache: %v", err)
	}
	if given == nil {
		return nil, nil
	}
	known := builtins.NDBCache{}
	for name, calls := range given {
		for text, value := range calls {
			var arguments any
			if err := util.UnmarshalJSON([]byte(text), &arguments); err != nil {
				return nil, errorf(codeInvalidParams, "parameters: ndBuiltinCache: %s: %v", name, err)
			}
			k, err := ast.InterfaceToValue(arguments)
			if err != nil {
				return nil, errorf(codeInvalidParams, "parameters: ndBuiltinCache: %s: %v", name, err)
			}
			v, err := ast.InterfaceToValue(value)
			if err != nil {
				return nil, errorf(codeInvalidParams, "parameters: ndBuiltinCache: %s: %v", name, err)
			}
			known.Put(name, k, v)
		}
	}
	return known, nil
}

// evaluationError says where an evaluation failed.
func (s *snapshot) evaluationError(err error) *rpcError {
	var te *topdown.Error
	if !errors.As(err, &te) {
		return errorf(codeEvaluation, "%v", err)
	}
	e := errorf(codeEvaluation, "%s: %s", te.Code, te.Message)
	e.Data = map[string]any{"code": te.Code, "location": s.locate(te.Location)}
	return e
}

// locate converts a location in one of the workspace's files.
func (s *snapshot) locate(loc *ast.Location) *Location {
	if loc == nil {
		return nil
	}
	f := s.files[loc.File]
	if f == nil {
		return nil
	}
	return &Location{loc.File, f.rangeOf(loc)}
}
