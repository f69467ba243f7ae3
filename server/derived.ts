import { attached } from './attached.ts';

/** Makes a function of an immutable object whose result is kept for as long as that object is. */
export function derived<K extends object, V>(make: (from: K) => V): (from: K) => V {
  const kept = attached<K, { value: V }>();
  return (from) => {
    let entry = kept.get(from);
    if (!entry) {
      entry = { value: make(from) };
      kept.set(from, entry);
    }
    return entry.value;
  };
}
