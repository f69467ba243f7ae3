package main

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Position is protocol.ts's: from zero, in UTF-16 code units.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// Range is protocol.ts's, its end exclusive.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// Location is protocol.ts's.
type Location struct {
	Path  string `json:"path"`
	Range Range  `json:"range"`
}

// source is a text with an index of its lines.
type source struct {
	text  string
	lines []int // byte offsets of the lines' starts
}

func newSource(text string) *source {
	lines := make([]int, 1, strings.Count(text, "\n")+1)
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			lines = append(lines, i+1)
		}
	}
	return &source{text, lines}
}

// position converts a byte offset.
func (s *source) position(offset int) Position {
	offset = min(max(offset, 0), len(s.text))
	line := sort.SearchInts(s.lines, offset+1) - 1
	return Position{line, utf16Length(s.text[s.lines[line]:offset])}
}

// span converts a stretch of bytes.
func (s *source) span(start, end int) Range {
	return Range{s.position(start), s.position(end)}
}

func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// offsetOf converts a row and column from one, the column in characters (runes), as OPA counts.
func (s *source) offsetOf(row, col int) int {
	if row < 1 {
		return 0
	}
	if row > len(s.lines) {
		return len(s.text)
	}
	offset := s.lines[row-1]
	for ; col > 1 && offset < len(s.text) && s.text[offset] != '\n'; col-- {
		_, width := utf8.DecodeRuneInString(s.text[offset:])
		offset += width
	}
	return offset
}

// start is the byte offset of a location. OPA sets Offset in most of them; where it does not, row and column decide.
func (s *source) start(loc *ast.Location) int {
	if loc.Offset > 0 && loc.Offset <= len(s.text) {
		if line := sort.SearchInts(s.lines, loc.Offset+1); line == loc.Row {
			return loc.Offset
		}
	}
	return s.offsetOf(loc.Row, loc.Col)
}

// rangeOf is the stretch a location stands for: its text when that lies on one line, else its first token.
func (s *source) rangeOf(loc *ast.Location) Range {
	if loc == nil {
		return Range{}
	}
	start := s.start(loc)
	text := string(loc.Text)
	switch {
	case text == "import":
		// The keyword stands for the statement: what it imports is shown.
		start += len(text)
		for start < len(s.text) && (s.text[start] == ' ' || s.text[start] == '\t') {
			start++
		}
		end := start
		for end < len(s.text) && s.text[end] != '#' && s.text[end] != '\n' {
			end++
		}
		return s.span(start, start+len(strings.TrimRight(s.text[start:end], " \t\r")))
	case strings.HasPrefix(text, "#") && strings.HasPrefix(s.text[start:], text):
		start += len(text) - len(strings.TrimLeft(text, "# \t"))
		text = strings.TrimLeft(text, "# \t")
	}
	if text == "" || strings.ContainsAny(text, "\r\n") || !strings.HasPrefix(s.text[start:], text) {
		return s.span(start, s.tokenEnd(start))
	}
	return s.span(start, start+len(text))
}

// wordIn is the first place of a word within a location's text, else the location.
func (s *source) wordIn(loc *ast.Location, word string) Range {
	if loc == nil {
		return Range{}
	}
	start := s.start(loc)
	if strings.HasPrefix(s.text[start:], string(loc.Text)) {
		text := string(loc.Text)
		for from := 0; ; {
			i := strings.Index(text[from:], word)
			if i < 0 {
				break
			}
			i += from
			end := i + len(word)
			if (i == 0 || !isWordByte(text[i-1]) && text[i-1] != '.') && (end == len(text) || !isWordByte(text[end])) {
				return s.span(start+i, start+end)
			}
			from = end
		}
	}
	if strings.HasPrefix(s.text[start:], word) {
		return s.span(start, start+len(word)) // the location is of its first part alone
	}
	// What declares a variable may be told of at what follows it, and the other way round.
	line := s.lines[min(max(loc.Row, 1), len(s.lines))-1]
	for _, within := range [][2]int{{start, s.lineEnd(start)}, {line, start}, {s.lines[max(loc.Row-3, 0)], line}} {
		if at, ok := s.lastWord(within[0], within[1], word); ok {
			return s.span(at, at+len(word))
		}
	}
	return s.rangeOf(loc)
}

// lineEnd is where the line of an offset ends.
func (s *source) lineEnd(offset int) int {
	if i := strings.IndexAny(s.text[offset:], "\r\n"); i >= 0 {
		return offset + i
	}
	return len(s.text)
}

// lastWord is the last place of a word between two offsets.
func (s *source) lastWord(from, to int, word string) (int, bool) {
	for end := to; end > from; {
		i := strings.LastIndex(s.text[from:end], word)
		if i < 0 {
			return 0, false
		}
		at := from + i
		after := at + len(word)
		if (at == 0 || !isWordByte(s.text[at-1]) && s.text[at-1] != '.') && (after == len(s.text) || !isWordByte(s.text[after])) {
			return at, true
		}
		end = after - 1
	}
	return 0, false
}

// refEnd is where a reference ends on its line: names, dots and brackets.
func (s *source) refEnd(start int) int {
	end, depth := start, 0
	for end < len(s.text) && s.text[end] != '\n' && s.text[end] != '\r' {
		switch c := s.text[end]; {
		case c == '[':
			depth++
		case c == ']' && depth > 0:
			depth--
		case depth == 0 && c == ']', depth == 0 && !isWordByte(c) && c != '.':
			return end
		}
		end++
	}
	if depth > 0 {
		return s.tokenEnd(start)
	}
	return end
}

// commentBefore is the last place of a word in a comment before a location, where METADATA blocks stand.
func (s *source) commentBefore(loc *ast.Location, word string) (Range, bool) {
	for line := min(loc.Row, len(s.lines)) - 1; line >= 0; line-- {
		end := len(s.text)
		if line+1 < len(s.lines) {
			end = s.lines[line+1]
		}
		text := s.text[s.lines[line]:end]
		if !strings.HasPrefix(strings.TrimLeft(text, " \t"), "#") {
			continue
		}
		if i := strings.Index(text, word); i >= 0 {
			i += s.lines[line]
			return s.span(i, i+len(word)), true
		}
	}
	return Range{}, false
}

func isWordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= utf8.RuneSelf
}

// tokenEnd is where the token at an offset ends: a word (with dots), a string, or one character.
// At a line's end it is the offset itself.
func (s *source) tokenEnd(start int) int {
	end := start
	for end < len(s.text) && (isWordByte(s.text[end]) || s.text[end] == '.' && end > start) {
		end++
	}
	if end > start || end >= len(s.text) || s.text[end] == '\n' || s.text[end] == '\r' {
		return end
	}
	if s.text[start] == '"' {
		for end++; end < len(s.text) && s.text[end] != '\n' && s.text[end] != '\r'; end++ {
			if s.text[end] == '\\' {
				end++
			} else if s.text[end] == '"' {
				return end + 1
			}
		}
		return min(end, len(s.text))
	}
	return end + 1
}
