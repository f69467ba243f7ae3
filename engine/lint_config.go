package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/types"
	"github.com/open-policy-agent/regal/pkg/config"
	"gopkg.in/yaml.v3"
)

func configProblem(path string, where Range, message string) Problem {
	return Problem{Path: path, Range: where, Severity: severityError, Code: "lint_config_error", Message: message, Source: "countersign"}
}

// declared is what a lint configuration says about the built-ins that there are:
// https://www.openpolicyagent.org/projects/regal/configuration/capabilities
type declared struct {
	from  *ast.Capabilities // of the engine and version that it names; nil when it names none
	file  string            // the file that lists them
	where Range             // where that is said
	plus  []*ast.Builtin
	minus []string
}

// readLintConfig reads Regal's configuration. What it says about capabilities is read here: Regal would open files
// and addresses, and the engine does neither.
func readLintConfig(path string, src *source) (*config.Config, *declared, []Problem) {
	var root yaml.Node
	err := yaml.Unmarshal([]byte(src.text), &root)
	if err == nil && len(root.Content) == 0 {
		return &config.Config{}, nil, nil // empty
	}
	if err == nil {
		d, problems := readDeclared(path, src, child(root.Content[0], "capabilities"))
		c := &config.Config{}
		if err = root.Decode(c); err == nil {
			if d != nil {
				d.resolve(c)
			}
			return c, d, problems
		}
	}
	where := Range{}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		at := src.offsetOf(line, 1)
		where = src.span(at, src.tokenEnd(at))
	}
	return nil, nil, []Problem{configProblem(path, where, err.Error())}
}

// readDeclared reads the section, and takes out of it what Regal is not to read.
func readDeclared(path string, src *source, section *yaml.Node) (*declared, []Problem) {
	if section == nil {
		return nil, nil
	}
	d := &declared{}
	var problems []Problem
	at := func(node *yaml.Node) Range {
		start := src.offsetOf(node.Line, node.Column)
		return src.span(start, src.tokenEnd(start))
	}
	from := child(section, "from")
	if file := child(from, "file"); file != nil {
		d.file, d.where = file.Value, at(file)
		remove(from, "file")
	} else if url := child(from, "url"); url != nil && !strings.HasPrefix(url.Value, "regal:") {
		p := configProblem(path, at(from.Content[0]), "capabilities are not fetched from an address here; those of this engine are used. Save them to a file and name it as capabilities.from.file")
		p.Severity = severityWarning
		problems = append(problems, p)
		remove(from, "url")
	}
	if plus := child(child(section, "plus"), "builtins"); plus != nil {
		for _, node := range plus.Content {
			builtin, err := readBuiltin(node)
			if err != nil {
				problems = append(problems, configProblem(path, at(node), err.Error()))
				continue
			}
			d.plus = append(d.plus, builtin)
		}
		remove(section, "plus")
	}
	if minus := child(child(section, "minus"), "builtins"); minus != nil {
		for _, node := range minus.Content {
			if name := child(node, "name"); name != nil {
				d.minus = append(d.minus, name.Value)
			}
		}
	}
	if from != nil && len(from.Content) > 0 {
		d.from = &ast.Capabilities{}
	}
	return d, problems
}

// readBuiltin reads a built-in as OPA's capabilities have it. The result may stand beside `decl`, too: the
// documentation of Regal has it there.
func readBuiltin(node *yaml.Node) (*ast.Builtin, error) {
	var raw map[string]any
	if err := node.Decode(&raw); err != nil {
		return nil, err
	}
	name, ok := raw["name"].(string)
	if !ok || name == "" {
		return nil, fmt.Errorf("a built-in needs a name")
	}
	decl, ok := raw["decl"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("built-in %s has no decl, which says what it takes and what it gives", name)
	}
	decl["type"] = "function"
	if _, has := decl["result"]; !has && raw["result"] != nil {
		decl["result"] = raw["result"]
	}
	text, err := json.Marshal(map[string]any{"name": name, "decl": decl, "description": raw["description"]})
	if err != nil {
		return nil, err
	}
	builtin := &ast.Builtin{}
	if err := unpanicked(func() error { return json.Unmarshal(text, builtin) }); err != nil {
		return nil, fmt.Errorf("built-in %s: %w", name, err)
	}
	return builtin, nil
}

// unpanicked gives an error for what makes OPA's reading of types panic: any number of arguments, and a result.
func unpanicked(read func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return read()
}

// resolve finds the built-ins of the engine and version that the configuration names, and tells Regal the ones
// that it was not to read.
func (d *declared) resolve(c *config.Config) {
	if d.from != nil {
		version := c.CapabilitiesURL[strings.LastIndexByte(c.CapabilitiesURL, '/')+1:]
		if caps, err := ast.LoadCapabilitiesVersion(version); err == nil && strings.Contains(c.CapabilitiesURL, "/opa/") {
			d.from = caps
		} else {
			d.from = namedCapabilities(c.Capabilities)
		}
	}
	for _, b := range d.plus {
		c.Capabilities.Builtins[b.Name] = regalBuiltin(b)
	}
}

// listed is a configuration with the built-ins of a capabilities file.
func (d *declared) listed(c *config.Config, caps *ast.Capabilities) *config.Config {
	out := *c
	out.Capabilities = &config.Capabilities{Builtins: map[string]*config.Builtin{}, FutureKeywords: caps.FutureKeywords, Features: caps.Features}
	for _, b := range slices.Concat(caps.Builtins, d.plus) {
		if !slices.Contains(d.minus, b.Name) || slices.Contains(d.plus, b) {
			out.Capabilities.Builtins[b.Name] = regalBuiltin(b)
		}
	}
	return &out
}

// namedCapabilities are those of an engine other than OPA, of which Regal gives the names and the numbers of arguments:
// what OPA does not have, takes and gives anything.
func namedCapabilities(named *config.Capabilities) *ast.Capabilities {
	known := map[string]*ast.Builtin{}
	for _, b := range ast.CapabilitiesForThisVersion().Builtins {
		known[b.Name] = b
	}
	caps := &ast.Capabilities{}
	for name, given := range named.Builtins {
		b := known[name]
		if b == nil {
			args := slices.Repeat([]types.Type{types.A}, len(given.Decl.Args))
			b = &ast.Builtin{Name: name, Decl: types.NewFunction(args, types.A)}
		}
		caps.Builtins = append(caps.Builtins, b)
	}
	slices.SortFunc(caps.Builtins, func(a, b *ast.Builtin) int { return strings.Compare(a.Name, b.Name) })
	return caps
}

func regalBuiltin(b *ast.Builtin) *config.Builtin {
	out := &config.Builtin{Decl: config.Decl{Args: []string{}}}
	for _, arg := range b.Decl.FuncArgs().Args {
		out.Decl.Args = append(out.Decl.Args, arg.String())
	}
	if result := b.Decl.Result(); result != nil {
		out.Decl.Result = result.String()
	}
	return out
}

// capabilitiesNow are the workspace's, as its lint configuration declares them. What the parser may read stays that
// of this engine: they differ in the built-ins.
func (s *snapshot) capabilitiesNow(j *job) (*ast.Capabilities, error) {
	return s.others.capabilities.get(j, func() (*ast.Capabilities, error) {
		files, err := s.beside(j, kindLintConfig, kindCapabilities)
		if err != nil {
			return nil, err
		}
		var d *declared
		var listed *ast.Capabilities
		for _, f := range files {
			if f.Kind == kindCapabilities {
				listed = f.capabilities
			} else if f.declared != nil {
				d = f.declared
			}
		}
		if d == nil {
			return s.capabilities, nil
		}
		from := s.capabilities.Builtins
		if d.file != "" && listed != nil {
			from = listed.Builtins
		} else if d.from != nil {
			from = d.from.Builtins
		}
		caps := *s.capabilities
		caps.Builtins = slices.DeleteFunc(slices.Clone(from), func(b *ast.Builtin) bool {
			return slices.Contains(d.minus, b.Name) || strings.HasPrefix(b.Name, lintBuiltinPrefix)
		})
		caps.Builtins = append(caps.Builtins, d.plus...)
		return &caps, nil
	})
}

// capabilitiesProblems says when the file that lists the built-ins is not there.
func (s *snapshot) capabilitiesProblems(j *job) ([]Problem, error) {
	files, err := s.beside(j, kindLintConfig, kindCapabilities)
	if err != nil {
		return nil, err
	}
	var out []Problem
	for _, f := range files {
		if f.declared == nil || f.declared.file == "" || slices.ContainsFunc(files, func(g *file) bool { return g.Kind == kindCapabilities }) {
			continue
		}
		p := configProblem(f.Path, f.declared.where, fmt.Sprintf("the capabilities file %s is not there; the built-ins of this engine are used", f.declared.file))
		p.Severity = severityWarning
		out = append(out, p)
	}
	return out, nil
}

// remove takes a key out of a mapping.
func remove(node *yaml.Node, key string) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content = slices.Delete(node.Content, i, i+2)
			return
		}
	}
}

// child is a mapping's value; nil when there is none.
func child(node *yaml.Node, key string) *yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}
