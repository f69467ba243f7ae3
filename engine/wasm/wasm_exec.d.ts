/** The Go runtime's glue for JavaScript, as Go ships it; defines `globalThis.Go`. */
export {};
