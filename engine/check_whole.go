package main

import (
	"maps"
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// checkState keeps what the last check of one module found, for as long as nothing that it needs changes.
type checkState struct {
	mu      sync.Mutex
	strict  bool
	others  *others
	closure []*file
	result  *checkResult
}

// checkOne checks a module with its closure.
func (s *snapshot) checkOne(j *job, f *file, strict bool) (*checkResult, error) {
	closure, err := s.reach(j, []*file{f})
	if err != nil {
		return nil, err
	}
	c := &f.checked
	c.mu.Lock()
	if c.result != nil && c.strict == strict && c.others == s.others && slices.Equal(c.closure, closure) {
		defer c.mu.Unlock()
		return c.result, nil
	}
	c.mu.Unlock()
	byPath, err := s.compileTogether(j, closure, strict)
	if err != nil {
		return nil, err
	}
	result := &checkResult{Problems: []Problem{}}
	for _, g := range closure {
		result.Problems = append(result.Problems, g.problemsIn(j)...)
	}
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		result.Problems = append(result.Problems, byPath[path]...)
		result.Incomplete = result.Incomplete || path != f.Path
	}
	if err := j.err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.strict, c.others, c.closure, c.result = strict, s.others, closure, result
	c.mu.Unlock()
	return result, nil
}

// compileTogether compiles modules and answers the compiler's errors by path.
func (s *snapshot) compileTogether(j *job, files []*file, strict bool) (map[string][]Problem, error) {
	modules := make(map[string]*ast.Module, len(files))
	standIns := map[string]bool{}
	for _, f := range files {
		if f.Kind != kindModule {
			continue
		}
		if g := f.standIn(j); g != nil {
			modules[f.Path] = g.module(j)
			standIns[f.Path] = g != f
		}
		if modules[f.Path] == nil {
			delete(modules, f.Path)
		}
	}
	data, err := s.data(j)
	if err != nil {
		return nil, err
	}
	schemas, err := s.schemaSet(j)
	if err != nil {
		return nil, err
	}
	capabilities, err := s.capabilitiesNow(j)
	if err != nil {
		return nil, err
	}
	compiler := s.compiler(data.value, capabilities).WithSchemas(schemas).WithUseTypeCheckAnnotations(true).WithStrict(strict)
	if err := compileModules(j, compiler, modules); err != nil {
		return nil, err
	}
	byPath := map[string][]Problem{}
	if compiler.Failed() {
		for _, p := range relate(problemsOfError(compiler.Errors, s.find, ""), modules, s.find) {
			if !standIns[p.Path] { // its places are those of another text
				byPath[p.Path] = append(byPath[p.Path], p)
			}
		}
	}
	return byPath, nil
}

// lastChecks are the latest checks of a whole workspace, by strictness.
type lastChecks struct {
	mu     sync.Mutex
	checks map[bool]*wholeCheck
}

// wholeCheck is what a check of all modules found.
type wholeCheck struct {
	files  map[string]*file
	others *others
	index  *packageIndex
	byPath map[string][]Problem
	// left are modules that it did not come to: it was stopped.
	left map[*file]bool
}

// batchSize is how much text is compiled at once when all modules are checked, in bytes: the compiler takes some
// hundred times as much memory.
const batchSize = 2 << 20

// checkWhole checks all modules: those that have not been checked yet, and those whose closure has changed since.
func (s *snapshot) checkWhole(j *job, strict bool) (*checkResult, error) {
	s.last.mu.Lock()
	last := s.last.checks[strict]
	s.last.mu.Unlock()
	index, err := s.packages(j)
	if err != nil {
		return nil, err
	}
	now := &wholeCheck{files: s.files, others: s.others, index: index, byPath: map[string][]Problem{}}
	todo := map[*file]bool{}
	if last != nil && last.others == s.others {
		now.byPath = maps.Clone(last.byPath)
		if todo, err = s.outdated(j, last, index); err != nil {
			return nil, err
		}
	} else {
		for _, f := range s.files {
			if f.Kind == kindModule {
				todo[f] = true
			}
		}
	}
	maps.DeleteFunc(todo, func(f *file, _ bool) bool { return f.given })
	for f := range todo {
		delete(now.byPath, f.Path)
	}
	for path := range now.byPath {
		if s.files[path] == nil {
			delete(now.byPath, path)
		}
	}
	now.left = todo
	stopped := s.checkEach(j, now, strict)
	s.last.mu.Lock()
	if s.last.checks == nil {
		s.last.checks = map[bool]*wholeCheck{}
	}
	s.last.checks[strict] = now
	s.last.mu.Unlock()
	if stopped != nil {
		return nil, stopped
	}
	result := &checkResult{Problems: []Problem{}}
	for _, path := range slices.Sorted(maps.Keys(now.byPath)) {
		result.Problems = append(result.Problems, now.byPath[path]...)
	}
	return result, nil
}

// outdated are the modules of which an earlier check says nothing any more: what changed, and what needs it or
// needed it.
func (s *snapshot) outdated(j *job, last *wholeCheck, index *packageIndex) (map[*file]bool, error) {
	var before, after []*file
	for path, f := range s.files {
		if f.Kind == kindModule && last.files[path] != f {
			after = append(after, f)
		}
	}
	for path, f := range last.files {
		if f.Kind == kindModule && s.files[path] != f {
			before = append(before, f)
		}
	}
	out := map[*file]bool{}
	for f := range last.left {
		if s.files[f.Path] == f {
			out[f] = true
		}
	}
	if len(before) == 0 && len(after) == 0 {
		return out, nil
	}
	old, err := dependents(j, last.index, last.files, before)
	if err != nil {
		return nil, err
	}
	for f := range old {
		if g := s.files[f.Path]; g != nil && g.Kind == kindModule {
			out[g] = true
		}
	}
	found, err := dependents(j, index, s.files, after)
	if err != nil {
		return nil, err
	}
	maps.Copy(out, found)
	return out, nil
}

// dependents are modules with those whose closure holds one of them.
func dependents(j *job, index *packageIndex, files map[string]*file, of []*file) (map[*file]bool, error) {
	modules := make([]*file, 0, len(files))
	for _, f := range files {
		if f.Kind == kindModule {
			modules = append(modules, f)
		}
	}
	users := map[*file][]*file{}
	for _, f := range modules {
		if err := j.checkpoint(); err != nil {
			return nil, err
		}
		index.uses(j, f, func(g *file) { users[g] = append(users[g], f) })
	}
	found := usersOf(users, of)
	var more []*file
	for _, f := range modules {
		index.neighbours(j, f, func(g *file) {
			if found[g] {
				more = append(more, f)
			}
		})
	}
	for _, f := range more {
		found[f] = true
	}
	return found, j.err()
}

// usersOf are files with all that use them, directly or not.
func usersOf(users map[*file][]*file, of []*file) map[*file]bool {
	found := map[*file]bool{}
	queue := slices.Clone(of)
	for len(queue) > 0 {
		f := queue[0]
		queue = queue[1:]
		if found[f] {
			continue
		}
		found[f] = true
		queue = append(queue, users[f]...)
	}
	return found
}

// checkEach checks the modules that are left, many at a time.
func (s *snapshot) checkEach(j *job, now *wholeCheck, strict bool) error {
	waiting := slices.SortedFunc(maps.Keys(now.left), comparePaths)
	for len(waiting) > 0 {
		batch := map[*file]bool{}
		targets := map[*file]bool{}
		own, all := 0, 0
		for (all < batchSize || own < all/3) && len(waiting) > 0 {
			f := waiting[0]
			waiting = waiting[1:]
			closure, err := s.reach(j, []*file{f})
			if err != nil {
				return err
			}
			targets[f] = true
			own += len(f.Text)
			for _, g := range closure {
				if !batch[g] {
					batch[g] = true
					all += len(g.Text)
				}
			}
		}
		found := map[string][]Problem{}
		done := slices.Collect(maps.Keys(targets))
		if err := s.checkBatch(j, now.index, batch, targets, strict, found); err != nil {
			return err
		}
		maps.Copy(now.byPath, found)
		for _, f := range done {
			delete(now.left, f)
		}
	}
	return nil
}

// checkBatch compiles the closures of some modules together. An error ends a compilation before its later stages,
// so the others are compiled again without the modules that have errors and those that need them.
func (s *snapshot) checkBatch(j *job, index *packageIndex, batch, targets map[*file]bool, strict bool, byPath map[string][]Problem) error {
	for f := range targets {
		if own := f.problemsIn(j); len(own) > 0 {
			byPath[f.Path] = append(byPath[f.Path], own...)
		}
	}
	for len(targets) > 0 {
		found, err := s.compileTogether(j, slices.SortedFunc(maps.Keys(batch), comparePaths), strict)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return j.err()
		}
		var failed []*file
		users := map[*file][]*file{}
		for f := range batch {
			if len(found[f.Path]) > 0 {
				failed = append(failed, f)
			}
			index.uses(j, f, func(g *file) { users[g] = append(users[g], f) })
		}
		blocked := usersOf(users, failed)
		for f := range targets {
			index.neighbours(j, f, func(g *file) {
				if blocked[g] {
					blocked[f] = true
				}
			})
			if blocked[f] {
				byPath[f.Path] = append(byPath[f.Path], found[f.Path]...)
				if len(byPath[f.Path]) == 0 {
					delete(byPath, f.Path)
				}
				delete(targets, f)
			}
		}
		if len(failed) == 0 { // errors without a place
			return j.err()
		}
		for f := range blocked {
			delete(batch, f)
		}
	}
	return j.err()
}
