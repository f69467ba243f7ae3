package main

import (
	"encoding/json"
	"slices"

	"github.com/open-policy-agent/opa/v1/ir"
)

// uses says what a wasm policy is made of, from the plan that OPA makes the wasm from.
type uses struct {
	// builtins are all built-ins that it uses, those it brings along too.
	builtins []string
	// arrayComprehensions is whether it builds arrays in a loop. Over a set or an object, wasm goes in another
	// order than OPA.
	arrayComprehensions bool
}

func wasmUses(plan []byte) (*uses, error) {
	var policy ir.Policy
	if err := json.Unmarshal(plan, &policy); err != nil {
		return nil, err
	}
	u := &uses{builtins: []string{}}
	for _, f := range policy.Static.BuiltinFuncs {
		u.builtins = append(u.builtins, f.Name)
	}
	slices.Sort(u.builtins)
	return u, ir.Walk(&arrayScopes{uses: u}, &policy)
}

// arrayScopes looks for an array that grows in a block nested in the one that made it.
type arrayScopes struct {
	*uses
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
