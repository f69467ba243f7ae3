//go:build js

// Command countersign-engine is Countersign's policy engine: OPA and the Regal linter behind
// JSON-RPC 2.0. This build runs in a worker; see README.md for its seam with the host.
package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall/js"
	"time"
)

// slice is how long Go computes before it gives the host's event loop a turn: short enough that a
// deadline or a cancellation is met within a small part of the 200 ms that are promised.
const slice = 25 * time.Millisecond

var (
	resumed   = time.Now()
	polls     int
	hostYield js.Value
)

func main() {
	boundGarbage()
	global := js.Global()
	send := global.Get("countersignSend")
	e := newEngine(func(message []byte) { send.Invoke(string(message)) })
	hostYield = global.Get("countersignYield")
	if hostYield.Type() != js.TypeFunction {
		hostYield = global.Get("setTimeout")
	}
	global.Set("countersignReceive", js.FuncOf(func(_ js.Value, args []js.Value) any {
		message := []byte(args[0].String())
		e.receive(message)
		return nil
	}))
	if ready := global.Get("countersignReady"); ready.Type() == js.TypeFunction {
		ready.Invoke()
	}
	select {}
}

const (
	// roomForGarbage is how many bytes of it may gather where little is in use: a small heap that is collected seldom
	// compiles 1.6 times faster. A WebAssembly memory never shrinks, so that a large one gets no more than it holds.
	roomForGarbage = 64 << 20
	mostGarbage    = 400
	leastGarbage   = 100
)

// treesKept is how much text may have its trees kept, in bytes: Regal's bundle. The one thread looks through all of
// them at each collection, which takes longer than reading some of them again.
const treesKept = 768 << 10

// boundGarbage decides after each collection how much may gather before the next one, in percent of what is in use.
func boundGarbage() {
	debug.SetGCPercent(mostGarbage)
	inUse := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	type mark struct{ _ [16]byte }
	var collected func(*mark)
	collected = func(m *mark) {
		metrics.Read(inUse)
		percent := roomForGarbage * 100 / max(1, inUse[0].Value.Uint64())
		debug.SetGCPercent(int(min(mostGarbage, max(leastGarbage, percent))))
		runtime.SetFinalizer(m, collected)
	}
	runtime.SetFinalizer(new(mark), collected)
}

// pause gives the event loop a turn when this stretch of computing has lasted long enough: messages
// (cancellations among them) come in, timers fire, and other requests go on. Looking at the clock
// crosses into JavaScript, so only every so many calls do it.
func pause() {
	polls++
	if polls&7 != 0 {
		return
	}
	breathe()
}

// breathe is pause for callers that call it rarely.
func breathe() {
	if time.Since(resumed) >= slice {
		yield()
	}
}

// yield returns to the event loop once. Several goroutines may be paused at a time; each has its own turn.
func yield() {
	done := make(chan struct{})
	var f js.Func
	f = js.FuncOf(func(js.Value, []js.Value) any {
		f.Release()
		resumed = time.Now()
		close(done)
		return nil
	})
	hostYield.Invoke(f, 0)
	<-done
}
