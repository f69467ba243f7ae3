package main

import (
	"errors"
	"runtime"
	"sync"
)

// memo is a value that is computed when it is first asked for, once, however many ask at the same
// time. A computation that its own request ends is taken up again by the next who asks.
type memo[T any] struct {
	mu      sync.Mutex
	ready   bool
	value   T
	running chan struct{}
}

func (m *memo[T]) get(j *job, compute func() (T, error)) (T, error) {
	var none T
	for {
		m.mu.Lock()
		if m.ready {
			defer m.mu.Unlock()
			return m.value, nil
		}
		if m.running == nil {
			m.running = make(chan struct{})
			m.mu.Unlock()
			return m.run(compute)
		}
		running := m.running
		m.mu.Unlock()
		select {
		case <-running:
		case <-j.done:
			return none, j.err()
		}
	}
}

// peek is the value when it is known already.
func (m *memo[T]) peek() (T, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.value, m.ready
}

func (m *memo[T]) run(compute func() (T, error)) (value T, err error) {
	err = errors.New("the computation panicked")
	defer func() {
		m.mu.Lock()
		if err == nil {
			m.ready, m.value = true, value
		}
		close(m.running)
		m.running = nil
		m.mu.Unlock()
	}()
	return compute()
}

// memos are memo values by key.
type memos[K comparable, T any] struct {
	mu   sync.Mutex
	byID map[K]*memo[T]
}

// get is the key's value. When limit are kept already, all are forgotten: callers choose the keys, and one
// that never repeats a key must not fill the memory.
func (m *memos[K, T]) get(j *job, key K, limit int, compute func() (T, error)) (T, error) {
	m.mu.Lock()
	if m.byID == nil {
		m.byID = map[K]*memo[T]{}
	}
	v := m.byID[key]
	if v == nil {
		if len(m.byID) >= limit {
			clear(m.byID)
		}
		v = &memo[T]{}
		m.byID[key] = v
	}
	m.mu.Unlock()
	return v.get(j, compute)
}

// each calls f for 0 to n-1 on all processors, until the job is stopped.
func each(j *job, n int, f func(i int)) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed any
	for range workers {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					mu.Lock()
					failed = r
					mu.Unlock()
					for range next {
						continue // let the others' work be handed out
					}
				}
			}()
			for i := range next {
				f(i)
			}
		})
	}
	var err error
	for i := range n {
		if err = j.checkpoint(); err != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	if failed != nil {
		panic(failed) // where the request's own recovery sees it
	}
	return err
}
