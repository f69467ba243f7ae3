/** The language server in Node.js: over stdio for `countersign language-server --stdio`, over IPC for VS Code. */

import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import { startEngine } from '../engine/start.ts';
import { findInherited, readTemplate, readText, scanFolder } from './disk.ts';
import { cacheFolder, findingsFolder } from './findings-folder.ts';
import { createTidy, sweep } from './memory.ts';
import { answerFirst } from './priority.ts';
import type { Runtime } from './runtime.ts';
import { startServer } from './server.ts';

export const nodeRuntime: Runtime = {
  startEngine: (options) => startEngine({ ...options, yields: true }),
  scanFolder,
  findInherited: (uri) => findInherited(dirname(URI.parse(uri).fsPath)),
  readFile: (uri) => readText(URI.parse(uri).fsPath),
  readTemplate: (uri) => readTemplate(URI.parse(uri).fsPath),
  // Loaded when a commit is made: git and the decision are no part of editing.
  decideCommit: async (...request) => (await import('./commit/decide-commit.ts')).decideCommit(...request),
  gatherKnown: async (...request) => (await import('./commit/before-commit.ts')).gatherKnown(...request),
  async repositoryWork() {
    const [
      { declareUse },
      { commitMade, discloseCommit, reviewCommit },
      { approve, prepareApproval, recentCommits },
      { repositoryRegister, exceptionKnowledge, exceptionForm, checkException, openException, recordException },
    ] = await Promise.all([
      import('./commit/before-commit.ts'),
      import('./commit/after-commit.ts'),
      import('./commit/approval.ts'),
      import('./exceptions/work.ts'),
    ]);
    return {
      ...{ declareUse, commitMade, discloseCommit, reviewCommit, approve, prepareApproval, recentCommits },
      ...{ repositoryRegister, exceptionKnowledge, exceptionForm, checkException, openException, recordException },
    };
  },
  evaluationInput: async (...request) =>
    (await import('./rego/evaluate/repository-input.ts')).evaluationInput(...request),
  secretProblem: async (value) => (await import('../core/disclosure/secrets.ts')).secretProblem(value),
  listenForPrompts: async (options) => (await import('../core/prompt-link/listen.ts')).listenForPrompts(options),
  messageGit: async () => (await import('./message/git.ts')).messageGit,
  ownSchemas: async () => (await import('./own-schemas.ts')).readOwnSchemas(),
  findings: findingsFolder(cacheFolder()),
  tidy: createTidy(),
  sweep,
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal, ref: false }),
};

/**
 * Serves standard input and output. Never resolves: the process ends with the connection (0 after a
 * shutdown, else 1), or with the client's process.
 */
export function main(): Promise<never> {
  // What anything prints by mistake must not reach the protocol's stream.
  console.log = console.error;
  answerFirst();
  startServer(createConnection(process.stdin, process.stdout), nodeRuntime);
  return new Promise(() => {});
}

// Started by a client as a program of its own (VS Code adds --node-ipc), not imported by the CLI.
if (process.argv.includes('--node-ipc')) {
  answerFirst();
  startServer(createConnection(ProposedFeatures.all), nodeRuntime);
}
