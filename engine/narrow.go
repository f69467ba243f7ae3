package main

import (
	"regexp"
	"strings"
)

// aboutRules are the lint rules whose findings are about a rule as such, though they are told of all of its text.
var aboutRules = map[string]bool{
	"avoid-get-and-list-prefix": true, "boolean-assignment": true, "chained-rule-body": true, "duplicate-rule": true,
	"equals-pattern-matching": true, "identically-named-tests": true, "if-empty-object": true,
	"import-shadows-rule": true, "messy-rule": true, "missing-metadata": true, "naming-convention": true,
	"pointless-reassignment": true, "prefer-set-or-object-rule": true, "rule-length": true,
	"test-outside-test-package": true, "top-level-iteration": true,
}

// aboutFiles are those whose findings are about the file; its package stands for it.
var aboutFiles = map[string]bool{
	"file-length": true, "file-missing-test-suffix": true, "no-defined-entrypoint": true, "missing-metadata": true,
}

// commentSubject finds in a comment what a finding is about.
var commentSubject = map[string]*regexp.Regexp{
	"ambiguous-scope":             regexp.MustCompile(`METADATA`),
	"annotation-without-metadata": regexp.MustCompile(`[^#\s:][^:]*`),
	"detached-metadata":           regexp.MustCompile(`METADATA`),
	"invalid-metadata-attribute":  regexp.MustCompile(`[^#\s:][^:]*`),
	"no-whitespace-comment":       regexp.MustCompile(`#+`),
	"todo-comment":                regexp.MustCompile(`(?i)\b(?:todo|fixme)\b`),
}

// narrow is the part of a finding's stretch that shows what it is about: a reader finds the rest, and a page full of
// underlined rules helps nobody.
func (f *file) narrow(j *job, code string, start, end int) (int, int) {
	line := f.text[start:]
	if i := strings.IndexAny(line, "\r\n"); i >= 0 {
		line = line[:i]
	}
	if subject := commentSubject[code]; subject != nil {
		if at := subject.FindStringIndex(line); at != nil && strings.HasPrefix(line, "#") {
			return start + at[0], start + at[0] + len(strings.TrimRight(line[at[0]:at[1]], " "))
		}
	}
	if aboutFiles[code] && (start == 0 || strings.HasPrefix(line, "package")) {
		if from, to, ok := f.packageSpan(j); ok {
			return from, to
		}
	}
	if aboutRules[code] {
		if from, to, ok := f.ruleName(j, start); ok {
			return from, to
		}
	}
	if f.text[start:end] == "import" {
		path := strings.TrimLeft(line[len("import"):], " \t")
		start += len(line) - len(path)
		return start, f.tokenEnd(start)
	}
	if code == "defer-assignment" {
		return start, f.tokenEnd(start)
	}
	if strings.ContainsAny(f.text[start:end], "\r\n") || start == end {
		if from, to, ok := f.ruleName(j, start); ok {
			return from, to
		}
		return start, max(f.tokenEnd(start), min(start+1, len(f.text)))
	}
	return start, end
}

// maxLine is how many characters line-length allows.
func (l *linter) maxLine() int {
	switch n := l.config.Rules["style"]["line-length"].Extra["max-line-length"].(type) {
	case int:
		return n
	case float64:
		return int(n)
	}
	return 120
}

// ruleName is the name of the rule that begins at an offset.
func (f *file) ruleName(j *job, start int) (int, int, bool) {
	module := f.module(j)
	if module == nil {
		return 0, 0, false
	}
	for _, rule := range module.Rules {
		if rule.Location == nil || f.start(rule.Location) != start {
			continue
		}
		if ref := rule.Head.Ref(); len(ref) > 0 && ref[0].Location != nil {
			from := f.start(ref[0].Location)
			return from, f.tokenEnd(from), true
		}
	}
	return 0, 0, false
}

// packageSpan is the path that the package clause names.
func (f *file) packageSpan(j *job) (int, int, bool) {
	module := f.module(j)
	if module == nil || module.Package.Location == nil {
		return 0, 0, false
	}
	from := f.start(module.Package.Location) + len("package")
	if from >= len(f.text) {
		return 0, 0, false
	}
	for f.text[from] == ' ' || f.text[from] == '\t' {
		from++
	}
	return from, f.tokenEnd(from), true
}
