/** What git tells a server's pre-receive hook (githooks(5)). */

export interface ReceivedRef {
  /** Full id, all zeros for a new ref. */
  before: string;
  /** Full id, all zeros for a deleted ref. */
  after: string;
  /** In full. */
  ref: string;
}

/** Reads the hook's standard input, a line `OLD NEW REF` for each ref. Throws when it is anything else. */
export function readReceived(text: string): ReceivedRef[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, before, after, ref] = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (.+)$/.exec(line) ?? [];
      if (before && after && ref) return { before, after, ref };
      throw new Error(`${JSON.stringify(line)} is not what git tells a pre-receive hook: OLD NEW REF.`);
    });
}

/** Branches and tags are judged; notes and what else has a ref hold no work. */
export function isJudgedRef(ref: string): boolean {
  return /^refs\/(heads|tags)\/./.test(ref);
}
