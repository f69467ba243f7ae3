package main

import (
	"encoding/json"
	"slices"

	opa "github.com/open-policy-agent/opa/v1/compile"
	"github.com/open-policy-agent/opa/v1/ir"
)

// plan says what a wasm policy is made of, from the plan that OPA makes the wasm from.
type plan struct {
	// builtins are all built-ins that it uses, those it brings along too.
	builtins []string
	// arrayComprehensions is whether it builds arrays in a loop. Over a set or an object, wasm goes in another
	// order than OPA.
	arrayComprehensions bool
}

func (s *snapshot) plan(j *job, entrypoints []string) (*plan, error) {
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
		return nil, err
	}
	var policy ir.Policy
	if err := json.Unmarshal(planner.Bundle().PlanModules[0].Raw, &policy); err != nil {
		return nil, err
	}
	p := &plan{builtins: []string{}}
	for _, f := range policy.Static.BuiltinFuncs {
		p.builtins = append(p.builtins, f.Name)
	}
	slices.Sort(p.builtins)
	return p, ir.Walk(&arrayScopes{plan: p}, &policy)
}

// arrayScopes looks for an array that grows in a block nested in the one that made it.
type arrayScopes struct {
	*plan
	made []map[ir.Local]bool // of each block that encloses the statement
}

func (v *arrayScopes) Before(x any) {
	if _, ok := x.(*ir.Block); ok {
		v.made = append(v.made, map[ir.Local]bool{})
	}
}

func (v *arrayScopes) Visit(x any) (ir.Visitor, error) {
	switch x := x.(type) {
	case *ir.MakeArrayStmt:
		v.made[len(v.made)-1][x.Target] = true
	case *ir.ArrayAppendStmt:
		if !v.made[len(v.made)-1][x.Array] {
			v.arrayComprehensions = true
		}
	}
	return v, nil
}

func (v *arrayScopes) After(x any) {
	if _, ok := x.(*ir.Block); ok {
		v.made = v.made[:len(v.made)-1]
	}
}
