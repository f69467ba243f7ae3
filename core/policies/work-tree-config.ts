/** The configuration as it lies in a work tree: what someone who writes a commit goes by. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../engine/protocol.ts';
import { type Config, defaultConfig, readConfig } from '../config.ts';
import { home } from './load.ts';

/** The defaults where there is no configuration; with problems, `config` must not decide anything. */
export async function workTreeConfig(root: string): Promise<{ config: Config; problems: Problem[] }> {
  for (const name of ['config.yaml', 'config.yml']) {
    const text = await readFile(join(root, home, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (text !== undefined) return readConfig(`${home}/${name}`, text);
  }
  return { config: defaultConfig, problems: [] };
}
