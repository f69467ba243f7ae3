/** Git's and the policies' side of commit messages, in Node.js. */
import { URI } from 'vscode-uri';
import { approverSuggestions } from '../../core/approval/people.ts';
import { DecisionError } from '../../core/decision/decide.ts';
import { decideCommit } from '../../core/decision/decide-commit.ts';
import { messagesByName } from '../../core/git/messages-by-name.ts';
import { readHead } from '../../core/git/pending.ts';
import { openRepository } from '../../core/git/repository.ts';
import { setting } from '../../core/git/settings.ts';
import { asCommitted, commentSetting } from '../../core/git/staged.ts';
import { workTreeOf } from '../../core/git/work-tree.ts';
import { hooksInstalled } from '../../core/hook/status.ts';
import { placeOf } from '../../core/yaml-document.ts';
import type { MessageGit } from '../runtime.ts';
import { normalizeUri } from '../uris.ts';

const open = (uri: string) => openRepository(URI.parse(uri).fsPath, { inherit: false });

const uriOf = (path: string) => normalizeUri(URI.file(path).toString());

export const messageGit: MessageGit = {
  async workTreeOf(file, folders) {
    const candidates = folders.map((folder) => URI.parse(folder).fsPath);
    const root = await workTreeOf(URI.parse(file).fsPath, candidates);
    return root === undefined ? undefined : uriOf(root);
  },
  async rootOf(folder) {
    const repository = await open(folder).catch(() => undefined);
    return repository && !repository.bare ? uriOf(repository.root) : undefined;
  },
  async settings(uri) {
    const repository = await open(uri);
    const [comment, cleanup] = await Promise.all([commentSetting(repository), setting(repository, 'commit.cleanup')]);
    return { comment, cleanup };
  },
  async amends(uri, opened) {
    const repository = await open(uri);
    const [head, message] = await Promise.all([readHead(repository), asCommitted(repository, opened)]);
    return head !== undefined && message.trim() !== '' && message.trim() === head.message.trim();
  },
  async decide(uri, { evidence, ...staged }, engine, now, signal) {
    try {
      const { verdict, notes } = await decideCommit(await open(uri), staged, { engine, now, evidence, signal });
      return { verdict, notes };
    } catch (error) {
      if (!(error instanceof DecisionError)) throw error;
      const [first] = error.problems;
      const place = first ? ` ${placeOf(first)}: ${first.message}` : '';
      return { undecided: error.message + place };
    }
  },
  people: async (uri, home) => approverSuggestions(await open(uri), home, { limit: 40 }),
  hooksInstalled: async (uri) => hooksInstalled(await open(uri)),
  messages: async (uri, names, signal) => messagesByName(await open(uri), names, signal),
};
