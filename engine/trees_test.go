package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestTreesKept looks inside: what is kept shows in nothing but memory and time.
func TestTreesKept(t *testing.T) {
	answers := make(chan []byte, 1)
	e := newEngine(func(message []byte) { answers <- message })
	id := 0
	call := func(method string, params m) {
		t.Helper()
		params["workspace"] = "w"
		raw, err := json.Marshal(params)
		if err != nil {
			t.Fatal(err)
		}
		id++
		e.receive(fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, id, method, raw))
		if answer := string(<-answers); !strings.Contains(answer, `"result"`) {
			t.Fatal(answer)
		}
	}
	const count, typed = 40, "m1.rego"
	filler := strings.Repeat("# "+strings.Repeat("x", 117)+"\n", treesKept/120/(count/2))
	var files []m
	for i := range count {
		files = append(files, module(fmt.Sprintf("m%d.rego", i), fmt.Sprintf("package m%d\n\nx := data.m%d.x\n\n%s", i, max(0, i-1), filler)))
	}
	call("workspace/open", m{"editing": true, "files": files})
	s := func() *snapshot { return e.state.workspaces["w"] }
	has := func(path string) bool { return s().files[path].tree.module != nil }
	for turn := range 2 * count {
		call("workspace/update", m{"changed": []m{module(typed, fmt.Sprintf("package m1\n\nx := %d\n\n%s", turn, filler))}})
		call("check", m{"paths": []string{typed}})
	}
	if size := s().trees.asked.size; !has(typed) || size > 2*len(s().files[typed].Text) {
		t.Errorf("%d bytes of text are kept for earlier texts of one module", size)
	}
	call("check", m{})
	kept := 0
	for path, f := range s().files {
		if has(path) {
			kept += len(f.Text)
		}
	}
	if most := passingKept + 2*len(filler); !has(typed) || kept > most {
		t.Errorf("after all were checked, %d bytes of text are kept, expected %d at most", kept, most)
	}
	for i := range count {
		call("check", m{"paths": []string{fmt.Sprintf("m%d.rego", i)}})
	}
	if size := s().trees.asked.size; size > treesKept || size < treesKept/2 {
		t.Errorf("%d bytes of text are kept of those that were asked for", size)
	}
}
