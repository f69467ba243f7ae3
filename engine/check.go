package main

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

type checkParams struct {
	Workspace string   `json:"workspace"`
	Paths     []string `json:"paths"`
	Strict    bool     `json:"strict"`
}

type checkResult struct {
	Problems   []Problem `json:"problems"`
	Incomplete bool      `json:"incomplete,omitempty"`
}

// schemaSet are the workspace's JSON Schemas as annotations know them. Without any it is nil: then OPA
// does not ask for the schemas that annotations name, and reads those that they define.
func (s *snapshot) schemaSet(j *job) (*ast.SchemaSet, error) {
	return s.others.schemas.get(j, func() (*ast.SchemaSet, error) {
		var set *ast.SchemaSet
		files, err := s.beside(j, kindSchema)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if f.value == nil {
				continue
			}
			if set == nil {
				set = ast.NewSchemaSet()
			}
			set.Put(schemaRef(f.Path), f.value)
		}
		return set, nil
	})
}

// schemaRef is the name of a schema: its path below a folder `schemas/`, else its file name.
func schemaRef(file string) ast.Ref {
	name := path.Base(file)
	if _, below, ok := strings.Cut("/"+file, "/schemas/"); ok {
		name = below
	}
	name = strings.TrimSuffix(name, path.Ext(name))
	name = strings.TrimSuffix(name, ".schema")
	ref := ast.Ref{ast.SchemaRootDocument}
	for segment := range strings.SplitSeq(name, "/") {
		ref = append(ref, ast.StringTerm(segment))
	}
	return ref
}

func (e *engine) check(j *job, p *checkParams) (*checkResult, error) {
	s, err := j.snapshot(p.Workspace)
	if err != nil {
		return nil, err
	}
	if len(p.Paths) != 1 {
		j.inPassing(s)
	}
	if p.Paths == nil {
		result, err := s.checkWhole(j, p.Strict)
		if err != nil {
			return nil, err
		}
		rules, err := e.checkRules(j, s)
		if err != nil {
			return nil, err
		}
		result.Problems = append(result.Problems, rules...) // never nil
		return result, nil
	}
	named, err := s.named(p.Paths, kindModule, kindLintRule)
	if err != nil {
		return nil, err
	}
	if len(named) == 1 && named[0].Kind == kindModule {
		return s.checkOne(j, named[0], p.Strict)
	}
	result := &checkResult{Problems: []Problem{}}
	modules := named[:0:0]
	for _, f := range named {
		if f.Kind == kindModule {
			modules = append(modules, f)
			continue
		}
		found, err := e.checkRule(j, s, f)
		if err != nil {
			return nil, err
		}
		result.Problems = append(result.Problems, found.Problems...)
		result.Incomplete = result.Incomplete || found.Incomplete
	}
	closure, err := s.reach(j, modules)
	if err != nil {
		return nil, err
	}
	byPath, err := s.compileTogether(j, closure, p.Strict)
	if err != nil {
		return nil, err
	}
	for _, f := range closure {
		result.Problems = append(result.Problems, f.problemsIn(j)...)
	}
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		result.Problems = append(result.Problems, byPath[path]...)
		result.Incomplete = result.Incomplete || !slices.Contains(p.Paths, path)
	}
	return result, j.err()
}

func (s *snapshot) find(path string) *source {
	if f := s.files[path]; f != nil {
		return f.source
	}
	return nil
}

// compiler is a new compiler for the workspace's modules. Like OPA's commands, it looks at schemas only when
// policies are checked, not when they are evaluated.
func (s *snapshot) compiler(data map[string]any, capabilities *ast.Capabilities) *ast.Compiler {
	compiler := ast.NewCompiler().
		SetErrorLimit(0).
		WithCapabilities(capabilities).
		WithDefaultRegoVersion(s.regoVersion).
		WithPathConflictsCheck(func(path []string) (bool, error) {
			var at any = data
			for _, segment := range path {
				object, ok := at.(map[string]any)
				if !ok {
					return at != nil, nil
				}
				if at, ok = object[segment]; !ok {
					return false, nil
				}
			}
			return true, nil
		})
	if s.network() {
		return compiler
	}
	return compiler.WithUnsafeBuiltins(networkBuiltins)
}

// network says whether the workspace's policies may reach out.
func (s *snapshot) network() bool { return s.capabilities.AllowNet == nil }

// stages are where a compilation can be stopped.
var stages = []ast.StageID{
	ast.StageResolveRefs, ast.StageInitLocalVarGen, ast.StageRewriteRuleHeadRefs, ast.StageCheckKeywordOverrides,
	ast.StageCheckDuplicateImports, ast.StageRemoveImports, ast.StageSetModuleTree, ast.StageSetRuleTree,
	ast.StageRewriteLocalVars, ast.StageRewriteTemplateStrings, ast.StageCheckVoidCalls, ast.StageRewritePrintCalls,
	ast.StageRewriteExprTerms, ast.StageParseMetadataBlocks, ast.StageSetAnnotationSet, ast.StageRewriteRegoMetadataCalls,
	ast.StageSetGraph, ast.StageRewriteComprehensionTerms, ast.StageRewriteRefsInHead, ast.StageRewriteWithValues,
	ast.StageCheckRuleConflicts, ast.StageCheckUndefinedFuncs, ast.StageCheckSafetyRuleHeads, ast.StageCheckSafetyRuleBodies,
	ast.StageRewriteEquals, ast.StageRewriteDynamicTerms, ast.StageRewriteTestRulesForTracing, ast.StageCheckRecursion,
	ast.StageCheckTypes, ast.StageCheckUnsafeBuiltins, ast.StageCheckDeprecatedBuiltins, ast.StageBuildRuleIndices,
	ast.StageBuildComprehensionIndices, ast.StageBuildRequiredCapabilities,
}

// stoppable makes a compiler give up between two of its stages when the job is stopped.
func stoppable(j *job, compiler *ast.Compiler) *ast.Compiler {
	for _, stage := range stages {
		compiler.WithStageAfterID(stage, ast.CompilerStageDefinition{
			Name:       "countersign",
			MetricName: "countersign_stop",
			Stage: func(*ast.Compiler) *ast.Error {
				if err := j.checkpoint(); err != nil {
					return ast.NewError(ast.CompileErr, nil, "%s", err.Error())
				}
				return nil
			},
		})
	}
	return compiler
}

// compileModules compiles; its error is only that the job was stopped, the compiler keeps its own.
func compileModules(j *job, compiler *ast.Compiler, modules map[string]*ast.Module) error {
	stoppable(j, compiler).Compile(modules)
	return j.err()
}
