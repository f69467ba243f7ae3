/** What damage in one rule does to the others. */
import { parse } from '../../../server/rego/syntax/parse.ts';
import type { Rule, Tree } from '../../../server/rego/syntax/tree.ts';
import type { Module } from './corpus.ts';
import { damage, randomFrom } from './damage.ts';

export interface Loss {
  /** Damaged modules. */
  tried: number;
  /** Rules that are the same after the damage as before. */
  kept: number;
  /** Those that are not, in words. */
  lost: string[];
}

/**
 * Damages `count` modules, each with one edit within one rule, and looks for all its other rules in the damaged tree.
 * A backquote or a template string may reach over what follows, so no edit adds or removes a backquote.
 */
export function lostRules(modules: Module[], seed: number, count: number): Loss {
  const random = randomFrom(seed);
  const loss: Loss = { tried: 0, kept: 0, lost: [] };
  const trees = new Map<Module, Tree>();
  for (let attempts = 0; loss.tried < count && attempts < count * 20; attempts++) {
    const module = modules[Math.floor(random() * modules.length)]!;
    const tree = trees.get(module) ?? parse(module.text, { version: module.version });
    trees.set(module, tree);
    const rules = rulesOf(tree);
    if (rules.length < 2) continue;
    const { text, what, start, oldEnd, newEnd } = damage(module.text, random);
    const damaged = rules.find((rule) => rule.start < start && oldEnd <= rule.end && start < rule.end);
    if (damaged === undefined || backquotes(module.text, start, oldEnd) !== backquotes(text, start, newEnd)) continue;
    const broken = parse(text, { version: module.version });
    // An unfinished `x :=` may go on in the next line, and take a name with it: for OPA, too, nothing is wrong then.
    if (broken.errors.length === 0) continue;
    loss.tried++;
    const after = new Map(rulesOf(broken).map((rule) => [rule.start, rule]));
    for (const rule of rules) {
      if (rule === damaged) continue;
      const shift = rule.start < start ? 0 : newEnd - oldEnd;
      const found = after.get(rule.start + shift);
      if (found !== undefined && shapeOf(found) === shapeOf(rule)) {
        loss.kept++;
      } else {
        const lines = text.slice(damaged.start, damaged.end + newEnd - oldEnd);
        loss.lost.push(
          `${module.name}: ${what} ${JSON.stringify(text.slice(start, newEnd))} in ${JSON.stringify(lines)} takes ` +
            `${JSON.stringify(module.text.slice(rule.start, rule.end))}`,
        );
      }
    }
  }
  return loss;
}

function rulesOf(tree: Tree): Rule[] {
  return tree.root.items.filter((item) => item.kind === 'rule');
}

/** A rule's subtree with offsets that count from its start. */
function shapeOf(rule: Rule): string {
  return JSON.stringify(rule, (key, value) =>
    key === 'start' || key === 'end' || key === 'nameStart' ? (value as number) - rule.start : value,
  );
}

function backquotes(text: string, start: number, end: number): number {
  return text.slice(start, end).split('`').length;
}
