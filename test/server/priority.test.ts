/** What the system gives the processor to first, where there is too little of it: answers, then the engine. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { describe, test } from 'node:test';
import { builds } from '../engine/builds.ts';
import { startClient } from './support.ts';

/** As in proc_pid_stat(5): the 19th field, counted from behind the name, which is in parentheses. */
function nicenessOf(process: number, thread: number): number {
  const stat = readFileSync(`/proc/${process}/task/${thread}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}

function nameOf(process: number, thread: number): string {
  return readFileSync(`/proc/${process}/task/${thread}/comm`, 'utf8').trim();
}

function threadsOf(process: number): number[] {
  return readdirSync(`/proc/${process}/task`).map(Number);
}

/** What a process started, whichever of its threads did. */
function childrenOf(process: number): number[] {
  return threadsOf(process).flatMap((thread) =>
    readFileSync(`/proc/${process}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

const own = getPriority();
const elsewhere = process.platform === 'linux' ? false : 'each thread has its own priority on Linux only';
const lowAlready = own < constants.priority.PRIORITY_BELOW_NORMAL ? false : 'the test itself has a low priority';

for (const { build, skip } of builds) {
  describe(`priorities beside the ${build} engine`, { skip: skip || elsewhere || lowAlready }, () => {
    test('the thread that answers has the highest', async (t) => {
      process.env.COUNTERSIGN_ENGINE = build;
      t.after(() => delete process.env.COUNTERSIGN_ENGINE);
      const client = await startClient(t, { folders: { policy: {} }, process: true });
      assert.equal((await client.pull(await client.open('policy/p.rego', 'package p\n\na := b\n'))).length, 1);
      const server = client.process!.pid!;
      assert.equal(nicenessOf(server, server), own);
      const lower = threadsOf(server).filter((thread) => nicenessOf(server, thread) > own);
      assert.ok(lower.length > 0);
      // By their names as Node has them since 24; before, all have the program's.
      const workers = threadsOf(server).filter((thread) => /^(V8Worker|WorkerThread)$/.test(nameOf(server, thread)));
      for (const thread of workers) assert.ok(lower.includes(thread), nameOf(server, thread));
      const children = childrenOf(server);
      assert.equal(children.length, build === 'native' ? 1 : 0);
      for (const child of children) {
        for (const thread of threadsOf(child)) assert.ok(nicenessOf(child, thread) > own, `thread ${thread}`);
      }
    });
  });
}
