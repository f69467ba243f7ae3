/** A definition of a rule, and where it stands. */
import type { Module } from './modules.ts';
import type { RuleName } from './names.ts';
import type { RuleOutline } from './outline.ts';

export interface Definition {
  readonly module: Module;
  readonly outline: RuleOutline;
  /** With its syntax: the module is parsed again where its tree is not at hand. */
  readonly rule: RuleName;
}

/** There are as many as there are rules: two fields each, and the rest when it is asked for. */
class RuleAt implements Definition {
  readonly module: Module;
  readonly #at: number;

  constructor(module: Module, at: number) {
    this.module = module;
    this.#at = at;
  }

  get outline(): RuleOutline {
    return this.module.outline.rules[this.#at] as RuleOutline;
  }

  get rule(): RuleName {
    return this.module.names.rules[this.#at] as RuleName;
  }
}

/** @param at its place among the rules of the module */
export function definitionAt(module: Module, at: number): Definition {
  return new RuleAt(module, at);
}

/** The path of a rule from `data` on. */
export function rulePath(
  one: Pick<Definition, 'module'> & (Pick<Definition, 'outline'> | Pick<Definition, 'rule'>),
): string[] {
  const path = 'outline' in one ? one.outline.path : one.rule.path.map(({ name }) => name);
  return [...one.module.package, ...path];
}
