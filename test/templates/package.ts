/** The command as npm gives it to build servers, made of what is built. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from 'tar';
import { stage } from '../../scripts/package.ts';
import { temporaryFolder } from '../cli/harness.ts';

const engine = join(import.meta.dirname, '..', '..', 'dist', 'engine', 'countersign-engine');

/** For runs of the packed command: the native engine where it is built, so that not each run installs one anew. */
export const engineVariables: Record<string, string> = existsSync(engine) ? { COUNTERSIGN_ENGINE: engine } : {};

/** The path of a .tgz that `npm install` takes. */
export async function packedCommand(): Promise<string> {
  const folder = temporaryFolder();
  stage('universal', folder);
  const file = join(temporaryFolder(), 'countersign.tgz');
  const filter = (path: string): boolean =>
    !path.endsWith('.map') && !(engineVariables.COUNTERSIGN_ENGINE && path.endsWith('.wasm.br'));
  await create({ gzip: { level: 1 }, cwd: folder, prefix: 'package', file, filter }, await readdir(folder));
  return file;
}
