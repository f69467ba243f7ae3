/** What a repository says that exceptions are about: its name and its files. Asked of git in a trusted workspace only. */
import type { Repository } from '../../core/input.ts';
import type { Runtime } from '../runtime.ts';
import type { Root } from '../snapshot.ts';
import { nameOf } from '../uris.ts';

export interface Knowledge {
  repository: Repository;
  /** Paths of all files that git tracks or would; absent where git was not asked, or could not say. */
  files?: readonly string[];
}

export interface KnowledgeSource {
  of(root: Root): Promise<Knowledge>;
  /** What git knows has changed. */
  forget(): void;
}

/** How long what git said is taken for true, in milliseconds: new files tell nobody of themselves. */
const freshMs = 10_000;

export function createKnowledge(
  runtime: Pick<Runtime, 'repositoryWork' | 'now'>,
  log: (line: string) => void,
): KnowledgeSource {
  const known = new Map<string, { at: number; knowledge: Promise<Knowledge> }>();

  async function ask(uri: string): Promise<Knowledge> {
    try {
      return await (await runtime.repositoryWork()).exceptionKnowledge(uri);
    } catch (error) {
      // No repository there, or no git: the file is judged by itself.
      log(`${uri}: git was not asked of its exceptions: ${error instanceof Error ? error.message : error}`);
      return byItself(uri);
    }
  }

  return {
    async of(root) {
      const uri = repositoryOf(root);
      if (uri === undefined || !root.trusted) return byItself(uri ?? root.id);
      const now = runtime.now().getTime();
      const found = known.get(uri);
      if (found && Math.abs(now - found.at) < freshMs) return found.knowledge;
      const knowledge = ask(uri);
      known.set(uri, { at: now, knowledge });
      return knowledge;
    },
    forget: () => known.clear(),
  };
}

/** What is known of a repository without git. */
export function byItself(uri: string): Knowledge {
  return { repository: { name: nameOf(uri) } };
}

/** The folder around a `.countersign` folder on disk; undefined for other roots. */
export function repositoryOf(root: Root): string | undefined {
  if (root.kind !== 'countersign' || !root.id.startsWith('file:')) return undefined;
  return root.id.slice(0, root.id.lastIndexOf('/'));
}
