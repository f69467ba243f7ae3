/**
 * The `countersign` command's door, which is built as dist/cli.js: CommonJS, for Node comes to it sooner than to an
 * ES module, and each commit waits for what git's hooks run. They go past all the rest, the parser of the command
 * line first.
 */
const { enableCompileCache } = require('node:module') as typeof import('node:module');
const { homedir } = require('node:os') as typeof import('node:os');
const { isAbsolute, join } = require('node:path') as typeof import('node:path');

const [, , command, subcommand] = process.argv;
if (command === 'hook' && subcommand === 'run') {
  keepCompiled();
  require('./hook/main.ts');
} else {
  import('./main.ts').catch((error: unknown) => {
    process.stderr.write(`error: ${String(error)}\n`);
    process.exit(3);
  });
}

/**
 * Lets Node keep what it compiles, where only the user can write: what is kept there is run. Node
 * before 22.8 has no such thing.
 */
function keepCompiled(): void {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  const caches = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME || join(homedir(), '.cache');
  if (caches && isAbsolute(caches)) enableCompileCache?.(join(caches, 'countersign', 'compiled'));
}
