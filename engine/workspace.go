package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
	"github.com/open-policy-agent/regal/pkg/config"
)

// The kinds of a workspace's files.
const (
	kindModule       = "module"
	kindData         = "data"
	kindSchema       = "schema"
	kindLintConfig   = "lint-config"
	kindLintRule     = "lint-rule"
	kindCapabilities = "capabilities"
)

type workspaceFile struct {
	Path        string   `json:"path"`
	Kind        string   `json:"kind"`
	Text        string   `json:"text"`
	At          []string `json:"at"`
	RegoVersion string   `json:"regoVersion"`
}

type openParams struct {
	Workspace    string           `json:"workspace"`
	Files        []workspaceFile  `json:"files"`
	RegoVersion  string           `json:"regoVersion"`
	Capabilities *json.RawMessage `json:"capabilities"`
	Network      bool             `json:"network"`
	Editing      bool             `json:"editing"`
}

type updateParams struct {
	Workspace string          `json:"workspace"`
	Changed   []workspaceFile `json:"changed"`
	Removed   []string        `json:"removed"`
}

type closeParams struct {
	Workspace string `json:"workspace"`
}

type workspaceResult struct {
	Problems []Problem `json:"problems"`
}

// snapshot is a workspace at one moment. Its files never change; what is derived from them is made
// when it is first asked for, and kept.
type snapshot struct {
	files        map[string]*file
	regoVersion  ast.RegoVersion
	capabilities *ast.Capabilities
	// trees is nil where all modules are read at once and kept.
	trees *trees
	// others is what depends on neither modules nor lint rules. Snapshots between which only those changed share it.
	others *others
	// last is the latest check of the whole workspace; snapshots of one workspace share it.
	last *lastChecks
	// rules is the latest state in which its lint rules were checked, shared in the same way.
	rules *lastRules
	// lintRules are its lint rules, by path. Snapshots between which none of them changed share the list.
	lintRules *memo[[]*file]

	index     memo[*packageIndex]
	indexBase *packageIndex // of an earlier snapshot
	replaced  []replaced    // since then
	compiled  memo[*compiled]
	tests     memos[string, *testRunner] // by the paths
}

// others is made of the files of a workspace that are neither modules nor lint rules.
type others struct {
	files        memo[[]*file] // by path
	merged       memo[*mergedData]
	schemas      memo[*ast.SchemaSet]
	capabilities memo[*ast.Capabilities]
}

// replaced is a module before and after a change; either may be nil.
type replaced struct{ before, after *file }

// file is one file, read once. A file that is sent again with the same text stays the same file.
type file struct {
	workspaceFile
	*source
	value        any // of data and schema files
	config       *config.Config
	declared     *declared // of a lint configuration
	capabilities *ast.Capabilities
	given        bool // one of Regal's own modules, which nobody checks

	// parse reads a module; false when the job was stopped. nil for other files.
	parse func(j *job) (*ast.Module, []Problem, bool)
	pkg   []string // of a module, where a glance shows it
	trees *trees
	tree  tree

	checked checkState
	lint    lintState
}

// snapshot is the named workspace as it stands after the changes that came before the job.
func (j *job) snapshot(name string) (*snapshot, error) {
	if s := j.before.workspaces[name]; s != nil {
		return s, nil
	}
	return nil, errorf(codeUnknownWorkspace, "no workspace %q is open", name)
}

// change sets a workspace, or takes it away, unless the job has been stopped.
func (j *job) change(name string, s *snapshot) error {
	workspaces := maps.Clone(j.before.workspaces)
	if workspaces == nil {
		workspaces = map[string]*snapshot{}
	}
	if s == nil {
		delete(workspaces, name)
	} else {
		workspaces[name] = s
	}
	if !j.commit() {
		return j.reason
	}
	j.after.workspaces = workspaces
	return nil
}

func (e *engine) open(j *job, p *openParams) (*workspaceResult, error) {
	if p.Workspace == "" {
		return nil, errorf(codeInvalidParams, "parameters: workspace is missing")
	}
	version, err := regoVersion(p.RegoVersion)
	if err != nil {
		return nil, err
	}
	caps, err := workspaceCapabilities(p.Capabilities, p.Network)
	if err != nil {
		return nil, err
	}
	s := &snapshot{files: map[string]*file{}, regoVersion: version, capabilities: caps, others: &others{},
		last: &lastChecks{}, rules: &lastRules{}, lintRules: &memo[[]*file]{}}
	if p.Editing {
		s.trees = &trees{}
	}
	sent, err := s.read(j, p.Files, nil)
	if err != nil {
		return nil, err
	}
	return &workspaceResult{s.problemsOf(j, sent)}, j.change(p.Workspace, s)
}

func (e *engine) update(j *job, p *updateParams) (*workspaceResult, error) {
	old, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	s := &snapshot{
		files: maps.Clone(old.files), regoVersion: old.regoVersion, capabilities: old.capabilities,
		trees: old.trees, last: old.last, rules: old.rules,
	}
	for _, name := range p.Removed {
		delete(s.files, name)
	}
	sent, err := s.read(j, p.Changed, old.files)
	if err != nil {
		return nil, err
	}
	touched := slices.Clone(p.Removed)
	for _, f := range sent {
		touched = append(touched, f.Path)
	}
	if !s.inherit(old, touched) {
		s = old // and what was derived from it
	}
	return &workspaceResult{s.problemsOf(j, sent)}, j.change(p.Workspace, s)
}

// inherit takes over what was derived from an earlier snapshot and still holds; false when nothing changed.
func (s *snapshot) inherit(old *snapshot, touched []string) bool {
	changed := false
	s.others, s.lintRules = old.others, old.lintRules
	s.indexBase, s.replaced = old.indexBase, slices.Clip(old.replaced)
	if index, ok := old.index.peek(); ok {
		s.indexBase, s.replaced = index, nil
	}
	slices.Sort(touched)
	for _, path := range slices.Compact(touched) {
		before, after := old.files[path], s.files[path]
		if before == after {
			continue
		}
		changed = true
		r := replaced{}
		for _, f := range []*file{before, after} {
			switch {
			case f == nil:
			case f.Kind == kindLintRule:
				s.lintRules = &memo[[]*file]{}
			case f.Kind != kindModule:
				s.others = &others{}
			case f == before:
				r.before = f
			default:
				r.after = f
			}
		}
		if r.before != nil && r.after != nil && s.trees != nil {
			r.after.follow(r.before)
		}
		s.replaced = append(s.replaced, r)
	}
	return changed
}

func (e *engine) closeWorkspace(j *job, p *closeParams) (any, error) {
	if _, err := j.snapshot(p.Workspace); err != nil {
		return nil, err
	}
	return nil, j.change(p.Workspace, nil)
}

// read reads files into the snapshot, on all processors. Files that were there before with the same content are kept.
func (s *snapshot) read(j *job, sent []workspaceFile, before map[string]*file) ([]*file, error) {
	files := make([]*file, len(sent))
	seen := make(map[string]bool, len(sent))
	for _, f := range sent {
		switch f.Kind {
		case kindModule, kindData, kindSchema, kindLintConfig, kindLintRule, kindCapabilities:
		default:
			return nil, errorf(codeInvalidParams, "parameters: file %q: unknown kind %q", f.Path, f.Kind)
		}
		if _, err := regoVersion(f.RegoVersion); err != nil {
			return nil, err
		}
		if f.Path == "" || seen[f.Path] {
			return nil, errorf(codeInvalidParams, "parameters: file path %q is empty or given twice", f.Path)
		}
		seen[f.Path] = true
	}
	err := each(j, len(sent), func(i int) {
		f := sent[i]
		if old := before[f.Path]; old != nil && old.Kind == f.Kind && old.Text == f.Text && old.RegoVersion == f.RegoVersion && slices.Equal(old.At, f.At) {
			files[i] = old
			return
		}
		files[i] = s.readFile(j, f)
	})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		s.files[f.Path] = f
	}
	return files, nil
}

// readFile parses one file by its kind. What is wrong with it is in its problems.
func (s *snapshot) readFile(j *job, sent workspaceFile) *file {
	f := &file{workspaceFile: sent, source: newSource(sent.Text)}
	problems := &f.tree.problems
	switch f.Kind {
	case kindModule:
		version, caps := s.regoVersion, s.capabilities // not the snapshot, which has all other files
		if f.RegoVersion != "" {
			version, _ = regoVersion(f.RegoVersion)
		}
		f.parse = func(j *job) (*ast.Module, []Problem, bool) {
			return parseInTime(j, f.Path, f.source, version, caps)
		}
		f.pkg, _ = scanPackage(f.Text)
		if f.trees = s.trees; f.trees == nil {
			f.reading(j)
		}
	case kindLintRule:
		f.parse = func(j *job) (*ast.Module, []Problem, bool) {
			return parseInTime(j, f.Path, f.source, ast.RegoV1, lintCapabilities())
		}
		f.reading(j)
	case kindData, kindSchema:
		f.value, *problems = readDocument(f.Path, f.source)
		if _, object := f.value.(map[string]any); f.Kind == kindData && *problems == nil && !object && len(f.At) == 0 {
			*problems = []Problem{dataProblem(f.Path, f.span(0, f.tokenEnd(0)), "the document is not an object; only an object can be the root of data")}
			f.value = nil
		}
	case kindLintConfig:
		f.config, f.declared, *problems = readLintConfig(f.Path, f.source)
	case kindCapabilities:
		err := unpanicked(func() (err error) {
			f.capabilities, err = ast.LoadCapabilitiesJSON(strings.NewReader(f.Text))
			return err
		})
		if err != nil {
			f.capabilities = nil
			*problems = []Problem{dataProblem(f.Path, Range{}, "this is no list of capabilities as OPA writes it: "+err.Error())}
		}
	}
	return f
}

// sorted are the files of some kinds, by path.
func (s *snapshot) sorted(kinds ...string) []*file {
	var out []*file
	for _, f := range s.files {
		if slices.Contains(kinds, f.Kind) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, comparePaths)
	return out
}

func comparePaths(a, b *file) int { return strings.Compare(a.Path, b.Path) }

// ownLintRules are the workspace's rules of the linter, by path.
func (s *snapshot) ownLintRules(j *job) ([]*file, error) {
	return s.lintRules.get(j, func() ([]*file, error) { return s.sorted(kindLintRule), nil })
}

// beside are the files of some kinds that are neither modules nor lint rules, by path.
func (s *snapshot) beside(j *job, kinds ...string) ([]*file, error) {
	all, err := s.others.files.get(j, func() ([]*file, error) {
		return s.sorted(kindData, kindSchema, kindLintConfig, kindCapabilities), nil
	})
	if err != nil {
		return nil, err
	}
	var out []*file
	for _, f := range all {
		if slices.Contains(kinds, f.Kind) {
			out = append(out, f)
		}
	}
	return out, nil
}

// problemsOf are the problems of files by themselves, and of the data that they make up together.
func (s *snapshot) problemsOf(j *job, files []*file) []Problem {
	problems := []Problem{}
	data := false
	for _, f := range files {
		if f.trees == nil {
			problems = append(problems, f.problemsIn(j)...)
		}
		data = data || f.Kind == kindData
	}
	if data {
		if merged, err := s.data(j); err == nil {
			problems = append(problems, merged.problems...)
		}
	}
	return problems
}

// mergedData is what the data files make up together.
type mergedData struct {
	value    map[string]any
	problems []Problem
}

func (s *snapshot) data(j *job) (*mergedData, error) {
	return s.others.merged.get(j, func() (*mergedData, error) {
		m := &mergedData{value: map[string]any{}}
		files, err := s.beside(j, kindData)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if f.value == nil {
				continue
			}
			value := f.value
			for _, segment := range slices.Backward(f.At) {
				value = map[string]any{segment: value}
			}
			object, ok := value.(map[string]any)
			if !ok {
				continue
			}
			if at := mergeInto(m.value, object, nil); at != nil {
				m.problems = append(m.problems, dataProblem(f.Path, f.findKey(at[len(at)-1]),
					fmt.Sprintf("data.%s is defined by another data file as well; only objects are merged", strings.Join(at, "."))))
			}
		}
		return m, nil
	})
}

// mergeInto adds an object to another one and answers the path of the first conflict. The source
// keeps its objects: those that are shared are copied before they are changed.
func mergeInto(dst, src map[string]any, at []string) (conflict []string) {
	for _, key := range util.KeysSorted(src) {
		have, taken := dst[key]
		if !taken {
			dst[key] = copyObjects(src[key])
			continue
		}
		path := append(at[:len(at):len(at)], key)
		a, ok1 := have.(map[string]any)
		b, ok2 := src[key].(map[string]any)
		var c []string
		if !ok1 || !ok2 {
			c = path
		} else {
			c = mergeInto(a, b, path)
		}
		if conflict == nil {
			conflict = c
		}
	}
	return conflict
}

func copyObjects(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(object))
	for k, v := range object {
		out[k] = copyObjects(v)
	}
	return out
}

// findKey is a guess at where a key stands in a document.
func (s *source) findKey(key string) Range {
	pattern := regexp.MustCompile(`(?m)(?:^|[\s{,"'])(` + regexp.QuoteMeta(key) + `)["']?\s*:`)
	if at := pattern.FindStringSubmatchIndex(s.text); at != nil {
		return s.span(at[2], at[3])
	}
	return Range{}
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// readDocument reads JSON or YAML as OPA does.
func readDocument(name string, src *source) (any, []Problem) {
	if strings.TrimSpace(src.text) == "" {
		return nil, []Problem{dataProblem(name, Range{}, "the document is empty")}
	}
	if err := checkNesting(src.text, false); err != nil {
		return nil, []Problem{dataProblem(name, Range{}, err.Error())}
	}
	var value any
	text := []byte(src.text)
	var err error
	if strings.EqualFold(path.Ext(name), ".json") {
		err = util.UnmarshalJSON(text, &value)
	} else {
		err = util.Unmarshal(text, &value)
	}
	if err == nil {
		return value, nil
	}
	where := Range{}
	var syntax *json.SyntaxError
	if asError(err, &syntax) {
		at := max(int(syntax.Offset)-1, 0)
		where = src.span(at, src.tokenEnd(at))
	} else if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		at := src.offsetOf(line, 1)
		for at < len(src.text) && (src.text[at] == ' ' || src.text[at] == '\t') {
			at++
		}
		where = src.span(at, src.tokenEnd(at))
	}
	return nil, []Problem{dataProblem(name, where, err.Error())}
}

func regoVersion(name string) (ast.RegoVersion, error) {
	switch name {
	case "", "v1":
		return ast.RegoV1, nil
	case "v0":
		return ast.RegoV0, nil
	case "v0v1":
		return ast.RegoV0CompatV1, nil
	}
	return 0, errorf(codeInvalidParams, "parameters: unknown regoVersion %q; v0, v1 and v0v1 are known", name)
}
