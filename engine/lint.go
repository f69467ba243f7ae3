package main

import (
	"github.com/open-policy-agent/regal/pkg/config"
	"gopkg.in/yaml.v3"
)

type lintParams struct {
	Workspace string   `json:"workspace"`
	Paths     []string `json:"paths"`
	Aggregate *bool    `json:"aggregate"`
}

type lintResult struct {
	Problems    []Problem `json:"problems"`
	FilesLinted int       `json:"filesLinted"`
}

type linters struct{}
type lintState struct{}

func readLintConfig(path string, src *source) (*config.Config, []Problem) {
	c := &config.Config{}
	if err := yaml.Unmarshal([]byte(src.text), c); err != nil {
		return nil, []Problem{dataProblem(path, Range{}, err.Error())}
	}
	return c, nil
}

func (e *engine) lint(j *job, p *lintParams) (*lintResult, error) {
	return nil, errorf(codeUnknownMethod, "not yet")
}
