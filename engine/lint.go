package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/regal/bundle"
	"github.com/open-policy-agent/regal/pkg/config"
	"github.com/open-policy-agent/regal/pkg/report"
	"github.com/open-policy-agent/regal/pkg/roast/rast"
	"github.com/open-policy-agent/regal/pkg/roast/transform"
)

// Regal's Go interface lints given files in one go: it can neither be stopped, nor does it let go of the
// aggregates it collected, nor take them back. So this file evaluates Regal's rules as its linter does.

type lintParams struct {
	Workspace string   `json:"workspace"`
	Paths     []string `json:"paths"`
	Aggregate *bool    `json:"aggregate"`
}

type lintResult struct {
	Problems    []Problem `json:"problems"`
	FilesLinted int       `json:"filesLinted"`
}

// linters keeps the last compiled rules and the last linter; workspaces mostly share both.
type linters struct {
	mu    sync.Mutex
	rules map[string]*memo[*lintRules]
	ready map[string]*memo[*linter]
}

// lintRules are Regal's rules with a workspace's own, compiled.
type lintRules struct {
	compiler *ast.Compiler
	problems []Problem // of the workspace's own rules; without those the others run
}

// linter is rules and a configuration, ready to lint files.
type linter struct {
	*lintRules
	config   *config.Config
	data     ast.Object
	store    storage.Store
	problems []Problem
}

// lintState keeps what the last linter said about a file.
type lintState struct {
	mu     sync.Mutex
	linter *linter
	memo   *memo[*linted]
}

// linted is what the rules say of a file, and what those that look across files need of it.
type linted struct {
	violations            []report.Violation
	aggregates, ignorings packed
}

func (e *engine) lint(j *job, p *lintParams) (*lintResult, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	if len(p.Paths) != 1 {
		j.inPassing(s)
	}
	named, err := s.named(p.Paths, kindModule)
	if err != nil {
		return nil, err
	}
	l, err := e.linter(j, s)
	if err != nil {
		return nil, err
	}
	result := &lintResult{Problems: append(append([]Problem{}, l.problems...), l.lintRules.problems...)}
	missing, err := s.capabilitiesProblems(j)
	if err != nil {
		return nil, err
	}
	result.Problems = append(result.Problems, missing...)
	if l.config == nil {
		return result, nil // its problems say why
	}
	files, err := l.wanted(j, named)
	if err != nil {
		return nil, err
	}
	reports, err := l.lintAll(j, files)
	if err != nil {
		return nil, err
	}
	for _, r := range reports {
		result.Problems = append(result.Problems, s.lintProblems(j, l, r.violations)...)
	}
	result.FilesLinted = len(reports)
	if p.Aggregate == nil && p.Paths == nil || p.Aggregate != nil && *p.Aggregate {
		if p.Paths != nil {
			all, err := l.wanted(j, s.sorted(kindModule))
			if err != nil {
				return nil, err
			}
			if reports, err = l.lintAll(j, all); err != nil {
				return nil, err
			}
		}
		violations, err := l.aggregate(j, reports)
		if err != nil {
			return nil, err
		}
		result.Problems = append(result.Problems, s.lintProblems(j, l, violations)...)
	}
	sortProblems(result.Problems)
	return result, nil
}

// linter is the linter for a workspace's configuration and rules.
func (e *engine) linter(j *job, s *snapshot) (*linter, error) {
	own, err := s.ownLintRules(j)
	if err != nil {
		return nil, err
	}
	own = slices.DeleteFunc(slices.Clone(own), func(f *file) bool { return f.module(j) == nil || strings.HasSuffix(f.Path, "_test.rego") })
	hash := sha256.New()
	for _, f := range own {
		fmt.Fprintf(hash, "%q %q\n", f.Path, f.Text)
	}
	rulesKey := string(hash.Sum(nil))
	var configFile *file
	configs, err := s.beside(j, kindCapabilities, kindLintConfig)
	if err != nil {
		return nil, err
	}
	var listed *ast.Capabilities
	for _, f := range configs {
		if f.Kind == kindCapabilities {
			listed = f.capabilities
		} else {
			configFile = f
		}
		fmt.Fprintf(hash, "%q %q\n", f.Path, f.Text)
	}
	ready := keep(&e.linters, &e.linters.ready, string(hash.Sum(nil)))
	return ready.get(j, func() (*linter, error) {
		rules, err := keep(&e.linters, &e.linters.rules, rulesKey).get(j, func() (*lintRules, error) {
			return compileLintRules(j, s, own)
		})
		if err != nil {
			return nil, err
		}
		return prepareLinter(j, rules, own, configFile, listed)
	})
}

// keep finds a value that is kept, or makes room for it: two are kept, so that a change back and forth costs nothing.
func keep[T any](l *linters, kept *map[string]*memo[T], key string) *memo[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if *kept == nil {
		*kept = map[string]*memo[T]{}
	}
	m := (*kept)[key]
	if m == nil {
		if len(*kept) >= 2 {
			clear(*kept)
		}
		m = &memo[T]{}
		(*kept)[key] = m
	}
	return m
}

func compileLintRules(j *job, s *snapshot, own []*file) (*lintRules, error) {
	modules := map[string]*ast.Module{}
	for _, m := range bundle.Embedded().Modules {
		modules["regal:"+m.Path] = m.Parsed
	}
	if err := j.checkpoint(); err != nil {
		return nil, err
	}
	for _, f := range own {
		modules[f.Path] = f.module(j)
	}
	compiler := func() *ast.Compiler {
		return ast.NewCompiler().SetErrorLimit(0).WithCapabilities(lintCapabilities()).WithUnsafeBuiltins(networkBuiltins).
			WithEnablePrintStatements(true) // those who write rules evaluate them, too
	}
	rules := &lintRules{compiler: compiler()}
	if err := compileModules(j, rules.compiler, modules); err != nil {
		return nil, err
	}
	if !rules.compiler.Failed() {
		return rules, nil
	}
	if own == nil {
		return nil, rules.compiler.Errors
	}
	rules.problems = ofRules(problemsOfError(rules.compiler.Errors, s.find, own[0].Path))
	for _, f := range own {
		delete(modules, f.Path)
	}
	rules.compiler = compiler()
	if err := compileModules(j, rules.compiler, modules); err != nil {
		return nil, err
	}
	if rules.compiler.Failed() {
		return nil, rules.compiler.Errors
	}
	return rules, nil
}

// prepareLinter merges the configuration and lets Regal's rules derive from it what is the same for all files.
func prepareLinter(j *job, rules *lintRules, own []*file, configFile *file, listed *ast.Capabilities) (*linter, error) {
	l := &linter{lintRules: rules}
	var user *config.Config
	if configFile != nil {
		l.problems = configFile.problemsIn(j)
		if user = configFile.config; user == nil {
			return l, nil
		}
		if d := configFile.declared; d != nil && d.file != "" && listed != nil {
			user = d.listed(user, listed)
		}
	}
	merged, err := config.WithDefaultsFromBundle(bundle.Embedded(), user)
	if err != nil {
		return nil, err
	}
	if unknown := unknownRules(j, &merged, own); unknown != nil {
		for _, name := range unknown {
			l.problems = append(l.problems, configProblem(configFile.Path, configFile.findKey(name), "there is no rule or category "+name))
		}
		return l, nil
	}
	userValue := ast.InternedEmptyObject.Value
	if user != nil {
		userValue = user.ToValue()
	}
	none := ast.InternedEmptyArray
	off := ast.InternedTerm(false)
	internal := ast.NewObject(
		rast.Item("combined_config", ast.NewTerm(merged.ToValue())),
		rast.Item("user_config", ast.NewTerm(userValue)),
		rast.Item("capabilities", ast.NewTerm(rast.StructToValue(config.CapabilitiesForThisVersion()))),
		rast.Item("path_prefix", ast.InternedTerm("")),
		rast.Item("prepared", ast.InternedNullTerm),
	)
	l.data = ast.NewObject(
		rast.Item("eval", ast.ObjectTerm(rast.Item("params", ast.ObjectTerm(
			rast.Item("disable_all", off), rast.Item("disable_category", none), rast.Item("disable", none),
			rast.Item("enable_all", off), rast.Item("enable_category", none), rast.Item("enable", none),
			rast.Item("ignore_files", none),
		)))),
		rast.Item("internal", ast.NewTerm(internal)),
	)
	if err := l.load(); err != nil {
		return nil, err
	}
	result, err := l.evaluate(j, regalInput("prepare", "__prepare__"))
	if err != nil {
		return nil, err
	}
	prepared, ok := rast.GetValue[ast.Object](result, "prepared")
	if !ok {
		return nil, errors.New("lint: the rules prepared nothing")
	}
	internal.Insert(ast.InternedTerm("prepared"), ast.NewTerm(prepared))
	l.config = &merged
	return l, l.load()
}

// load makes a store of the linter's data.
func (l *linter) load() error {
	l.store = inmem.NewWithOpts(inmem.OptReturnASTValuesOnRead(true))
	return storage.WriteOne(context.Background(), l.store, storage.AddOp, storage.RootPath, l.data)
}

// unknownRules are names in the configuration that are no rule's or category's.
func unknownRules(j *job, conf *config.Config, own []*file) []string {
	known := map[string]bool{}
	add := func(m *ast.Module, at int) {
		if path := segments(m.Package.Path); len(path) == at+2 {
			known[path[at]], known[path[at]+"/"+path[at+1]] = true, true
		}
	}
	for _, m := range bundle.Embedded().Modules {
		add(m.Parsed, 2) // regal.rules.category.rule
	}
	for _, f := range own {
		add(f.module(j), 3) // custom.regal.rules.category.rule
	}
	var unknown []string
	for category, rules := range conf.Rules {
		if !known[category] {
			unknown = append(unknown, category)
			continue
		}
		for rule := range rules {
			if !known[category+"/"+rule] {
				unknown = append(unknown, rule)
			}
		}
	}
	slices.Sort(unknown)
	return unknown
}

// wanted are the files that can be linted and that the configuration does not exclude.
func (l *linter) wanted(j *job, files []*file) ([]*file, error) {
	byPath := make(map[string]*file, len(files))
	paths := make([]string, 0, len(files))
	for _, f := range files {
		if !f.isBroken() {
			byPath[f.Path] = f
			paths = append(paths, f.Path)
		}
	}
	kept, err := config.FilterIgnoredPaths(paths, l.config.Ignore.Files, false, "")
	if err != nil {
		return nil, errorf(codeInvalidParams, "lint configuration: %v", err)
	}
	out := make([]*file, 0, len(kept))
	for _, path := range kept {
		out = append(out, byPath[path])
	}
	return out, nil
}

// lintAll lints files by themselves; those that were linted before are not linted again.
func (l *linter) lintAll(j *job, files []*file) ([]*linted, error) {
	reports := make([]*linted, len(files))
	errs := make([]error, len(files))
	if err := each(j, len(files), func(i int) {
		reports[i], errs[i] = l.lintOne(j, files[i])
	}); err != nil {
		return nil, err
	}
	reports = slices.DeleteFunc(reports, func(r *linted) bool { return r == nil }) // those that cannot be read
	return reports, errors.Join(errs...)
}

func (l *linter) lintOne(j *job, f *file) (*linted, error) {
	f.lint.mu.Lock()
	if f.lint.linter != l {
		f.lint.linter, f.lint.memo = l, &memo[*linted]{}
	}
	m := f.lint.memo
	f.lint.mu.Unlock()
	return m.get(j, func() (*linted, error) {
		module := f.module(j)
		if module == nil {
			return nil, j.err()
		}
		input, err := transform.ToAST(f.Path, f.Text, module, true)
		if err != nil {
			return nil, err
		}
		result, err := l.evaluate(j, input)
		if err != nil {
			return nil, err
		}
		return keepLinted(result)
	})
}

func keepLinted(result ast.Object) (*linted, error) {
	r, err := report.FromQueryResult(result, false)
	if err != nil {
		return nil, err
	}
	kept := &linted{violations: r.Violations}
	if kept.aggregates, err = pack(r.Aggregates); err == nil && r.IgnoreDirectives != nil {
		kept.ignorings, err = pack(r.IgnoreDirectives)
	}
	return kept, err
}

// aggregate runs the rules that look across files over what was collected of each.
func (l *linter) aggregate(j *job, reports []*linted) ([]report.Violation, error) {
	if len(reports) < 2 {
		return nil, nil // as Regal does: one file alone has nothing to agree with
	}
	aggregates, directives := ast.NewObject(), ast.NewObject()
	for _, r := range reports {
		r.aggregates.unpack().Value.(ast.Object).Foreach(aggregates.Insert)
		if r.ignorings != "" {
			r.ignorings.unpack().Value.(ast.Object).Foreach(directives.Insert)
		}
	}
	input := regalInput("aggregate", "__aggregate_report__")
	input.Insert(ast.StringTerm("aggregates_internal"), ast.NewTerm(aggregates))
	input.Insert(ast.StringTerm("ignore_directives"), ast.NewTerm(directives))
	result, err := l.evaluate(j, input)
	if err != nil {
		return nil, err
	}
	r, err := report.FromQueryResult(result, true)
	return r.Violations, err
}

// regalInput is the input for what Regal's rules do without a file.
func regalInput(operation, name string) ast.Object {
	return ast.NewObject(rast.Item("regal", ast.ObjectTerm(
		rast.Item("operations", ast.ArrayTerm(ast.StringTerm(operation))),
		rast.Item("file", ast.ObjectTerm(
			rast.Item("name", ast.StringTerm(name)),
			rast.Item("lines", ast.InternedEmptyArray),
			rast.Item("rego_version", ast.InternedTerm("v1")),
		)),
	)))
}

var lintQuery = ast.MustParseBody("lint = data.regal.main.lint")

func (l *linter) evaluate(j *job, input ast.Value) (ast.Object, error) {
	txn, err := l.store.NewTransaction(j.ctx)
	if err != nil {
		return nil, err
	}
	defer l.store.Abort(j.ctx, txn)
	var out ast.Object
	err = topdown.NewQuery(lintQuery).
		WithCompiler(l.compiler).
		WithStore(l.store).
		WithTransaction(txn).
		WithBaseCache(baseCache{l.data}).
		WithInput(ast.NewTerm(input)).
		WithCancel(j).
		Iter(j.ctx, func(r topdown.QueryResult) error {
			out, _ = r["lint"].Value.(ast.Object)
			return nil
		})
	if jerr := j.err(); jerr != nil {
		return nil, jerr
	}
	if err != nil {
		return nil, err
	}
	if out == nil {
		return nil, errors.New("lint: the rules answered nothing")
	}
	return out, nil
}

// baseCache answers reads of data at once; the store would copy paths for each.
type baseCache struct{ data ast.Object }

func (c baseCache) Get(ref ast.Ref) ast.Value {
	if v, err := c.data.Find(ref[1:]); err == nil {
		return v
	}
	return nil
}

func (baseCache) Put(ast.Ref, ast.Value) {}

// lintProblems converts Regal's violations.
func (s *snapshot) lintProblems(j *job, l *linter, violations []report.Violation) []Problem {
	problems := make([]Problem, 0, len(violations))
	for i := range violations {
		v := &violations[i]
		p := Problem{
			Path:     v.Location.File,
			Severity: severityError,
			Code:     v.Title,
			Message:  v.Description,
			Source:   "regal",
			Category: v.Category,
		}
		if v.Level == "warning" {
			p.Severity = severityWarning
		}
		if len(v.RelatedResources) > 0 {
			p.URL = v.RelatedResources[0].Reference
		}
		if strings.HasPrefix(v.Title, "unused-") || v.Title == "unresolved-import" {
			p.Tags = []string{"unnecessary"}
		}
		if v.Title == "deprecated-builtin" {
			p.Tags = []string{"deprecated"}
		}
		if f := s.files[v.Location.File]; f != nil && v.Location.Row > 0 {
			start := f.offsetOf(v.Location.Row, v.Location.Column)
			end := f.tokenEnd(start)
			if v.Location.End != nil {
				if e := f.offsetOf(v.Location.End.Row, v.Location.End.Column); e > start {
					end = e
				}
			}
			if p.Code == "line-length" {
				start = min(f.offsetOf(v.Location.Row, l.maxLine()+1), end) // what is too much
			} else {
				start, end = f.narrow(j, p.Code, start, end)
			}
			p.Range = f.span(start, end)
		}
		if f := s.files[v.Location.File]; f != nil && f.Kind == kindModule && p.Range == (Range{}) {
			if start, end, ok := f.packageSpan(j); ok { // about the file
				p.Range = f.span(start, end)
			}
		}
		problems = append(problems, p)
	}
	return problems
}
