import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles the extension host suite api/`name`.ts into `folder`: VS Code loads JavaScript, and CommonJS in every version. */
export async function bundle(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.cjs`);
  await build({
    entryPoints: [join(import.meta.dirname, 'api', `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'warning',
  });
  return outfile;
}
