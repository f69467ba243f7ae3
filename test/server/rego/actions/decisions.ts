/** What modules decide, by the real engine: the judge of refactorings. */

import type { TestContext } from 'node:test';
import { EngineError } from '../../../../engine/engine.ts';
import { startEngine } from '../../../../engine/start.ts';

export type Decide = (modules: Record<string, string>, inputs: readonly unknown[], query?: string) => Promise<string[]>;

/** `data.p` for each input, as JSON; why there is none where the modules do not compile. */
export async function decisions(t: TestContext): Promise<Decide> {
  const engine = await startEngine();
  t.after(() => engine.dispose());
  return async (modules, inputs, query = 'data.p') => {
    const files = Object.entries(modules).map(([path, text]) => ({ path, kind: 'module' as const, text }));
    await engine.call('workspace/open', { workspace: 'decisions', files });
    try {
      const { evaluations } = await engine.call('eval', { workspace: 'decisions', query, inputs: [...inputs] });
      return evaluations.map(({ result }) => JSON.stringify(result[0]?.expressions[0]?.value));
    } catch (error) {
      if (error instanceof EngineError) return [`${error.message}`];
      throw error;
    }
  };
}

/** What decisions say of the rules that a module has. */
export function ofRules(module: string, decided: readonly string[]): unknown[] {
  const names = new Set(Array.from(module.matchAll(/^(?:default )?([a-z_]\w*)/gm), ([, name]) => name));
  return decided.map((decision) => {
    // An error is one, not a value.
    if (!decision.startsWith('{')) return decision;
    return Object.entries(JSON.parse(decision) as object).filter(([name]) => names.has(name));
  });
}
