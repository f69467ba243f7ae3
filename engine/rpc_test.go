package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

func init() { maxAbandoned = 1000 } // hostile modules go on; the tests' process is to outlive them

func TestMalformedMessages(t *testing.T) {
	c := newClient(t)
	for _, tc := range []struct {
		message string
		code    int
	}{
		{`{`, codeParse},
		{``, codeParse},
		{`   `, codeParse},
		{"\x00\xff", codeParse},
		{`[]`, codeInvalidRequest},
		{`[{"jsonrpc":"2.0","id":"b","method":"version"}]`, codeInvalidRequest},
		{`3`, codeInvalidRequest},
		{`{}`, codeInvalidRequest},
		{`{"jsonrpc":"2.0","id":"b"}`, codeInvalidRequest},
		{`{"jsonrpc":"1.0","id":"b","method":"version"}`, codeInvalidRequest},
		{`{"jsonrpc":"2.0","id":{},"method":"version"}`, codeInvalidRequest},
		{`{"jsonrpc":"2.0","id":"b","method":7}`, codeInvalidRequest},
		{`{"jsonrpc":"2.0","id":"b","method":"rm -rf"}`, codeUnknownMethod},
		{`{"jsonrpc":"2.0","id":"b","method":"check","params":[]}`, codeInvalidParams},
		{`{"jsonrpc":"2.0","id":"b","method":"check","params":{"workspace":7}}`, codeInvalidParams},
		{`{"jsonrpc":"2.0","id":"b","method":"version","params":{"deadlineMs":"soon"}}`, codeInvalidParams},
		{`{"jsonrpc":"2.0","id":"b","method":"workspace/open","params":{}}`, codeInvalidParams},
		{`{"jsonrpc":"2.0","id":"b","method":"workspace/open","params":{"workspace":"w","regoVersion":"v9"}}`, codeInvalidParams},
		{`{"jsonrpc":"2.0","id":"b","method":"workspace/open","params":{"workspace":"w","files":[{"path":"a","kind":"b","text":""}]}}`, codeInvalidParams},
		{`{"jsonrpc":"2.0","id":"b","method":"workspace/open","params":{"workspace":"w","files":[{"path":"","kind":"module","text":""}]}}`, codeInvalidParams},
		{`{"jsonrpc":"2.0","id":"b","method":"workspace/open","params":{"workspace":"w","capabilities":7}}`, codeInvalidParams},
		{`{"jsonrpc":"2.0","id":"b","method":"check","params":{"workspace":"none"}}`, codeUnknownWorkspace},
		{`{"jsonrpc":"2.0","id":"b","method":"workspace/close","params":{"workspace":"none"}}`, codeUnknownWorkspace},
	} {
		r := c.raw(tc.message)
		if r.Error == nil || r.Error.Code != tc.code {
			t.Errorf("%q: %+v, expected error %d", tc.message, r.Error, tc.code)
		}
	}
	// Notifications are not answered, whatever they are; the engine goes on.
	c.write(`{"jsonrpc":"2.0","method":"nonsense"}`)
	c.write(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":999}}`)
	c.write(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":7}`)
	if v := get[versionResult](c, "version", m{}); v.Build != "native" {
		t.Errorf("%+v", v)
	}
}

func TestFraming(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want string // of the error; empty for an orderly end
	}{
		{"", ""},
		{"Content-Length: 2\r\n\r\n{}", ""},
		{"content-length:2\r\nContent-Type: x\r\n\r\n{}", ""},
		{"Content-Length: 2\n\n{}", ""},
		{"Content-Length: 5\r\n\r\n{}", "ended within a message"},
		{"Content-Length: 5\r\n", "ended within a header"},
		{"Content-Length", "ended within a header"},
		{"{\"jsonrpc\":\"2.0\"}\n", "no header line"},
		{"hello\r\n\r\n", "no header line"},
		{"X: 1\r\n\r\n", "no Content-Length"},
		{"Content-Length: -1\r\n\r\n", "not a number"},
		{"Content-Length: 99999999999999\r\n\r\n", "not a number"},
		{"Content-Length: x\r\n\r\n", "not a number"},
		{strings.Repeat("a", 100_000), "64 KB"},
	} {
		r := bufio.NewReaderSize(strings.NewReader(tc.in), 64<<10)
		var err error
		for err == nil {
			_, err = readFrame(r)
		}
		if tc.want == "" {
			if !errors.Is(err, io.EOF) {
				t.Errorf("%q: %v", tc.in, err)
			}
		} else if !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: %v, expected %q", tc.in, err, tc.want)
		}
	}
	if err := serve(strings.NewReader("nonsense\r\n\r\n"), io.Discard); err == nil {
		t.Error("a broken stream was taken for an orderly end")
	}
}

const endless = `package slow

f(x) := y if { y := x }
p contains x if {
	some a in numbers.range(1, 100000)
	some b in numbers.range(1, 100000)
	f(a) == f(b)
	x := a + b
	x < 0
}
test_slow if { p == {1} }
`

// soon is far more than any of these take, and far less than what is endless.
const soon = 10 * time.Second

func TestDeadlineStopsEvaluation(t *testing.T) {
	before := abandoned.Load() // by other tests
	c := newClient(t)
	c.open(module("slow.rego", endless))
	for _, tc := range []struct {
		method string
		params m
	}{
		{"eval", m{"workspace": "w", "query": "data.slow.p", "deadlineMs": 100}},
		{"eval", m{"workspace": "w", "query": "data.slow.p", "timeoutMs": 100}},
		{"test", m{"workspace": "w", "deadlineMs": 100, "timeoutMs": 60000}},
	} {
		start := time.Now()
		c.fails(codeDeadline, tc.method, tc.params)
		if took := time.Since(start); took > soon {
			t.Errorf("%s: stopped after %v", tc.method, took)
		}
	}
	// Nothing that was stopped goes on: the engine's processors are free.
	deadline := time.Now().Add(soon)
	for abandoned.Load() > before && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if n := abandoned.Load(); n > before {
		t.Errorf("%d computations go on", n)
	}
	r := get[testRunResult](c, "test", m{"workspace": "w", "timeoutMs": 100})
	if len(r.Tests) != 1 || r.Tests[0].Outcome != outcomeError || !strings.Contains(r.Tests[0].Error, "100 ms") {
		t.Errorf("%+v", r.Tests)
	}
}

func TestCancellation(t *testing.T) {
	c := newClient(t)
	c.open(module("slow.rego", endless))
	for _, method := range []string{"eval", "test"} {
		id, ch := c.send(method, m{"workspace": "w", "query": "data.slow.p", "timeoutMs": 60000})
		// Requests that come later are answered while it runs.
		get[versionResult](c, "version", m{})
		get[outlineResult](c, "outline", m{"workspace": "w"})
		c.write(fmt.Sprintf(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":%d}}`, id))
		if r := c.await(ch); r.Error == nil || r.Error.Code != codeCancelled {
			t.Errorf("%s: %+v", method, r)
		}
	}
}

func TestTakenID(t *testing.T) {
	c := newClient(t)
	c.open(module("slow.rego", endless))
	c.write(`{"jsonrpc":"2.0","id":"x","method":"eval","params":{"workspace":"w","query":"data.slow.p"}}`)
	if r := c.raw(`{"jsonrpc":"2.0","id":"x","method":"version"}`); r.Error == nil || r.Error.Code != codeInvalidRequest {
		t.Errorf("%+v", r)
	}
}

func TestEndOfInputEndsTheProgram(t *testing.T) {
	c := newClient(t)
	c.open(module("slow.rego", endless))
	c.send("eval", m{"workspace": "w", "query": "data.slow.p"})
	_ = c.in.Close()
	select {
	case err := <-c.served:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(soon):
		t.Error("it goes on")
	}
}

func TestRequestsSeeEarlierChanges(t *testing.T) {
	c := newClient(t)
	c.open(module("a.rego", "package a\nx := 0\n"))
	var answers []chan reply
	for i := 1; i <= 50; i++ {
		c.send("workspace/update", m{"workspace": "w", "changed": []m{module("a.rego", fmt.Sprintf("package a\nx := %d\n", i))}})
		_, ch := c.send("eval", m{"workspace": "w", "query": "data.a.x"})
		answers = append(answers, ch)
	}
	for i, ch := range answers {
		r := c.await(ch)
		if want := fmt.Sprintf(`"value":%d`, i+1); !strings.Contains(string(r.Result), want) {
			t.Fatalf("%s: expected %s", r.Result, want)
		}
	}
}

func TestVersion(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	v := versions()
	for name, version := range map[string]string{"opa": v.OPA, "regal": v.Regal} {
		if !regexp.MustCompile(`open-policy-agent/` + name + ` v` + regexp.QuoteMeta(version) + `\n`).Match(mod) {
			t.Errorf("go.mod does not require %s %s", name, version)
		}
	}
}

// Cancelled while it waits for what came before it, a request is still answered with whole JSON.
func TestCancelledWhileWaiting(t *testing.T) {
	c := newClient(t)
	text := "package p\n" + strings.Repeat("allow if input.x == [1, 2, 3]\n", 500)
	for range 50 {
		c.send("workspace/open", m{"workspace": "w", "files": []m{{"path": "p.rego", "kind": "module", "text": text}}})
		id, waiting := c.send("check", m{"workspace": "w"})
		c.write(fmt.Sprintf(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":%d}}`, id))
		if r := c.await(waiting); r.Error == nil && len(r.Result) == 0 {
			t.Fatal("neither a result nor an error")
		}
	}
}
