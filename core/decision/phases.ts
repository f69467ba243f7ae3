/**
 * Packages that have something to say in some phases only: `custom: {phases: [change, push]}` in their METADATA. Their
 * rules are not asked in others, so that what concerns a change under review costs a commit nothing.
 */
import type { OutlineResult, Problem, WorkspaceFile } from '../../engine/protocol.ts';
import type { Input } from '../input.ts';
import { isRecord } from '../plain-data.ts';
import { packageMetadata } from '../policies/metadata.ts';
import { problem } from '../yaml-document.ts';
import type { Entrypoint } from './entrypoints.ts';

type Phase = Input['phase'];

const known: readonly string[] = ['commit', 'change', 'push'] satisfies Phase[];

/**
 * The entrypoints with the phases of their packages. One module of a package says it for all of them: OPA takes a
 * package's METADATA once. Phases that there are not, are a problem: their rules would never be asked.
 */
export function withPhases(
  entrypoints: readonly Entrypoint[],
  modules: OutlineResult['modules'],
  files: readonly WorkspaceFile[],
): { entrypoints: Entrypoint[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const limits = new Map<string, Phase[]>();
  for (const { path, package: name } of modules) {
    const phases = phasesOf(path, texts.get(path) ?? '', problems);
    if (phases) limits.set(name, phases);
  }
  const limited = entrypoints.map((entrypoint): Entrypoint => {
    const found = [...limits].find(([name]) => isOf(entrypoint.ref, name));
    return found ? { ...entrypoint, phases: found[1] } : entrypoint;
  });
  return { entrypoints: limited, problems };
}

/** Whether a rule such as `data.a.deny` is one of a package; that of `a.b` is not one of `a`. */
function isOf(ref: string, name: string): boolean {
  const start = `data.${name}.`;
  return ref.startsWith(start) && /^\w+$/.test(ref.slice(start.length));
}

function phasesOf(path: string, text: string, problems: Problem[]): Phase[] | undefined {
  if (!text.includes('phases')) return undefined;
  const custom = packageMetadata(text)?.custom;
  const phases = isRecord(custom) ? custom.phases : undefined;
  if (phases === undefined) return undefined;
  if (Array.isArray(phases) && phases.length > 0 && phases.every((phase) => known.includes(phase as string))) {
    return phases as Phase[];
  }
  const message = `"phases" in the package's METADATA must list some of ${known.join(', ')}.`;
  problems.push(problem(path, undefined, 'phases', message));
  return undefined;
}
