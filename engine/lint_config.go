package main

import (
	"strconv"
	"strings"

	"github.com/open-policy-agent/regal/pkg/config"
	"gopkg.in/yaml.v3"
)

func configProblem(path string, where Range, message string) Problem {
	return Problem{Path: path, Range: where, Severity: severityError, Code: "lint_config_error", Message: message, Source: "countersign"}
}

// readLintConfig reads Regal's configuration. Capabilities from a file or an address are left out with a
// warning: the engine reads neither.
func readLintConfig(path string, src *source) (*config.Config, []Problem) {
	var problems []Problem
	var root yaml.Node
	err := yaml.Unmarshal([]byte(src.text), &root)
	if err == nil && len(root.Content) > 0 {
		if from := child(child(root.Content[0], "capabilities"), "from"); from != nil && (child(from, "file") != nil || remote(child(from, "url"))) {
			at := src.offsetOf(from.Content[0].Line, from.Content[0].Column)
			p := configProblem(path, src.span(at, src.tokenEnd(at)),
				"capabilities from a file or an address are not read here; those of this engine are used. Name an engine and version instead")
			p.Severity = severityWarning
			problems = append(problems, p)
			from.Content = nil
		}
		c := &config.Config{}
		if err = root.Decode(c); err == nil {
			return c, problems
		}
	} else if err == nil {
		return &config.Config{}, nil // empty
	}
	where := Range{}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		at := src.offsetOf(line, 1)
		where = src.span(at, src.tokenEnd(at))
	}
	return nil, append(problems, configProblem(path, where, err.Error()))
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

func remote(url *yaml.Node) bool {
	return url != nil && !strings.HasPrefix(url.Value, "regal:")
}
