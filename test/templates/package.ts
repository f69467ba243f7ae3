/** The command as npm gives it to build servers, made of what is built. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from 'tar';
import { stage } from '../../scripts/package.ts';
import { temporaryFolder } from '../cli/harness.ts';

const root = join(import.meta.dirname, '..', '..');

/** The path of a .tgz that `npm install` takes. It carries the native engine where there is one, as that is faster. */
export async function packedCommand(): Promise<string> {
  const folder = temporaryFolder();
  const engine = join(root, 'dist', 'engine', 'countersign-engine');
  if (existsSync(engine)) stage('linux-x64', folder, engine);
  else stage('universal', folder);
  const file = join(temporaryFolder(), 'countersign.tgz');
  const filter = (path: string): boolean => !path.endsWith('.map');
  await create({ gzip: { level: 1 }, cwd: folder, prefix: 'package', file, filter }, await readdir(folder));
  return file;
}
