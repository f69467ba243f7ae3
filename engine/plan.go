package main

import (
	"encoding/json"
	"strings"

	opa "github.com/open-policy-agent/opa/v1/compile"
)

type planParams struct {
	Workspace   string   `json:"workspace"`
	Entrypoints []string `json:"entrypoints"`
}

// planResult has both documents as texts: JSON's numbers would not cross JavaScript unharmed.
type planResult struct {
	Plan string `json:"plan"`
	Data string `json:"data"`
}

// plan answers what OPA's planner makes of the rules that the entrypoints need, and the merged data.
func (e *engine) plan(j *job, p *planParams) (*planResult, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	if len(p.Entrypoints) == 0 {
		return nil, errorf(codeInvalidParams, "parameters: entrypoints: a plan needs one at least")
	}
	// It says what does not compile with its places; what follows would say only the first error.
	if _, err := s.compiledForEval(j); err != nil {
		return nil, err
	}
	planned, err := s.planned(j, p.Entrypoints)
	if err != nil {
		return nil, err
	}
	merged, err := s.data(j)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(merged.value)
	if err != nil {
		return nil, err
	}
	return &planResult{string(planned), string(data)}, nil
}

// planned is OPA's plan as JSON.
func (s *snapshot) planned(j *job, entrypoints []string) ([]byte, error) {
	b, err := s.bundle(j)
	if err != nil {
		return nil, err
	}
	planner := opa.New().
		WithCapabilities(s.capabilities).
		WithRegoVersion(s.regoVersion).
		WithBundle(b).
		WithPruneUnused(true).
		WithTarget(opa.TargetPlan).
		WithEntrypoints(entrypoints...)
	if err := planner.Build(j.ctx); err != nil {
		return nil, s.buildError(j, err)
	}
	return planner.Bundle().PlanModules[0].Raw, nil
}

// buildError says what kept OPA from building: a stop, an entrypoint that is not there, or the policies.
func (s *snapshot) buildError(j *job, err error) error {
	if stopped := j.err(); stopped != nil {
		return stopped
	}
	if strings.HasPrefix(err.Error(), "entrypoint ") {
		return errorf(codeInvalidParams, "%v", err)
	}
	return compileError(problemsOfError(err, s.find, ""))
}
