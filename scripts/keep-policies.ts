/**
 * Makes the default pack ready for the fast path, as the built-in pack and as `countersign init` writes it, so that a
 * repository's first commit is as fast as the next: `node scripts/keep-policies.ts [FOLDER]`, to dist/kept-policies.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from '../core/decision/decide.ts';
import { keyOf, writeKept } from '../core/decision/kept-policy.ts';
import { makeKept } from '../core/decision/make-kept.ts';
import type { FolderContent } from '../core/git/tree.ts';
import { toHome } from '../core/policies/initialize.ts';
import { folderPolicies, home, packContent, packPolicies } from '../core/policies/load.ts';
import type { PolicySet } from '../core/policies/policy-set.ts';
import { startEngine } from '../engine/start.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, '..', 'dist', 'kept-policies');

const pack = await packContent();
const files = toHome(pack.files).sort((a, b) => (a.path < b.path ? -1 : 1));
const initial: FolderContent = { files, skipped: [] };
const shipped: [FolderContent, string, PolicySet][] = [
  [pack, 'pack', packPolicies(pack)],
  [initial, home, folderPolicies(initial, { called: home })],
];

rmSync(folder, { recursive: true, force: true });
const engine = await startEngine();
for (const [content, label, policies] of shipped) {
  const kept = await makeKept(await prepare(engine, policies), content);
  if (kept.fast.kind !== 'plan') throw new Error(`${policies.label} has no plan for the fast path: ${kept.fast.kind}`);
  const why = await writeKept({ commonDir: folder }, keyOf(content, label), kept, folder);
  if (why !== undefined) throw new Error(why);
}
await engine.dispose();
