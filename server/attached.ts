/**
 * What is known of an object, kept with it for as long as it lives. A WeakMap would do the same, but V8's scavenger
 * takes all values of one for alive (ScavengeVisitor::VisitEphemeronHashTable): all that was derived from a text would
 * be copied when it is typed over, and stay until the next full collection, which a keystroke then waits for.
 */
export interface Attached<K extends object, V> {
  get(of: K): V | undefined;
  set(of: K, value: V): void;
  has(of: K): boolean;
}

interface Note {
  readonly by: object;
  value: unknown;
  readonly next: Note | undefined;
}

/** A constructor that returns its argument gives the fields of its subclasses to that object. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what it is for
    return object;
  }
}

/** A private field on objects of others: nobody else sees it, frozen ones can have it, and copies do not. */
class Noted extends Given {
  #notes: Note | undefined;

  static find(object: object, by: object): Note | undefined {
    let note = #notes in object ? object.#notes : undefined;
    while (note && note.by !== by) note = note.next;
    return note;
  }

  static add(object: object, by: object, value: unknown): void {
    const noted = #notes in object ? object : (new Noted(object) as Noted);
    noted.#notes = { by, value, next: noted.#notes };
  }
}

export function attached<K extends object, V>(): Attached<K, V> {
  const by = {};
  return {
    get: (of) => Noted.find(of, by)?.value as V | undefined,
    set: (of, value) => {
      const note = Noted.find(of, by);
      if (note) note.value = value;
      else Noted.add(of, by, value);
    },
    has: (of) => Noted.find(of, by) !== undefined,
  };
}
