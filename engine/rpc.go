package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// JSON-RPC's error codes, and those of protocol.ts.
const (
	codeParse            = -32700
	codeInvalidRequest   = -32600
	codeUnknownMethod    = -32601
	codeInvalidParams    = -32602
	codeInternal         = -32603
	codeUnknownWorkspace = -32001
	codeCompile          = -32002
	codeEvaluation       = -32003
	codeDeadline         = -32004
	codeLimit            = -32005
	codeCancelled        = -32800
)

// maxAbandoned is how many computations may go on unheard after their request was answered with
// a deadline or a cancellation. OPA's parser and compiler stop only where we can ask them to; a
// module that keeps them busy between those points for ever would eat a processor for ever.
var maxAbandoned int32 = 8

// exitAbandoned is the exit code when there are more (sysexits' EX_TEMPFAIL): the caller starts a new process.
const exitAbandoned = 75

// rpcError is an answer other than a result.
type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

func (e *rpcError) Error() string { return e.Message }

func errorf(code int, format string, args ...any) *rpcError {
	return &rpcError{Code: code, Message: fmt.Sprintf(format, args...)}
}

// compileError says that the policies do not compile.
func compileError(problems []Problem) *rpcError {
	message := "the policies do not compile"
	for _, p := range problems {
		if p.Severity == severityError {
			message += fmt.Sprintf(": %s:%d: %s", p.Path, p.Range.Start.Line+1, p.Message)
			break
		}
	}
	return &rpcError{Code: codeCompile, Message: message, Data: map[string]any{"problems": problems}}
}

// job is one request under way. It is OPA's topdown.Cancel as well, so that evaluation stops with it.
type job struct {
	engine  *engine
	stopped atomic.Bool
	once    sync.Once
	reason  *rpcError
	done    chan struct{}
	ctx     context.Context
	cancel  context.CancelFunc

	before *state
	after  *state // for changes of workspaces

	passing bool // goes over more modules than can be kept
}

// settle makes the state after the job known, when it is a change: unchanged if it came to nothing.
func (j *job) settle() {
	if j.after == nil {
		return
	}
	<-j.before.ready
	if j.after.workspaces == nil {
		j.after.workspaces = j.before.workspaces
	}
	close(j.after.ready)
}

func (e *engine) newJob() *job {
	j := &job{engine: e, done: make(chan struct{})}
	j.ctx, j.cancel = context.WithCancel(context.Background())
	return j
}

// stop ends the job with the error that its caller is told. Only the first call counts.
func (j *job) stop(reason *rpcError) {
	j.once.Do(func() {
		j.reason = reason
		j.stopped.Store(true)
		close(j.done)
		j.cancel()
	})
}

// commit makes the job's outcome certain: it is too late to stop it then. False when it has been stopped.
func (j *job) commit() bool {
	j.once.Do(func() {})
	return !j.stopped.Load()
}

// Cancel implements topdown.Cancel.
func (j *job) Cancel() { j.stop(errorf(codeCancelled, "the request was cancelled")) }

// Cancelled implements topdown.Cancel; evaluation asks it at every step.
func (j *job) Cancelled() bool {
	pause()
	return j.stopped.Load()
}

// err is non-nil when the job is to end now.
func (j *job) err() error {
	if j.Cancelled() && j.reason != nil {
		return j.reason
	}
	return nil
}

// checkpoint is err for stretches of work that ask rarely.
func (j *job) checkpoint() error {
	breathe()
	if j.stopped.Load() && j.reason != nil {
		return j.reason
	}
	return nil
}

type handler func(*engine, *job, json.RawMessage) (any, error)

// method makes a handler of a function with typed parameters.
func method[P, R any](f func(*engine, *job, *P) (R, error)) handler {
	return func(e *engine, j *job, raw json.RawMessage) (any, error) {
		params := new(P)
		if len(raw) > 0 && !bytes.Equal(raw, []byte("null")) {
			if err := json.Unmarshal(raw, params); err != nil {
				return nil, errorf(codeInvalidParams, "parameters: %v", err)
			}
		}
		return f(e, j, params)
	}
}

var methods map[string]handler

func init() {
	methods = map[string]handler{
		"workspace/open":   method((*engine).open),
		"workspace/update": method((*engine).update),
		"workspace/close":  method((*engine).closeWorkspace),
		"parse":            method((*engine).parse),
		"check":            method((*engine).check),
		"lint":             method((*engine).lint),
		"format":           method((*engine).format),
		"outline":          method((*engine).outline),
		"test":             method((*engine).test),
		"eval":             method((*engine).eval),
		"query":            method((*engine).query),
		"partial":          method((*engine).partial),
		"stages":           method((*engine).compilerStages),
		"compile":          method((*engine).compile),
		"plan":             method((*engine).plan),
		"capabilities":     method((*engine).capabilities),
		"version":          method((*engine).version),
	}
}

// engine is the whole state of a running engine.
type engine struct {
	send     func(message []byte)
	linters  linters
	ruleSets ruleSets

	mu   sync.Mutex
	jobs map[string]*job

	// state is after all changes of workspaces that have arrived. Only receive touches it.
	state *state
}

// state is all workspaces at one moment. Each change makes a new one, so that a request works on what
// arrived before it, however long the changes before it take and whatever comes after it.
type state struct {
	ready      chan struct{} // closed when workspaces is known
	workspaces map[string]*snapshot
}

func newEngine(send func(message []byte)) *engine {
	empty := &state{ready: make(chan struct{})}
	close(empty.ready)
	return &engine{send: send, jobs: map[string]*job{}, state: empty}
}

// close ends all requests under way.
func (e *engine) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, j := range e.jobs {
		j.Cancel()
	}
}

type message struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  *string         `json:"method"`
	Params  json.RawMessage `json:"params"`
}

// receive takes one message and returns without waiting for its answer.
func (e *engine) receive(raw []byte) {
	var m message
	if err := json.Unmarshal(raw, &m); err != nil {
		if json.Valid(raw) && bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("[")) {
			e.sendError(nil, codeInvalidRequest, "batches are not supported", nil)
			return
		}
		if json.Valid(raw) {
			e.sendError(nil, codeInvalidRequest, "not a JSON-RPC request: "+err.Error(), nil)
			return
		}
		e.sendError(nil, codeParse, "the message is not JSON: "+err.Error(), nil)
		return
	}
	if m.Method == nil || m.JSONRPC != "2.0" || !validID(m.ID) {
		id := m.ID
		if !validID(id) {
			id = nil
		}
		e.sendError(id, codeInvalidRequest, `not a JSON-RPC 2.0 request: "jsonrpc": "2.0", a string "method" and a string or number "id" are needed`, nil)
		return
	}
	if m.ID == nil {
		e.notified(*m.Method, m.Params)
		return
	}
	h, ok := methods[*m.Method]
	if !ok {
		e.sendError(m.ID, codeUnknownMethod, fmt.Sprintf("unknown method %q", *m.Method), nil)
		return
	}
	j := e.newJob()
	j.before = e.state
	if strings.HasPrefix(*m.Method, "workspace/") {
		j.after = &state{ready: make(chan struct{})}
		e.state = j.after
	}
	e.start(j, m.ID, h, m.Params)
}

func validID(id json.RawMessage) bool {
	return id == nil || id[0] == '"' || id[0] == '-' || id[0] >= '0' && id[0] <= '9'
}

func (e *engine) notified(method string, params json.RawMessage) {
	if method != "$/cancelRequest" {
		return
	}
	var p struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(params, &p) != nil {
		return
	}
	e.mu.Lock()
	j := e.jobs[string(p.ID)]
	e.mu.Unlock()
	if j != nil {
		j.Cancel()
	}
}

// start runs a request in a goroutine of its own and answers it when it has finished or its time is up,
// whichever comes first.
func (e *engine) start(j *job, id json.RawMessage, h handler, params json.RawMessage) {
	arrival := time.Now()
	key := string(id)
	e.mu.Lock()
	if _, taken := e.jobs[key]; taken {
		e.mu.Unlock()
		go j.settle()
		e.sendError(id, codeInvalidRequest, "a request with this id is under way", nil)
		return
	}
	e.jobs[key] = j
	e.mu.Unlock()

	type outcome struct {
		result []byte
		err    error
	}
	finished := make(chan outcome, 1)
	var answered atomic.Bool
	go func() {
		var o outcome
		defer func() {
			if r := recover(); r != nil {
				// The stack goes to the log; it names functions, not contents.
				fmt.Fprintf(os.Stderr, "countersign-engine: internal error: %v\n%s", r, debug.Stack())
				o = outcome{err: errorf(codeInternal, "internal error: %v", r)}
			}
			finished <- o
			if answered.Swap(true) {
				abandoned.Add(-1)
			}
		}()
		deadline, err := deadlineOf(params)
		if err != nil {
			o.err = err
			return
		}
		if deadline > 0 {
			t := time.AfterFunc(deadline-time.Since(arrival), func() {
				j.stop(errorf(codeDeadline, "the deadline of %d ms passed", deadline.Milliseconds()))
			})
			defer t.Stop()
		}
		select {
		case <-j.before.ready:
		case <-j.done:
			o.err = j.reason
			return
		}
		var result any
		if result, o.err = h(e, j, params); o.err == nil {
			if o.err = j.err(); o.err == nil {
				o.result, o.err = marshal(result)
			}
		}
	}()
	go func() {
		defer j.settle()
		var o outcome
		select {
		case o = <-finished:
		case <-j.done:
			o.err = j.reason
			if !answered.Swap(true) {
				abandon()
			}
		}
		e.mu.Lock()
		delete(e.jobs, key)
		e.mu.Unlock()
		j.stop(nil)
		j.cancel()
		if o.err == nil {
			e.sendResult(id, o.result)
			return
		}
		var re *rpcError
		if !errors.As(o.err, &re) {
			re = errorf(codeInternal, "%v", o.err)
		}
		e.sendError(id, re.Code, re.Message, re.Data)
	}()
}

// abandoned counts the computations that go on after their answer.
var abandoned atomic.Int32

// abandon counts one more, and gives the process up when there are too many.
func abandon() {
	if abandoned.Add(1) <= maxAbandoned {
		return
	}
	time.AfterFunc(2*time.Second, func() {
		if n := abandoned.Load(); n > maxAbandoned {
			fmt.Fprintf(os.Stderr, "countersign-engine: %d computations go on past their deadline; giving up\n", n)
			os.Exit(exitAbandoned)
		}
	})
}

// deadlineOf reads the option that every request may carry; zero stands for none.
func deadlineOf(params json.RawMessage) (time.Duration, error) {
	if !bytes.Contains(params, []byte(`"deadlineMs"`)) {
		return 0, nil
	}
	var p struct {
		DeadlineMs *float64 `json:"deadlineMs"`
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return 0, errorf(codeInvalidParams, "parameters: %v", err)
	}
	if p.DeadlineMs == nil {
		return 0, nil
	}
	return time.Duration(max(*p.DeadlineMs, 0)*float64(time.Millisecond)) + 1, nil
}

// marshal writes JSON without HTML's escapes.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

func (e *engine) sendResult(id json.RawMessage, result []byte) {
	out := make([]byte, 0, len(result)+len(id)+40)
	out = append(append(append(out, `{"jsonrpc":"2.0","id":`...), id...), `,"result":`...)
	out = append(append(out, result...), '}')
	e.send(out)
}

func (e *engine) sendError(id json.RawMessage, code int, text string, data any) {
	if id == nil {
		id = json.RawMessage("null")
	}
	out, err := marshal(map[string]any{"jsonrpc": "2.0", "id": id, "error": &rpcError{code, text, data}})
	if err != nil {
		out, _ = marshal(map[string]any{"jsonrpc": "2.0", "id": id, "error": &rpcError{Code: codeInternal, Message: err.Error()}})
	}
	e.send(out)
}

func (e *engine) notify(method string, params any) {
	out, err := marshal(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
	if err == nil {
		e.send(out)
	}
}
