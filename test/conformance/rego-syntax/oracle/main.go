// Command oracle says what OPA's own parser makes of Rego modules.
//
//	oracle parse           reads questions from stdin, one JSON object a line, and answers each in a line
//	oracle literals FILE…  prints the string literals of Go files, one JSON string a line
//
// It is built against the OPA that engine/go.mod pins; see ../oracle.ts.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	goast "go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
	astjson "github.com/open-policy-agent/opa/v1/ast/json"
)

type question struct {
	Text    string `json:"text"`
	Version string `json:"version"` // v0 or v1
	Tree    bool   `json:"tree"`    // whether the answer is to hold the tree
	Cuts    []int  `json:"cuts"`    // byte offsets: ask for each prefix of the text instead of for the text
}

type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Row     int    `json:"row"`
	Col     int    `json:"col"`
}

type answer struct {
	Errors    []problem       `json:"errors"` // empty when OPA accepts the module
	Module    json.RawMessage `json:"module,omitempty"`
	Unwritten string          `json:"unwritten,omitempty"` // why OPA cannot write the module it accepts as JSON
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func run() error {
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if len(os.Args) > 2 && os.Args[1] == "literals" {
		return literals(os.Args[2:], encoder)
	}
	if len(os.Args) != 2 || os.Args[1] != "parse" {
		return errors.New("usage: oracle parse | oracle literals FILE…")
	}
	everywhere := astjson.NodeToggle{
		Term: true, Package: true, Comment: true, Import: true, Rule: true, Head: true, Expr: true, SomeDecl: true,
		Every: true, With: true, Annotations: true, AnnotationsRef: true, Not: true, And: true, Or: true,
	}
	astjson.SetOptions(astjson.Options{MarshalOptions: astjson.MarshalOptions{
		IncludeLocation: everywhere, IncludeLocationText: true, ExcludeLocationFile: true,
	}})
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	decoder := json.NewDecoder(in)
	for decoder.More() {
		var q question
		if err := decoder.Decode(&q); err != nil {
			return err
		}
		if q.Cuts == nil {
			if err := encoder.Encode(parse(q.Text, &q)); err != nil {
				return err
			}
			continue
		}
		answers := make([]answer, 0, len(q.Cuts))
		for _, cut := range q.Cuts {
			answers = append(answers, parse(q.Text[:cut], &q))
		}
		if err := encoder.Encode(answers); err != nil {
			return err
		}
	}
	return nil
}

// parse asks OPA; that it panics is an answer, too.
func parse(text string, q *question) (a answer) {
	defer func() {
		if r := recover(); r != nil {
			a = answer{Errors: []problem{{Code: "panic", Message: fmt.Sprint(r)}}}
		}
	}()
	version := ast.RegoV1
	if q.Version == "v0" {
		version = ast.RegoV0
	}
	module, err := ast.ParseModuleWithOpts("", text, ast.ParserOptions{ProcessAnnotation: true, RegoVersion: version})
	a.Errors = []problem{}
	var list ast.Errors
	switch {
	case err == nil:
		if q.Tree {
			if a.Module, err = json.Marshal(module); err != nil {
				a.Unwritten = err.Error() // a number such as .5, say
			}
		}
	case errors.As(err, &list):
		for _, e := range list {
			p := problem{Code: e.Code, Message: e.Message}
			if e.Location != nil {
				p.Row, p.Col = e.Location.Row, e.Location.Col
			}
			a.Errors = append(a.Errors, p)
		}
	default:
		a.Errors = append(a.Errors, problem{Message: err.Error()})
	}
	return a
}

func literals(files []string, encoder *json.Encoder) error {
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		goast.Inspect(tree, func(n goast.Node) bool {
			if _, ok := n.(*goast.ImportSpec); ok {
				return false
			}
			if literal, ok := n.(*goast.BasicLit); ok && literal.Kind == token.STRING && err == nil {
				var text string
				if text, err = strconv.Unquote(literal.Value); err == nil {
					err = encoder.Encode(text)
				}
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}
