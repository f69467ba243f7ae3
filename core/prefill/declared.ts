/** What agents declared for the commit to be; see `declarations.ts`. */
import type { Known } from '../disclosure/known.ts';
import { agentName } from './agent-variables.ts';
import { appliesTo, readDeclarations } from './declarations.ts';
import type { Situation } from './situation.ts';

export async function readDeclared({ repository, now, staged, until, log }: Situation): Promise<Known> {
  const { declarations, problems } = await readDeclarations(repository, now);
  for (const problem of problems) log(`declaration ${problem}`);
  if (declarations.length === 0) return { values: [], evidence: [] };
  const some = declarations.some(({ files }) => files !== undefined);
  const files = some ? await staged() : new Set<string>();
  const known: Known = { values: [], evidence: [] };
  const latest = (await until()).getTime();
  const about = declarations.filter((one) => Date.parse(one.declared) <= latest && appliesTo(one, files));
  for (const declaration of about) {
    const { tool, session, declared } = declaration;
    const by = tool === undefined ? '' : ` by ${tool}${session === undefined ? '' : ` (session ${session})`}`;
    const detail = `declared${by} at ${declared.replace(/\.\d+Z$/, 'Z')}`;
    for (const [field, all] of Object.entries(declaration.values)) {
      for (const value of all) {
        known.values.push({ field, value, source: 'declaration', certainty: 'recorded', detail });
      }
    }
    if (tool !== undefined && !declaration.values.agent) {
      known.values.push({
        field: 'agent',
        value: agentName(tool),
        source: 'declaration',
        certainty: 'recorded',
        detail,
      });
    }
    const [model] = declaration.values.model ?? [];
    known.evidence.push({ source: 'declaration', detail, ...(model !== undefined && { model }) });
  }
  return known;
}
