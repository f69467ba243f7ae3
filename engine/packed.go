package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// packed is a value of JSON's kinds, or with sets, as one string: what is kept of each of thousands of files is nothing
// that the garbage collector has to look through. Each value is a letter, then a text with its length, or how many
// values follow, then those.
type packed string

const (
	packedNull   = 'n'
	packedTrue   = 't'
	packedFalse  = 'f'
	packedNumber = '0'
	packedString = '"'
	packedArray  = '['
	packedSet    = '<'
	packedObject = '{'
)

// pack fails on values that evaluation does not give, such as references.
func pack(v ast.Value) (packed, error) {
	out, err := appendPacked(nil, v)
	return packed(out), err
}

func appendPacked(out []byte, v ast.Value) ([]byte, error) {
	var err error
	follow := func(t *ast.Term) {
		if err == nil {
			out, err = appendPacked(out, t.Value)
		}
	}
	begin := func(kind byte, n int) {
		out = binary.AppendUvarint(append(out, kind), uint64(n))
	}
	switch v := v.(type) {
	case ast.Null:
		return append(out, packedNull), nil
	case ast.Boolean:
		if v {
			return append(out, packedTrue), nil
		}
		return append(out, packedFalse), nil
	case ast.Number:
		begin(packedNumber, len(v))
		return append(out, v...), nil
	case ast.String:
		begin(packedString, len(v))
		return append(out, v...), nil
	case *ast.Array:
		begin(packedArray, v.Len())
		v.Foreach(follow)
	case ast.Set:
		begin(packedSet, v.Len())
		v.Foreach(follow)
	case ast.Object:
		begin(packedObject, v.Len())
		v.Foreach(func(key, value *ast.Term) {
			follow(key)
			follow(value)
		})
	default:
		err = fmt.Errorf("a value that cannot be kept: %T", v)
	}
	return out, err
}

// unpack is the value again. Its strings are parts of the packed one.
func (p packed) unpack() *ast.Term {
	t, _ := p.next()
	return t
}

// next is the first value, and what follows it.
func (p packed) next() (*ast.Term, packed) {
	kind, p := p[0], p[1:]
	switch kind {
	case packedNull:
		return ast.InternedNullTerm, p
	case packedTrue, packedFalse:
		return ast.InternedTerm(kind == packedTrue), p
	}
	n, p := p.length()
	switch kind {
	case packedNumber:
		return ast.NumberTerm(json.Number(p[:n])), p[n:]
	case packedString:
		return ast.StringTerm(string(p[:n])), p[n:]
	case packedObject:
		pairs := make([][2]*ast.Term, n)
		for i := range pairs {
			pairs[i][0], p = p.next()
			pairs[i][1], p = p.next()
		}
		return ast.ObjectTerm(pairs...), p
	}
	terms := make([]*ast.Term, n)
	for i := range terms {
		terms[i], p = p.next()
	}
	if kind == packedSet {
		return ast.SetTerm(terms...), p
	}
	return ast.ArrayTerm(terms...), p
}

func (p packed) length() (int, packed) {
	n, shift := 0, 0
	for {
		b := p[0]
		p = p[1:]
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n, p
		}
		shift += 7
	}
}
