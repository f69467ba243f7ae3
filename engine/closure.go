package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// dependencies is what a module says about others.
type dependencies struct {
	pkg   []string
	rules map[string]bool // the first segments of its rules' names
	refs  [][]string      // fixed prefixes of the references to data, its imports among them
	// annotates says that the package has METADATA that hold for the packages below it.
	annotates bool
}

// dependencies of a module, or of the text that stands in for it; nil when there is none.
func (f *file) dependencies(j *job) *dependencies {
	if f.parse == nil {
		return f.tree.deps
	}
	f.tree.mu.Lock()
	d := f.tree.deps
	f.tree.mu.Unlock()
	if d != nil {
		return d
	}
	if g := f.standIn(j); g != nil {
		g.tree.mu.Lock()
		defer g.tree.mu.Unlock()
		return g.tree.deps
	}
	return nil
}

func dependenciesOf(module *ast.Module) *dependencies {
	d := &dependencies{pkg: segments(module.Package.Path), rules: map[string]bool{}}
	for _, rule := range module.Rules {
		if ref := rule.Head.Ref(); len(ref) > 0 {
			d.rules[strings.Trim(ref[0].Value.String(), `"`)] = true
		}
	}
	for _, a := range module.Annotations {
		d.annotates = d.annotates || a.Scope == "subpackages"
	}
	seen := map[string]bool{}
	refer := func(to []string) {
		if key := strings.Join(to, "\x00"); !seen[key] {
			seen[key] = true
			d.refs = append(d.refs, to)
		}
	}
	root := ast.DefaultRootDocument.Value
	var visitor *ast.GenericVisitor
	visitor = ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Package:
			return true
		case ast.Ref:
			if len(x) > 0 && x[0].Value.Compare(root) == 0 {
				refer(segments(x))
				for _, term := range x[1:] {
					visitor.Walk(term)
				}
				return true
			}
		case ast.Var:
			if x.Compare(root) == 0 {
				refer(nil) // all of it, as in `walk(data)`
			}
		}
		return false
	})
	visitor.Walk(module)
	return d
}

// segments are the fixed segments of a reference below data.
func segments(ref ast.Ref) []string {
	out := make([]string, 0, len(ref))
	for _, term := range ref[1:] {
		s, ok := term.Value.(ast.String)
		if !ok {
			break
		}
		out = append(out, string(s))
	}
	return out
}

// packageIndex finds modules by package.
type packageIndex struct {
	files    []*file // whose package it is
	children map[string]*packageIndex
}

func (s *snapshot) packages(j *job) (*packageIndex, error) {
	return s.index.get(j, func() (*packageIndex, error) {
		if s.indexBase != nil {
			root := s.indexBase
			for _, r := range s.replaced {
				if r.before != nil {
					root = root.with(r.before.packagePath(j), r.before, nil)
				}
				if r.after != nil {
					root = root.with(r.after.packagePath(j), nil, r.after)
				}
			}
			return root, j.err()
		}
		root := &packageIndex{}
		for _, f := range s.sorted(kindModule) {
			path := f.packagePath(j)
			if path == nil {
				continue
			}
			node := root
			for _, segment := range path {
				child := node.children[segment]
				if child == nil {
					child = &packageIndex{}
					if node.children == nil {
						node.children = map[string]*packageIndex{}
					}
					node.children[segment] = child
				}
				node = child
			}
			node.files = append(node.files, f)
		}
		return root, j.err()
	})
}

// with is the index with one file less or more in a package; the index itself stays as it is.
func (n *packageIndex) with(path []string, gone, come *file) *packageIndex {
	if path == nil {
		return n
	}
	out := &packageIndex{}
	if n != nil {
		*out = *n
	}
	if len(path) > 0 {
		out.children = maps.Clone(out.children)
		if out.children == nil {
			out.children = map[string]*packageIndex{}
		}
		rest := path[1:]
		if rest == nil {
			rest = []string{}
		}
		child := out.children[path[0]].with(rest, gone, come)
		if out.children[path[0]] = child; len(child.files) == 0 && len(child.children) == 0 {
			delete(out.children, path[0])
		}
		return out
	}
	files := make([]*file, 0, len(out.files)+1)
	for _, f := range out.files {
		if f != gone {
			files = append(files, f)
		}
	}
	if come != nil {
		files = append(files, come)
		slices.SortFunc(files, comparePaths)
	}
	out.files = files
	return out
}

// below calls f for every module of the package and the packages below it.
func (n *packageIndex) below(visit func(*file)) {
	for _, f := range n.files {
		visit(f)
	}
	for _, child := range n.children {
		child.below(visit)
	}
}

// closure is the given modules with all that compiling them needs: the modules of their packages, of
// the packages they refer to, and so on; and what may be in conflict with them by name. Modules that
// cannot be read are left out.
func (s *snapshot) closure(j *job, from []*file) ([]*file, error) {
	all, err := s.reach(j, from)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(f *file) bool { return f.module(j) == nil }), j.err()
}

// reach is closure with the modules that cannot be read.
func (s *snapshot) reach(j *job, from []*file) ([]*file, error) {
	root, err := s.packages(j)
	if err != nil {
		return nil, err
	}
	in := map[*file]bool{}
	var queue []*file
	add := func(f *file) {
		if !in[f] {
			in[f] = true
			queue = append(queue, f)
		}
	}
	for _, f := range from {
		add(f)
		root.neighbours(j, f, add)
	}
	for len(queue) > 0 {
		if err := j.checkpoint(); err != nil {
			return nil, err
		}
		f := queue[0]
		queue = queue[1:]
		root.uses(j, f, add)
	}
	out := make([]*file, 0, len(in))
	for f := range in {
		out = append(out, f)
	}
	slices.SortFunc(out, comparePaths)
	return out, j.err()
}

// uses visits the modules that compiling a module needs at once: those of its package, and those it refers to.
func (n *packageIndex) uses(j *job, f *file, visit func(*file)) {
	d := f.dependencies(j)
	if d == nil {
		return
	}
	n.referred(j, d.pkg, true, visit)
	for _, ref := range d.refs {
		n.referred(j, ref, false, visit)
	}
}

// referred visits the modules that a reference may mean: those of the packages on its way, and, where it
// names a package or what contains packages, of all below it. For a package itself, those on the way
// count only for the annotations that they hand down.
func (n *packageIndex) referred(j *job, ref []string, self bool, visit func(*file)) {
	node := n
	for _, segment := range ref {
		for _, f := range node.files {
			if !self {
				visit(f)
			} else if d := f.dependencies(j); d != nil && d.annotates {
				visit(f)
			}
		}
		if node = node.children[segment]; node == nil {
			return
		}
	}
	if self {
		for _, f := range node.files {
			visit(f)
		}
		return
	}
	node.below(visit)
}

// neighbours visits the modules whose packages or rules may be in conflict with a module's names: a
// rule a.b and a package a.b cannot both be.
func (n *packageIndex) neighbours(j *job, of *file, visit func(*file)) {
	d := of.dependencies(j)
	if d == nil {
		return
	}
	node := n
	for _, segment := range d.pkg {
		for _, f := range node.files {
			if other := f.dependencies(j); other != nil && other.rules[segment] {
				visit(f)
			}
		}
		if node = node.children[segment]; node == nil {
			return
		}
	}
	for segment, child := range node.children {
		if d.rules[segment] {
			child.below(visit)
		}
	}
}
