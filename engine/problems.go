package main

import (
	"cmp"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	severityError   = "error"
	severityWarning = "warning"
)

// Problem is protocol.ts's.
type Problem struct {
	Path     string    `json:"path"`
	Range    Range     `json:"range"`
	Severity string    `json:"severity"`
	Code     string    `json:"code"`
	Message  string    `json:"message"`
	Source   string    `json:"source"`
	Category string    `json:"category,omitempty"`
	URL      string    `json:"url,omitempty"`
	Tags     []string  `json:"tags,omitempty"`
	Related  []Related `json:"related,omitempty"`
}

// Related is a place that has to do with a problem.
type Related struct {
	Location Location `json:"location"`
	Message  string   `json:"message"`
}

func dataProblem(path string, where Range, message string) Problem {
	return Problem{Path: path, Range: where, Severity: severityError, Code: "data_error", Message: message, Source: "countersign"}
}

// asError is errors.As.
func asError[T error](err error, target *T) bool { return errors.As(err, target) }

// problemsOfError makes problems of what OPA's parser, compiler or formatter answered.
// find gives the text that a location's file names; fallback is the file when there is none.
func problemsOfError(err error, find func(path string) *source, fallback string) []Problem {
	var list ast.Errors
	var one *ast.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = ast.Errors{one}
	default:
		return []Problem{{Path: fallback, Severity: severityError, Code: ast.ParseErr, Message: err.Error(), Source: "opa"}}
	}
	problems := make([]Problem, 0, len(list))
	for _, e := range list {
		problems = append(problems, problemOf(e, find, fallback).atEachPlace()...)
	}
	sortProblems(problems)
	// The parser says some things twice, once with a hint; the longer one comes after the shorter one.
	kept := problems[:0]
	for i, p := range problems {
		if i+1 < len(problems) && samePlace(p, problems[i+1]) && strings.HasPrefix(problems[i+1].Message, p.Message) {
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

func samePlace(a, b Problem) bool {
	return a.Path == b.Path && a.Range == b.Range && a.Code == b.Code
}

func sortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(
			strings.Compare(a.Path, b.Path),
			cmp.Compare(a.Range.Start.Line, b.Range.Start.Line),
			cmp.Compare(a.Range.Start.Character, b.Range.Start.Character),
			strings.Compare(a.Code, b.Code),
			strings.Compare(a.Message, b.Message))
	})
}

// What messages of OPA are about, where their location is the whole expression or rule around it.
var subject = regexp.MustCompile(`^(?:` +
	`var (\S+) is unsafe` +
	`|(?:declared|assigned|unused) (?:var|argument) (\S+?)[.,]? ?(?:unused|is|$)` +
	`|undefined function (\S+)` +
	`|unused argument (\S+?)\.` +
	`|(\S+): (?:arity mismatch|invalid argument|too (?:many|few) arguments)` +
	`|unsafe built-in function calls in expression: (\S+)` +
	`|deprecated built-in function calls in expression: (\S+)` +
	`|var (\S+) (?:declared|assigned|referenced|redeclared|used) ` +
	`|undefined ref: (\S+)` +
	`|called function (\S+) shadowed` +
	`|(?:variables|rules) must not shadow (\S+)` +
	`)`)

// unknownFunction says what to do about a function that is not known.
const unknownFunction = "\nThere is neither a rule nor a built-in of this name. A built-in of your own OPA can be declared in Regal's configuration: in capabilities.plus.builtins, or in the file that capabilities.from.file names."

func problemOf(e *ast.Error, find func(path string) *source, fallback string) Problem {
	p := Problem{Path: fallback, Severity: severityError, Code: e.Code, Message: e.Message, Source: "opa"}
	if e.Details != nil && e.Code != ast.ParseErr {
		if lines := e.Details.Lines(); len(lines) > 0 {
			p.Message += "\n" + strings.Join(lines, "\n")
		}
	}
	if name, ok := strings.CutPrefix(e.Message, "undefined function "); ok && !strings.HasPrefix(name, "data.") {
		p.Message += unknownFunction
	}
	switch {
	case strings.Contains(e.Message, "unused"):
		p.Tags = []string{"unnecessary"}
	case strings.HasPrefix(e.Message, "deprecated built-in"):
		p.Tags = []string{"deprecated"}
	}
	if e.Location == nil {
		return p
	}
	if e.Location.File != "" {
		p.Path = e.Location.File
	}
	src := find(p.Path)
	if src == nil {
		return p
	}
	if m := foundAt.FindStringSubmatch(e.Message); m != nil {
		p.foundAt(m[1], find)
		return p
	}
	start := src.start(e.Location)
	if aboutRule.MatchString(e.Message) {
		start = src.afterDefault(start)
		p.Range = src.span(start, src.tokenEnd(start))
		return p
	}
	switch {
	case strings.HasPrefix(e.Message, "undefined function"):
		p.Range = src.span(start, src.tokenEnd(start))
		return p
	case strings.HasPrefix(e.Message, "undefined ref:") && !strings.ContainsAny(string(e.Location.Text), "\r\n"):
		p.Range = src.span(start, max(src.refEnd(start), src.tokenEnd(start)))
		return p
	}
	if scope := annotationScope.FindStringSubmatch(e.Message); scope != nil {
		// The location is that of the block.
		if at := regexp.MustCompile(`#[ \t]*scope:[ \t]*` + regexp.QuoteMeta(scope[1])).FindStringIndex(src.text[start:]); at != nil {
			end := start + at[1]
			p.Range = src.span(end-len(scope[1]), end)
			return p
		}
	}
	if name, ok := strings.CutPrefix(e.Message, "undefined schema: "); ok {
		if where, ok := src.commentBefore(e.Location, name); ok {
			p.Range = where
			return p
		}
	}
	if m := subject.FindStringSubmatch(e.Message); m != nil {
		for _, word := range m[1:] {
			if word != "" {
				p.Range = src.wordIn(e.Location, word)
				return p
			}
		}
	}
	p.Range = src.rangeOf(e.Location)
	return p
}

// afterDefault is where the name of a rule stands that begins at an offset.
func (s *source) afterDefault(start int) int {
	if rest, found := strings.CutPrefix(s.text[start:], "default "); found {
		return len(s.text) - len(strings.TrimLeft(rest, " \t"))
	}
	return start
}

var annotationScope = regexp.MustCompile(`^invalid annotation scope '([^']+)'`)

// conflicting matches messages that name rules in conflict without saying where they are.
var conflicting = regexp.MustCompile(`^conflicting rules (\S+) found$`)

// relate tells a conflict at each of its rules, which the compiler tells at one of them.
func relate(problems []Problem, modules map[string]*ast.Module, find func(path string) *source) []Problem {
	var out []Problem
	for _, p := range problems {
		name := conflicting.FindStringSubmatch(p.Message)
		if name == nil {
			out = append(out, p)
			continue
		}
		for _, path := range slices.Sorted(maps.Keys(modules)) {
			for _, rule := range modules[path].Rules {
				src := find(path)
				if rule.Location == nil || src == nil || rule.Ref().GroundPrefix().String() != name[1] {
					continue
				}
				start := src.afterDefault(src.start(rule.Location))
				if where := (Location{path, src.span(start, src.tokenEnd(start))}); where != (Location{p.Path, p.Range}) {
					p.Related = append(p.Related, Related{where, "also here"})
				}
			}
		}
		out = append(out, p.atEachPlace()...)
	}
	return out
}

// aboutRule matches messages about a rule, whose location is all of it.
var aboutRule = regexp.MustCompile("keyword is required|^conflicting rules|is recursive|^rule |^package .* conflicts")

// foundAt matches messages that list the places they are about; their own location is the package.
var foundAt = regexp.MustCompile(` found at ((?:.+:\d+(?:, )?)+)$`)

// atEachPlace is a problem once at each of the places that it is about, each of which leads to the others.
func (p Problem) atEachPlace() []Problem {
	out := []Problem{p}
	for i, other := range p.Related {
		q := p
		q.Path, q.Range = other.Location.Path, other.Location.Range
		q.Related = slices.Clone(p.Related)
		q.Related[i].Location = Location{p.Path, p.Range}
		out = append(out, q)
	}
	return out
}

// foundAt puts the problem at the last of the places and relates it to the others.
func (p *Problem) foundAt(places string, find func(path string) *source) {
	var found []Location
	for place := range strings.SplitSeq(places, ", ") {
		colon := strings.LastIndexByte(place, ':')
		row, err := strconv.Atoi(place[colon+1:])
		src := find(place[:max(colon, 0)])
		if err != nil || src == nil {
			continue
		}
		start := src.offsetOf(row, 1)
		for start < len(src.text) && (src.text[start] == ' ' || src.text[start] == '\t') {
			start++
		}
		start = src.afterDefault(start)
		found = append(found, Location{place[:colon], src.span(start, src.tokenEnd(start))})
	}
	if len(found) == 0 {
		return
	}
	last := len(found) - 1
	p.Path, p.Range = found[last].Path, found[last].Range
	for _, other := range found[:last] {
		p.Related = append(p.Related, Related{other, "also here"})
	}
}
