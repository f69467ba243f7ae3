/** OPA's real built-ins, and what is typed at a cursor. */
import { startEngine } from '../../../../engine/start.ts';
import { type Builtin, builtinsOf } from '../../../../server/rego/builtins.ts';
import { modulesOf } from '../../../../server/rego/names/modules.ts';
import { offsetAt } from '../../../../server/rego/places.ts';
import { typedAt } from '../../../../server/rego/types/at.ts';
import { inferring } from '../../../../server/rego/types/infer.ts';
import { showType } from '../../../../server/rego/types/show.ts';
import type { Root } from '../../../../server/snapshot.ts';
import { type Fixture, fixture } from '../rego-support.ts';

export const engine = await startEngine();

export const builtins: ReadonlyMap<string, Builtin> = await builtinsOf({
  root: () => Promise.reject(new Error('not asked here')),
  plain: (method, params) => engine.call(method, params),
});

/** What is at the cursor, as it is shown; undefined where nothing is known. */
export function typeAtCursor({ root, path, cursor }: Fixture): string | undefined {
  const module = modulesOf(root).byPath.get(path);
  const found = module && typedAt(inferring(root, builtins), module, offsetAt(module.document, cursor));
  return found && showType(found.type);
}

/** Of all rules of a module: what they give. */
export function ruleTypes(sources: Record<string, string>, path = 'p.rego'): Record<string, string> {
  const { root } = fixture(sources);
  const module = modulesOf(root).byPath.get(path);
  const types = inferring(root, builtins);
  const rules = module?.names.rules.map((rule) => rule.path.map(({ name }) => name)) ?? [];
  return Object.fromEntries(
    rules.map((rule) => [rule.join('.'), showType(types.ofData([...(module?.package ?? []), ...rule]))]),
  );
}

/** The same files in a `.countersign` folder. */
export function inCountersign(one: Fixture): Fixture {
  const root: Root = { ...one.root, kind: 'countersign' };
  return { ...one, root };
}
