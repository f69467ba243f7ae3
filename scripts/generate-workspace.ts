/** Writes the workspace that the benchmarks of the language server use: `node scripts/generate-workspace.ts FOLDER [MODULES [SEED]]`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generateWorkspace } from '../test/bench/language-server/generated-workspace.ts';

const [folder, modules = '5000', seed = '1'] = process.argv.slice(2);
if (folder === undefined || !/^\d+$/.test(modules) || !/^\d+$/.test(seed)) {
  console.error('Say where to: node scripts/generate-workspace.ts FOLDER [MODULES [SEED]]');
  process.exit(2);
}
const files = generateWorkspace(Number(modules), Number(seed));
for (const { path, text } of files) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
console.log(`${files.length} modules in ${folder}`);
