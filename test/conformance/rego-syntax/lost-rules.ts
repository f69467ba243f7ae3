/** What damage in one rule does to the others. */
import { parse } from '../../../server/rego/syntax/parse.ts';
import { T } from '../../../server/rego/syntax/tokens.ts';
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
 * Damages `count` modules, each with one edit within one rule, and looks in the damaged tree for all the rules that
 * the damage does not touch: those on other lines that stand no deeper than the damaged rule, as what is deeper may go
 * on with it. A raw string may reach over what follows, so no edit makes one or takes one away.
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
    if (damaged === undefined) continue;
    const broken = parse(text, { version: module.version });
    if (rawText(broken) !== rawText(tree)) continue;
    // An unfinished `x :=` may go on in the next line, and take a name with it: for OPA, too, nothing is wrong then.
    if (parse(text, { version: module.version, annotations: false }).errors.length === 0) continue;
    loss.tried++;
    const after = new Map(rulesOf(broken).map((rule) => [rule.start, rule]));
    for (const rule of rules) {
      if (rule === damaged || mayTouch(module.text, rule, damaged)) continue;
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

/** How many backquotes the code has, and what stands between them. */
function rawText({ text, comments, tokens: { kinds, starts, ends, count } }: Tree): string {
  const within = comments.map(({ start, end }) => text.slice(start, end)).join('');
  let raw = `${text.split('`').length - within.split('`').length}`;
  for (let at = 0; at < count; at++) if (kinds[at] === T.rawString) raw += text.slice(starts[at], ends[at]);
  return raw;
}

function mayTouch(text: string, rule: Rule, damaged: Rule): boolean {
  const [first, second] = rule.start < damaged.start ? [rule, damaged] : [damaged, rule];
  return !text.slice(first.end, second.start).includes('\n') || columnOf(text, rule) > columnOf(text, damaged);
}

function columnOf(text: string, { start }: Rule): number {
  return start - text.lastIndexOf('\n', start - 1);
}
