/** The names in a module: what it declares, and every place that refers to something. */
import type { Import, MetadataPath, Rule, Span, Tree } from '../syntax/tree.ts';

/** One name of a reference as it stands in the text; of a string in brackets, what is between the quotes. */
export interface Segment extends Span {
  readonly name: string;
}

export interface ImportName {
  readonly node: Import;
  /** With its root: `data`, `input`, `rego` or `future`. */
  readonly path: readonly Segment[];
  readonly alias: Segment | undefined;
  /** By which the module refers to it; undefined for `rego.v1` and `future.keywords`. */
  readonly name: string | undefined;
}

/** One of the definitions of a rule. */
export interface RuleName {
  readonly node: Rule;
  /** Below the package, as far as it is the same for all values: `p.q` of `p.q[x]`. */
  readonly path: readonly Segment[];
  readonly kind: 'default' | 'function' | 'set' | 'rule';
}

/** A variable of a rule: an argument, or declared, or made by its first use. */
export interface Local {
  readonly name: string;
  readonly kind: 'argument' | 'some' | 'every' | 'assigned' | 'implicit';
  /** In the order in which they were found; the first declares it. */
  readonly spans: readonly Span[];
  /** Where it can be seen. */
  readonly scope: Span;
}

/** A reference, up to its first part that is not a constant. */
export interface Use {
  /** The first is a variable. */
  readonly segments: readonly Segment[];
  /** What a call calls. */
  readonly called: boolean;
  /** The variable it is, if no rule, import or built-in has its name. */
  readonly local: Local;
}

/** A reference in METADATA. */
export interface MetadataName {
  readonly node: MetadataPath;
  /** As far as it is constant. With its root, `data` or `input`; without one it is of the package. */
  readonly path: readonly Segment[];
}

export interface ModuleNames {
  readonly tree: Tree;
  /** Without `data`. */
  readonly package: readonly Segment[];
  readonly imports: readonly ImportName[];
  readonly rules: readonly RuleName[];
  /** In the order of the text. */
  readonly uses: readonly Use[];
  readonly locals: readonly Local[];
  readonly inMetadata: readonly MetadataName[];
}

/** Whether a variable is one by a declaration, which no rule or import of the name can take from it. */
export function isDeclared({ kind }: Local): boolean {
  return kind !== 'implicit';
}
