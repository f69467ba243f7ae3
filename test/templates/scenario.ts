/** A code host's repository with a change that tries to judge itself, and a checkout as build servers make it. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { newRepository, outsideOfCi, type Ran, type TestRepository, temporaryFolder } from '../cli/harness.ts';
import { engineVariables } from './package.ts';

const policy = `package team

deny contains {"rule": "no-marks", "commit": commit.sha, "msg": "a mark"} if {
	some commit in input.commits
	contains(commit.body, "Claude")
}
`;

/** What a change may bring along: none of it may have a say, or be run. */
const hostile = {
  '.npmrc': 'registry=http://127.0.0.1:9/\nignore-scripts=false\n',
  'package.json':
    '{ "name": "countersign", "version": "9.9.9", "bin": "./pass.js", "scripts": { "preinstall": "touch pwned" } }',
  'pass.js': '#!/usr/bin/env node\nrequire("fs").writeFileSync("pwned", "");\n',
  'node_modules/.bin/countersign': '#!/bin/sh\ntouch pwned\nexit 0\n',
  'node_modules/countersign/dist/cli.js': 'require("fs").writeFileSync("pwned", "");\n',
  'node_modules/countersign/package.json': '{ "name": "countersign", "version": "0.1.0" }',
  '.countersign/policies/team.rego': 'package team\n\nwarn contains "none" if false\n\ndeny contains "none" if false\n',
};

export interface Scenario {
  origin: TestRepository;
  /** The commits: where the change begins, one that is good, one that is denied, and the host's test merge. */
  base: string;
  good: string;
  bad: string;
  merge: string;
}

/** `main` with a policy; `topic` with a good commit, then one that is denied; `refs/pull/7/merge` as GitHub makes it, and 8, of the good one. */
export function scenario(): Scenario {
  const origin = newRepository();
  const base = origin.commit('Base\n', {
    files: {
      '.countersign/config.yaml': 'version: 1\n',
      '.countersign/policies/team.rego': policy,
      '.countersign/exceptions/mark.yaml': exception,
    },
  });
  origin.git(['checkout', '-q', '-b', 'topic']);
  const good = origin.commit('Good\n', { files: { a: '1' } });
  const victim = join(origin.folder, 'countersign-report');
  symlinkSync('.git', victim);
  const bad = origin.commit('Bad\n\nClaude was here.\n', { files: hostile });
  const merge = origin.commit('Merge\n', { parents: [base, bad] });
  origin.git(['update-ref', 'refs/pull/8/merge', origin.commit('Merge\n', { parents: [base, good] })]);
  origin.git(['update-ref', 'refs/pull/7/merge', merge]);
  origin.git(['update-ref', 'refs/heads/topic', bad]);
  origin.git(['checkout', '-q', '-f', 'main']);
  origin.git(['config', 'uploadpack.allowAnySHA1InWant', 'true']);
  return { origin, base, good, bad, merge };
}

const exception = `rules: [no-marks]
commits: ["0123456789abcdef0123456789abcdef01234567"]
reason: Reviewed
approved_by: Bo Example <bo@example.com>
opened: 2026-01-01T12:00:00Z
expires: 2099-01-01T12:00:00Z
`;

/** A clone of all branches and of `ref`, which is checked out, detached. */
export function checkout({ origin }: Scenario, ref: string): string {
  const folder = join(temporaryFolder(), 'work dir');
  mkdirSync(folder);
  const git = (...args: string[]): void => {
    execFileSync('git', ['-C', folder, '-c', 'advice.detachedHead=false', ...args], { stdio: 'pipe' });
  };
  git('init', '-q', '-b', 'main');
  git('remote', 'add', 'origin', origin.folder);
  git('fetch', '-q', 'origin', '+refs/heads/*:refs/remotes/origin/*', `+${ref}:refs/remotes/checked-out`);
  git('remote', 'set-head', 'origin', 'main');
  git('checkout', '-q', '--force', '--detach', 'refs/remotes/checked-out');
  return folder;
}

/** Runs a program with these variables over the machine's own, without those of the build server that runs this. */
export function runProgram([program = '', ...args]: string[], cwd: string, env: Record<string, string>): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...outsideOfCi(process.env), ...engineVariables, ...env } });
    const ran: Ran = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      ran.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      ran.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ran, code }));
    child.stdin.end();
  });
}
