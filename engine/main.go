//go:build !js

// Command countersign-engine is Countersign's policy engine: OPA and the Regal linter behind
// JSON-RPC 2.0. This build speaks over stdio with the Language Server Protocol's framing; the
// methods are those of protocol.ts.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// maxMessage bounds one message: more than any real workspace, less than the memory of a small machine.
	maxMessage = 512 << 20
	// exitFraming is the exit code when the stream cannot be read any further (sysexits' EX_PROTOCOL).
	exitFraming = 76
	// rest is how long nobody has asked anything when memory is given back: collecting it takes a twentieth of a second.
	rest = 10 * time.Second
)

// treesKept is how much text may have its trees kept, in bytes.
const treesKept = 2 << 20

func main() {
	if len(os.Args) > 1 {
		if len(os.Args) == 2 && os.Args[1] == "--version" {
			v := versions()
			fmt.Printf("countersign-engine %s (opa %s, regal %s, %s)\n", v.Engine, v.OPA, v.Regal, v.Go)
			return
		}
		fmt.Fprintln(os.Stderr, "usage: countersign-engine [--version]; without arguments it answers JSON-RPC 2.0 on stdin and stdout")
		os.Exit(2)
	}
	// More garbage between collections buys a third of the time of a compilation; the memory limit
	// keeps that from adding up in a server that stays open all day.
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(300)
	}
	debug.SetMemoryLimit(768 << 20)
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "countersign-engine:", err)
		os.Exit(exitFraming)
	}
}

// serve answers requests until the input ends; an error means that the stream cannot be followed any further.
func serve(in io.Reader, out io.Writer) error {
	var mu sync.Mutex
	e := newEngine(func(message []byte) {
		frame := make([]byte, 0, len(message)+32)
		frame = append(frame, "Content-Length: "...)
		frame = strconv.AppendInt(frame, int64(len(message)), 10)
		frame = append(append(frame, "\r\n\r\n"...), message...)
		mu.Lock()
		defer mu.Unlock()
		// A caller that went away shows as the end of the input; there is nobody to tell here.
		_, _ = out.Write(frame)
	})
	defer e.close()
	r := bufio.NewReaderSize(in, 64<<10)
	idle := time.AfterFunc(rest, debug.FreeOSMemory)
	defer idle.Stop()
	for {
		message, err := readFrame(r)
		idle.Reset(rest)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			e.sendError(nil, codeParse, err.Error(), nil)
			return err
		}
		e.receive(message)
	}
}

// readFrame reads one message. io.EOF stands for an end between messages.
func readFrame(r *bufio.Reader) ([]byte, error) {
	length := -1
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			if errors.Is(err, io.EOF) && first && len(line) == 0 {
				return nil, io.EOF
			}
			if errors.Is(err, bufio.ErrBufferFull) {
				return nil, errors.New("framing: a header line of more than 64 KB")
			}
			return nil, fmt.Errorf("framing: the stream ended within a header: %w", noEOF(err))
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, ok := strings.Cut(string(line), ":")
		if !ok || strings.ContainsAny(name, "{[\" ") {
			return nil, errors.New("framing: no header line; a message begins with Content-Length: N and an empty line")
		}
		if strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			n, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil || n < 0 || n > maxMessage {
				return nil, fmt.Errorf("framing: Content-Length is not a number from 0 to %d", maxMessage)
			}
			length = n
		}
	}
	if length < 0 {
		return nil, errors.New("framing: no Content-Length header")
	}
	message := make([]byte, length)
	if _, err := io.ReadFull(r, message); err != nil {
		return nil, fmt.Errorf("framing: the stream ended within a message: %w", noEOF(err))
	}
	return message, nil
}

// noEOF keeps an end in the middle of a message from being taken for an orderly one.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// pause and breathe let others run; native threads need no help.
func pause()   {}
func breathe() {}
