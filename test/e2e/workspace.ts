/** The repository that the tests open: code, the default policy pack as `countersign init` writes it, and a team's own policy. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const author = { name: 'Robin Example', email: 'robin@example.com' };
export const approver = { name: 'Sam Example', email: 'sam@example.com' };

export const teamPolicy = '.countersign/policies/legal.rego';
export const teamTest = '.countersign/policies/legal_test.rego';

const files: Record<string, string> = {
  'src/total.ts': 'export const total = (prices: number[]) => prices.reduce((sum, price) => sum + price, 0);\n',
  'legal/terms.txt': 'Goods are returned within 30 days.\n',
  [teamPolicy]: `# METADATA
# description: AI leaves the legal texts alone.
package team.legal

deny contains violation if {
	some commit in input.commits
	commit.disclosure.model
	some file in commit.files
	startswith(file.path, "legal/")
	violation := {
		"rule": "legal-texts",
		"msg": sprintf("AI must not write %s", [file.path]),
		"commit": object.get(commit, "sha", ""),
		"path": file.path,
		"fix": sprintf("Take it out of the commit: git restore --staged %s", [file.path]),
	}
}
`,
  [teamTest]: `package team.legal_test

import data.team.legal

commit(path) := {"disclosure": {"model": ["any"]}, "files": [{"path": path}]}

test_code_is_allowed if {
	count(legal.deny) == 0 with input as {"commits": [commit("src/total.ts")]}
}

test_legal_text_is_denied if {
	count(legal.deny) == 1 with input as {"commits": [commit("legal/terms.txt")]}
}
`,
};

/** Runs git there and gives back what it printed, without the last line break. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).replace(/\n$/, '');
}

/** Writes files, by paths below `folder`. */
export function write(folder: string, texts: Record<string, string>): void {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Makes the repository, with one commit. `cli` is dist/cli.js. */
export function makeRepository(folder: string, cli: string): void {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '-q', '-b', 'main');
  for (const [key, value] of Object.entries({
    'user.name': author.name,
    'user.email': author.email,
    'commit.gpgsign': 'false',
  })) {
    git(folder, 'config', key, value);
  }
  execFileSync(process.execPath, [cli, 'init', '--yes', '--no-tests'], { cwd: folder, stdio: 'pipe' });
  write(folder, files);
  const approvers = join(folder, '.countersign', 'data', 'approvers.yaml');
  const people = [author, approver].map(({ name, email }) => `    - name: ${name}\n      email: ${email}\n`).join('');
  writeFileSync(approvers, readFileSync(approvers, 'utf8').replace(/people: \[\]\n/, `people:\n${people}`));
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'Put the repository under Countersign');
}

interface Violation {
  rule: string;
  msg: string;
}
/** What `countersign gate --format json` says, as far as the tests look. */
export interface GateVerdict {
  result: 'allow' | 'deny';
  change: { deny: Violation[] };
  commits: { sha: string; subject: string; ai: boolean; deny: Violation[] }[];
}

/** Asks the gate about the last commit. */
export function gate(folder: string, cli: string): { status: number; verdict: GateVerdict } {
  const args = [cli, 'gate', '--base', 'HEAD~1', '--head', 'HEAD', '--format', 'json'];
  try {
    return { status: 0, verdict: JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })) };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    if (status !== 1) throw new Error(`gate ended with ${status}: ${stderr}`);
    return { status, verdict: JSON.parse(stdout) };
  }
}
