/** Builds the commands that the benchmarks compare with, from the Go modules that peers/go.mod names. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Peers {
  opa: string;
  regal: string;
}

const modules = ['github.com/open-policy-agent/opa', 'github.com/open-policy-agent/regal'];

/**
 * Paths of the built commands. They are kept in dist/peers and built anew when go.mod has changed.
 *
 * @throws when Go is absent, or when the versions are not those that the engine links.
 */
export function buildPeers(root: string, log: (line: string) => void): Peers {
  const source = join(root, 'test/bench/peers');
  sameVersions(join(root, 'engine/go.mod'), join(source, 'go.mod'));
  const folder = join(root, 'dist/peers');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const peers: Peers = { opa: join(folder, `opa${suffix}`), regal: join(folder, `regal${suffix}`) };
  const changed = statSync(join(source, 'go.mod')).mtimeMs;
  if (Object.values(peers).some((path) => !existsSync(path) || statSync(path).mtimeMs < changed)) {
    log('building opa and regal: a few minutes, once');
    mkdirSync(folder, { recursive: true });
    const options = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', `${folder}/`];
    execFileSync('go', ['build', '-mod=readonly', ...options, ...modules], {
      cwd: source,
      env: { ...process.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }
  return peers;
}

function sameVersions(engine: string, peers: string): void {
  const [ours, theirs] = [engine, peers].map((file) => {
    const text = readFileSync(file, 'utf8');
    return modules.map((name) => new RegExp(`^\\s*(?:require )?${name} (v\\S+)`, 'm').exec(text)?.[1]);
  });
  if (ours?.join() !== theirs?.join()) {
    throw new Error(
      `${peers} names ${theirs?.join(' and ')}, the engine links ${ours?.join(' and ')}: they must be the same`,
    );
  }
}
