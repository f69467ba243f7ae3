/**
 * The licences of what we ship with our own code: a licence asks that its text go along.
 *
 * `node scripts/notices.ts` writes engine/NOTICES.txt, for the Go modules that the engine links. It
 * needs Go and is run when engine/go.mod changes; a Go-less build ships the committed file.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const separator = `\n${'='.repeat(80)}\n`;

/** One entry per package, with the texts of its licence and notice files. Throws where there is none. */
function notice(name: string, folder: string): string {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)([.-].*)?$/i.test(file));
  if (files.length === 0) throw new Error(`${name} has no licence file in ${folder}`);
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return `${name}\n\n${texts.join('\n\n')}\n`;
}

/** The notices of the npm packages whose files (relative to the project) went into a bundle, and of the engine. */
export function bundleNotices(inputs: Iterable<string>): string {
  const names = new Set<string>();
  for (const input of inputs) {
    const [, name] = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (name !== undefined) names.add(name);
  }
  const packages = [...names].sort().map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const titled = `${name} ${version} (${license})`;
    return readdirSync(folder).some((file) => /^licen[cs]e/i.test(file)) ? notice(titled, folder) : `${titled}\n`;
  });
  return [...packages, readFileSync(join(root, 'engine', 'NOTICES.txt'), 'utf8')].join(separator);
}

/** The notices of the Go modules, and of Go itself, that the engine is built from. */
function engineNotices(): string {
  const go = (...args: string[]) => {
    const done = spawnSync('go', args, { cwd: join(root, 'engine'), encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`go ${args.join(' ')}: ${done.error ?? done.stderr}`);
    return done.stdout.trim().split('\n');
  };
  const format = '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}';
  const modules = [...new Set(go('list', '-deps', '-f', format, '.'))].filter((line) => line !== '').sort();
  const [goRoot = '', goVersion = ''] = go('env', 'GOROOT', 'GOVERSION');
  const entries = modules.map((line) => {
    const [name = '', folder = ''] = line.split('\t');
    return notice(name, folder);
  });
  return [notice(`The Go programming language (${goVersion})`, goRoot), ...entries].join(separator);
}

if (import.meta.main) writeFileSync(join(root, 'engine', 'NOTICES.txt'), engineNotices());
