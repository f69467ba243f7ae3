package main

import (
	"container/list"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// tree is what reading a module gave.
type tree struct {
	mu       sync.Mutex
	read     bool
	broken   bool
	module   *ast.Module // nil while it is forgotten, too
	problems []Problem
	deps     *dependencies // kept when the module is forgotten
	// earlier is the last text of the file that could be read, for as long as this one cannot.
	earlier *file
}

// trees are the syntax trees of a workspace's modules. Those that were used last are kept; a tree takes some
// thirty times the memory of its text, so that a large workspace cannot have all of them.
type trees struct {
	mu    sync.Mutex
	asked recent
	// passing are those of a request that goes over more than can be kept: none of them is there any more when the next
	// such request comes to it, so that they are not to take the place of what a module that is typed in needs.
	passing recent
}

// passingKept is how much text may have trees that a request in passing read, in bytes: a step of such a request needs
// its own more than once.
const passingKept = treesKept / 6

// recent are files in the order of their last use.
type recent struct {
	order list.List // of *file, the one used last in front
	at    map[*file]*list.Element
	size  int
}

// use puts a file in front, and answers those that there is no room for any more.
func (r *recent) use(f *file, limit int) []*file {
	if e := r.at[f]; e != nil {
		r.order.MoveToFront(e)
		return nil
	}
	if r.at == nil {
		r.at = map[*file]*list.Element{}
	}
	r.at[f] = r.order.PushFront(f)
	r.size += len(f.Text)
	var old []*file
	for r.size > limit && r.order.Len() > 1 {
		last := r.order.Back().Value.(*file)
		r.drop(last)
		old = append(old, last)
	}
	return old
}

// drop says whether the file was there.
func (r *recent) drop(f *file) bool {
	e := r.at[f]
	if e == nil {
		return false
	}
	r.order.Remove(e)
	delete(r.at, f)
	r.size -= len(f.Text)
	return true
}

// used notes that a file's tree has been asked for, and forgets those that nobody asked for in a long time.
func (t *trees) used(f *file, inPassing bool) {
	t.mu.Lock()
	var old []*file
	if inPassing && t.asked.at[f] == nil {
		old = t.passing.use(f, passingKept)
	} else {
		t.passing.drop(f)
		old = t.asked.use(f, treesKept)
	}
	t.mu.Unlock()
	for _, f := range old {
		f.forget()
	}
}

// leave forgets the tree of a text that there is a later one of.
func (t *trees) leave(f *file) {
	t.mu.Lock()
	kept := t.asked.drop(f) || t.passing.drop(f)
	t.mu.Unlock()
	if kept {
		f.forget()
	}
}

func (f *file) forget() {
	f.tree.mu.Lock()
	f.tree.module = nil
	f.tree.mu.Unlock()
}

// inPassing notes that a request goes over many modules, where that is more than can be kept.
func (j *job) inPassing(s *snapshot) {
	size := 0
	for _, f := range s.files {
		if f.trees != nil {
			size += len(f.Text)
		}
	}
	j.passing = size > treesKept
}

// module is the file's syntax tree; nil when its text cannot be read, or when the job is stopped before.
func (f *file) module(j *job) *ast.Module {
	m, _ := f.reading(j)
	return m
}

// problemsIn are what is wrong with the file by itself.
func (f *file) problemsIn(j *job) []Problem {
	_, problems := f.reading(j)
	return problems
}

func (f *file) reading(j *job) (*ast.Module, []Problem) {
	t := &f.tree
	if f.parse == nil { // no module, or one that was never a text
		return t.module, t.problems
	}
	var left *file
	t.mu.Lock()
	if (!t.read || t.module == nil && !t.broken) && !j.stopped.Load() {
		module, problems, done := f.parse(j)
		if !done {
			t.mu.Unlock()
			return nil, nil
		}
		t.read, t.module, t.problems, t.broken = true, module, problems, module == nil
		if module != nil {
			left, t.earlier = t.earlier, nil
			if t.deps == nil {
				t.deps = dependenciesOf(module)
			}
		}
	}
	module, problems := t.module, t.problems
	t.mu.Unlock()
	if module != nil && f.trees != nil {
		f.trees.used(f, j.passing)
		if left != nil {
			f.trees.leave(left)
		}
	}
	return module, problems
}

// isBroken says whether the file is known to be unreadable.
func (f *file) isBroken() bool {
	f.tree.mu.Lock()
	defer f.tree.mu.Unlock()
	return f.tree.broken
}

// standIn is the file, or an earlier text of it in place of one that cannot be read: while somebody is typing in
// a module, those that refer to it are not to lose all that it defines. nil when there is nothing to read.
func (f *file) standIn(j *job) *file {
	if f.module(j) != nil {
		return f
	}
	f.tree.mu.Lock()
	earlier := f.tree.earlier
	f.tree.mu.Unlock()
	if earlier != nil && earlier.module(j) != nil {
		return earlier
	}
	return nil
}

// follow makes a file the next text of another one.
func (f *file) follow(old *file) {
	old.tree.mu.Lock()
	defer old.tree.mu.Unlock()
	switch {
	case old.tree.read && !old.tree.broken, old.tree.earlier == nil && !old.tree.broken:
		f.tree.earlier = old
		old.tree.earlier = nil // one is enough
	default:
		f.tree.earlier = old.tree.earlier
	}
}

// scanPackage reads the path of a module's package without the rest of it; false where that takes a parser.
func scanPackage(text string) ([]string, bool) {
	text = strings.TrimPrefix(text, "\ufeff")
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		if !strings.HasPrefix(text, "#") {
			break
		}
		end := strings.IndexByte(text, '\n')
		if end < 0 {
			return nil, false
		}
		text = text[end:]
	}
	rest, found := strings.CutPrefix(text, "package")
	if !found || rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return nil, false
	}
	line, _, _ := strings.Cut(rest, "\n")
	line, _, _ = strings.Cut(line, "#")
	line = strings.TrimSpace(line)
	segments := strings.Split(line, ".")
	for _, s := range segments {
		if !isName(s) {
			return nil, false // brackets, or nothing yet
		}
	}
	return segments, true
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return s != ""
}

// packagePath is the path of a module's package below data; nil where none can be made out.
func (f *file) packagePath(j *job) []string {
	if f.pkg == nil && f.parse != nil {
		if d := f.dependencies(j); d != nil {
			return d.pkg
		}
	}
	return f.pkg
}
