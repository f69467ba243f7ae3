package main

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
)

// readInput reads JSON, or in its place a Rego term; without either there is no input.
func readInput(raw json.RawMessage, text string) (ast.Value, error) {
	if text != "" {
		term, err := ast.ParseTerm(text)
		if err != nil {
			return nil, errorf(codeInvalidParams, "parameters: inputTerm: %v", err)
		}
		if !term.IsGround() {
			return nil, errorf(codeInvalidParams, "parameters: inputTerm: it has variables")
		}
		return term.Value, nil
	}
	if len(raw) == 0 {
		return nil, nil
	}
	d := decoder{text: raw, keys: map[string]*ast.Term{}}
	return d.value().Value, nil
}

// decoder makes values of JSON without the detour over Go's maps that OPA takes, in half of the time. It
// reads only what encoding/json has found to be valid, and nested no deeper than that allows.
type decoder struct {
	text []byte
	at   int
	keys map[string]*ast.Term // an input repeats them
}

// next skips white space and answers the next byte.
func (d *decoder) next() byte {
	for {
		switch c := d.text[d.at]; c {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return c
		}
	}
}

func (d *decoder) value() *ast.Term {
	switch d.next() {
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '"':
		return ast.StringTerm(d.string())
	case 't':
		d.at += len("true")
		return ast.InternedTerm(true)
	case 'f':
		d.at += len("false")
		return ast.InternedTerm(false)
	case 'n':
		d.at += len("null")
		return ast.InternedNullTerm
	}
	start := d.at
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ',', ']', '}', ' ', '\t', '\n', '\r':
			return ast.NumberTerm(json.Number(d.text[start:d.at]))
		}
		d.at++
	}
	return ast.NumberTerm(json.Number(d.text[start:]))
}

func (d *decoder) object() *ast.Term {
	d.at++
	object := ast.NewObject()
	for d.next() != '}' {
		if d.text[d.at] == ',' {
			d.at++
			d.next()
		}
		name := d.string()
		key := d.keys[name]
		if key == nil {
			key = ast.StringTerm(name)
			d.keys[name] = key
		}
		d.next()
		d.at++                        // the colon
		object.Insert(key, d.value()) // the last of several counts
	}
	d.at++
	return ast.NewTerm(object)
}

func (d *decoder) array() *ast.Term {
	d.at++
	var items []*ast.Term
	for d.next() != ']' {
		if d.text[d.at] == ',' {
			d.at++
		}
		items = append(items, d.value())
	}
	d.at++
	return ast.NewTerm(ast.NewArray(items...))
}

func (d *decoder) string() string {
	start := d.at
	plain := true
	for d.at++; d.text[d.at] != '"'; d.at++ {
		if d.text[d.at] == '\\' {
			plain = false
			d.at++
		}
	}
	d.at++
	if text := d.text[start+1 : d.at-1]; plain && utf8.Valid(text) {
		return string(text)
	}
	var out string
	_ = json.Unmarshal(d.text[start:d.at], &out) // it is valid; invalid UTF-8 in it is replaced
	return out
}
