package main

import (
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/regal/bundle"
)

// Custom rules of the linter import Regal's own modules and call its built-ins. They are checked as modules of a
// workspace that has both, each with those of Regal's modules that it needs.

// ruleSets keeps the last of these workspaces; those that differ in their policies mostly have the same rules.
type ruleSets struct {
	mu   sync.Mutex
	last []*snapshot // the one used last in front
}

// maxRuleSets is how many are kept.
const maxRuleSets = 4

// lastRules are the rules of a workspace as they were checked last, of which the next ones keep what did not change.
type lastRules struct {
	mu  sync.Mutex
	set *snapshot
}

// regalModules are Regal's own modules.
var regalModules = sync.OnceValue(func() []*file {
	var files []*file
	for _, m := range bundle.Embedded().Modules {
		d := dependenciesOf(m.Parsed)
		files = append(files, &file{
			workspaceFile: workspaceFile{Path: "regal:" + m.Path, Kind: kindModule},
			pkg:           d.pkg,
			given:         true,
			tree:          tree{module: m.Parsed, deps: d},
		})
	}
	return files
})

// ruleCapabilities are those of lint rules, without the network.
var ruleCapabilities = sync.OnceValue(func() *ast.Capabilities {
	caps := *lintCapabilities()
	caps.AllowNet = []string{}
	return &caps
})

// ruleSet is the workspace of some lint rules; nil when there is none.
func (e *engine) ruleSet(j *job, s *snapshot) (*snapshot, error) {
	own, err := s.ownLintRules(j)
	if err != nil || len(own) == 0 {
		return nil, err
	}
	s.rules.mu.Lock()
	defer s.rules.mu.Unlock()
	set := e.ruleSets.find(own)
	if set == nil {
		set = newRuleSet(own, s.rules.set)
	}
	s.rules.set = set
	e.ruleSets.keep(set)
	return set, j.err()
}

// find is a set that is kept of the same rules.
func (r *ruleSets) find(own []*file) *snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, set := range r.last {
		same := len(set.files) == len(own)+len(regalModules())
		for _, f := range own {
			g := set.files[f.Path]
			same = same && g != nil && g.Text == f.Text
		}
		if same {
			return set
		}
	}
	return nil
}

func (r *ruleSets) keep(set *snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	others := slices.DeleteFunc(r.last, func(s *snapshot) bool { return s == set })
	r.last = append([]*snapshot{set}, others[:min(len(others), maxRuleSets-1)]...)
}

// newRuleSet keeps of the set before what did not change.
func newRuleSet(own []*file, old *snapshot) *snapshot {
	set := &snapshot{
		files: map[string]*file{}, regoVersion: ast.RegoV1, capabilities: ruleCapabilities(),
		trees: &trees{}, others: &others{}, last: &lastChecks{}, lintRules: &memo[[]*file]{},
	}
	if old != nil {
		set.trees, set.last = old.trees, old.last
	}
	for _, f := range regalModules() {
		set.files[f.Path] = f
	}
	var touched []string
	for _, f := range own {
		touched = append(touched, f.Path)
		if old != nil && old.files[f.Path] != nil && old.files[f.Path].Text == f.Text {
			set.files[f.Path] = old.files[f.Path]
			continue
		}
		g := &file{workspaceFile: f.workspaceFile, source: f.source, parse: f.parse, trees: set.trees}
		g.Kind = kindModule
		g.pkg, _ = scanPackage(g.Text)
		set.files[f.Path] = g
	}
	if old != nil {
		for path, f := range old.files {
			if set.files[path] == nil && !f.given {
				touched = append(touched, path)
			}
		}
		set.inherit(old, touched)
	}
	return set
}

// checkRule checks one rule.
func (e *engine) checkRule(j *job, s *snapshot, f *file) (*checkResult, error) {
	set, err := e.ruleSet(j, s)
	if err != nil {
		return nil, err
	}
	found, err := set.checkOne(j, set.files[f.Path], false)
	if err != nil {
		return nil, err
	}
	return &checkResult{ofRules(set.told(found.Problems)), found.Incomplete}, nil
}

// checkRules checks all of a workspace's rules.
func (e *engine) checkRules(j *job, s *snapshot) ([]Problem, error) {
	set, err := e.ruleSet(j, s)
	if set == nil || err != nil {
		return nil, err
	}
	found, err := set.checkWhole(j, false)
	if err != nil {
		return nil, err
	}
	return ofRules(set.told(found.Problems)), nil
}

// told are the problems in the rules, without those that they make in Regal's modules.
func (s *snapshot) told(problems []Problem) []Problem {
	return slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool {
		f := s.files[p.Path]
		return f == nil || f.given
	})
}

// ofRules are problems in the words that are true of rules.
func ofRules(problems []Problem) []Problem {
	out := make([]Problem, 0, len(problems))
	for _, p := range problems {
		if strings.HasSuffix(p.Message, unknownFunction) {
			p.Message = strings.TrimSuffix(p.Message, unknownFunction) + unknownInRules
		}
		out = append(out, p)
	}
	return out
}

const unknownInRules = "\nThere is neither a rule nor a built-in of this name. Rules of the linter have the built-ins of OPA and of Regal, not those that its configuration declares."
