/** Damaged modules of the corpus. */
import type { Module } from './corpus.ts';
import { damage, randomFrom } from './damage.ts';

/** `count` modules, each one of the corpus with one to three random edits; the same for the same seed. */
export function damagedModules(modules: Module[], seed: number, count: number): Module[] {
  const random = randomFrom(seed);
  const damaged: Module[] = [];
  while (damaged.length < count) {
    const { name, text, version } = modules[Math.floor(random() * modules.length)]!;
    if (text.length > 20_000) {
      continue;
    }
    let broken = text;
    for (let edits = 1 + Math.floor(random() * 3); edits > 0; edits--) {
      broken = damage(broken, random).text;
    }
    damaged.push({ name: `${name}~${damaged.length}`, text: broken, version });
  }
  return damaged;
}
