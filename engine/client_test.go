package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// client speaks to an engine as any caller does: framed JSON-RPC over a pair of pipes.
type client struct {
	t      *testing.T
	in     io.WriteCloser
	served chan error

	mu      sync.Mutex
	lastID  int
	waiting map[string]chan reply
	notes   []reply
}

type reply struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	} `json:"error"`
}

func newClient(t *testing.T) *client {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	c := &client{t: t, in: inW, served: make(chan error, 1), waiting: map[string]chan reply{}}
	go func() {
		err := serve(inR, outW)
		_ = outW.Close()
		c.served <- err
	}()
	go c.read(bufio.NewReader(outR))
	t.Cleanup(func() { _ = inW.Close() })
	return c
}

func (c *client) read(r *bufio.Reader) {
	for {
		message, err := readFrame(r)
		if err != nil {
			return
		}
		var m reply
		if err := json.Unmarshal(message, &m); err != nil {
			panic(err)
		}
		c.mu.Lock()
		ch := c.waiting[string(m.ID)]
		delete(c.waiting, string(m.ID))
		if ch == nil {
			c.notes = append(c.notes, m)
		}
		c.mu.Unlock()
		if ch != nil {
			ch <- m
		}
	}
}

func (c *client) write(message string) {
	if _, err := fmt.Fprintf(c.in, "Content-Length: %d\r\n\r\n%s", len(message), message); err != nil {
		c.t.Errorf("writing: %v", err)
	}
}

// send sends a request and answers its id and where its reply will come.
func (c *client) send(method string, params any) (int, chan reply) {
	raw, err := json.Marshal(params)
	if err != nil {
		panic(err)
	}
	ch := make(chan reply, 1)
	c.mu.Lock()
	c.lastID++
	id := c.lastID
	c.waiting[fmt.Sprint(id)] = ch
	c.mu.Unlock()
	c.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, id, method, raw))
	return id, ch
}

func (c *client) await(ch chan reply) reply {
	c.t.Helper()
	select {
	case r := <-ch:
		return r
	case <-time.After(60 * time.Second):
		c.t.Fatal("no answer")
		panic("unreachable")
	}
}

func (c *client) call(method string, params any) reply {
	c.t.Helper()
	_, ch := c.send(method, params)
	return c.await(ch)
}

// get calls and reads the result; an error fails the test.
func get[R any](c *client, method string, params any) R {
	c.t.Helper()
	r := c.call(method, params)
	if r.Error != nil {
		c.t.Fatalf("%s: error %d: %s %s", method, r.Error.Code, r.Error.Message, r.Error.Data)
	}
	var out R
	if err := json.Unmarshal(r.Result, &out); err != nil {
		c.t.Fatalf("%s: %v in %s", method, err, r.Result)
	}
	return out
}

// fails calls and expects an error of this code.
func (c *client) fails(code int, method string, params any) reply {
	c.t.Helper()
	r := c.call(method, params)
	if r.Error == nil {
		c.t.Fatalf("%s: a result where error %d was expected: %.300s", method, code, r.Result)
	}
	if r.Error.Code != code {
		c.t.Fatalf("%s: error %d (%s) where %d was expected", method, r.Error.Code, r.Error.Message, code)
	}
	return r
}

// raw sends a text as a message and answers the next reply that belongs to no request.
func (c *client) raw(message string) reply {
	c.t.Helper()
	c.mu.Lock()
	seen := len(c.notes)
	c.mu.Unlock()
	c.write(message)
	for range 6000 {
		c.mu.Lock()
		if len(c.notes) > seen {
			defer c.mu.Unlock()
			return c.notes[seen]
		}
		c.mu.Unlock()
		time.Sleep(10 * time.Millisecond)
	}
	c.t.Fatal("no answer")
	panic(errors.New("unreachable"))
}

type m map[string]any

func module(path, text string) m { return m{"path": path, "kind": kindModule, "text": text} }
func data(path, text string) m   { return m{"path": path, "kind": kindData, "text": text} }

func (c *client) open(files ...m) []Problem {
	c.t.Helper()
	return get[workspaceResult](c, "workspace/open", m{"workspace": "w", "files": files}).Problems
}

// marked takes «…» out of a text and answers the ranges that were marked.
func marked(text string) (string, []Range) {
	var ranges []Range
	var plain strings.Builder
	var starts []int
	type span struct{ start, end int }
	var spans []span
	for _, r := range text {
		switch r {
		case '«':
			starts = append(starts, plain.Len())
		case '»':
			spans = append(spans, span{starts[len(starts)-1], plain.Len()})
			starts = starts[:len(starts)-1]
		default:
			plain.WriteRune(r)
		}
	}
	src := newSource(plain.String())
	for _, s := range spans {
		ranges = append(ranges, src.span(s.start, s.end))
	}
	return plain.String(), ranges
}
