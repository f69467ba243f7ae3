package main

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

// TestReadInput compares with OPA's own reading, over hand-picked and random documents.
func TestReadInput(t *testing.T) {
	texts := []string{
		`null`, `true`, `false`, `0`, `-1.5e+10`, ` 7 `, `12345678901234567890123`, `""`, `"a\"\\\u00e9\ud83d\udca5\ud83d x"`, "\"\xff\"",
		`{}`, `[]`, ` { } `, ` [ ] `, `{"a":1,"a":2}`, `{"a\u0062":[1,{"c":null}],"ab":""}`, "\n{\t\"a\" : [ 1 , 2 ] ,\r\n \"b\":{}}\n",
	}
	rng := rand.New(rand.NewPCG(3, 4))
	var random func(depth int) any
	random = func(depth int) any {
		switch rng.IntN(7 + depth) {
		case 0:
			return nil
		case 1:
			return rng.IntN(2) == 0
		case 2:
			return rng.NormFloat64()
		case 3:
			return rng.IntN(1000)
		case 4, 5:
			return string([]rune{'a' + rune(rng.IntN(3)), '"', '\\', 'é', '💥', 0x7f, '\n'}[:rng.IntN(8)])
		case 6:
			if depth > 5 {
				return "deep"
			}
			list := []any{}
			for range rng.IntN(5) {
				list = append(list, random(depth+1))
			}
			return list
		default:
			if depth > 5 {
				return "deep"
			}
			object := map[string]any{}
			for range rng.IntN(5) {
				object[strings.Repeat("k\"", rng.IntN(4))] = random(depth + 1)
			}
			return object
		}
	}
	for range 2000 {
		text, err := json.Marshal(random(0))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		var value any
		if err := util.UnmarshalJSON([]byte(text), &value); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		want, err := ast.InterfaceToValue(value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := readInput(json.RawMessage(text), "")
		if err != nil || got.Compare(want) != 0 || got.String() != want.String() {
			t.Fatalf("%q: %v, expected %v", text, got, want)
		}
	}
}

func BenchmarkReadInput(b *testing.B) {
	var commits []m
	for range 1000 {
		var files []m
		for range 20 {
			files = append(files, m{"path": "src/folder/file.ts", "status": "M"})
		}
		commits = append(commits, m{"sha": strings.Repeat("a", 40), "subject": "Do", "body": strings.Repeat("x", 1500), "trailers": []m{{"key": "AI-Model", "value": "m"}}, "files": files})
	}
	raw, err := json.Marshal(m{"commits": commits})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := readInput(raw, ""); err != nil {
			b.Fatal(err)
		}
	}
}
