package main

import (
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

// dependencies reads a module's references, once.
func (f *file) dependencies() *dependencies {
	f.refs.Do(func() {
		d := &f.deps
		d.pkg = segments(f.module.Package.Path)
		d.rules = map[string]bool{}
		for _, rule := range f.module.Rules {
			if ref := rule.Head.Ref(); len(ref) > 0 {
				d.rules[strings.Trim(ref[0].Value.String(), `"`)] = true
			}
		}
		for _, a := range f.module.Annotations {
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
		visitor.Walk(f.module)
	})
	return &f.deps
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
		root := &packageIndex{}
		for _, f := range s.sorted(kindModule) {
			if f.module == nil {
				continue
			}
			node := root
			for _, segment := range f.dependencies().pkg {
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
		return root, nil
	})
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
// the packages they refer to, and so on; and what may be in conflict with them by name.
func (s *snapshot) closure(j *job, from []*file) ([]*file, error) {
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
		if f.module == nil {
			continue
		}
		add(f)
		root.neighbours(f.dependencies(), add)
	}
	for len(queue) > 0 {
		if err := j.checkpoint(); err != nil {
			return nil, err
		}
		d := queue[0].dependencies()
		queue = queue[1:]
		root.referred(d.pkg, true, add)
		for _, ref := range d.refs {
			root.referred(ref, false, add)
		}
	}
	out := make([]*file, 0, len(in))
	for f := range in {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *file) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// referred visits the modules that a reference may mean: those of the packages on its way, and, where it
// names a package or what contains packages, of all below it. For a package itself, those on the way
// count only for the annotations that they hand down.
func (n *packageIndex) referred(ref []string, self bool, visit func(*file)) {
	node := n
	for _, segment := range ref {
		for _, f := range node.files {
			if !self || f.dependencies().annotates {
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
func (n *packageIndex) neighbours(d *dependencies, visit func(*file)) {
	node := n
	for _, segment := range d.pkg {
		for _, f := range node.files {
			if f.dependencies().rules[segment] {
				visit(f)
			}
		}
		node = node.children[segment]
	}
	for segment, child := range node.children {
		if d.rules[segment] {
			child.below(visit)
		}
	}
}
