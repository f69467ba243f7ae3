/** Whatever is pushed where, in whatever order: nothing comes to lie on a branch that no push was judged for. */
import { test } from 'node:test';
import fc from 'fast-check';
import { readChange } from '../../../core/decision/input.ts';
import { openRepository } from '../../../core/git/repository.ts';
import { type PushPlace, pushRange } from '../../../core/range/push.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';
import { here } from './support.ts';

const none = '0'.repeat(40);

/** Numbers choose among what there is by then. */
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('commit' as const), parents: fc.array(fc.nat(), { maxLength: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      ref: fc.constantFrom('refs/heads/main', 'refs/heads/a', 'refs/heads/b', 'refs/tags/t'),
      to: fc.nat(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('delete' as const), ref: fc.constantFrom('refs/heads/a', 'refs/heads/b') }),
  },
);

/** Plays the steps; says which commits lie on some ref in the end and were never judged. */
async function unjudged(
  { git, root, environment }: TestRepository,
  steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
  place: PushPlace,
): Promise<string[]> {
  const repository = await openRepository(root, { environment });
  // What a server has under refs/heads, a clone has under refs/remotes/origin.
  const stored = (ref: string): string =>
    place === 'server' ? ref : ref.replace('refs/heads/', 'refs/remotes/origin/');
  for (const ref of (await git('for-each-ref', '--format=%(refname)')).split('\n')) {
    if (ref !== '') await git('update-ref', '-d', ref);
  }
  const tree = (await git('mktree')).trim();
  const commits: string[] = [];
  const refs = new Map<string, string>();
  const judged = new Set<string>();
  /** By the policy of main, which is what the rest cannot stand in for. */
  const judgedForMain = new Set<string>();
  const pick = (number: number): string => commits[number % commits.length]!;
  const commit = async (parents: readonly string[]): Promise<void> => {
    const flags = [...new Set(parents)].flatMap((parent) => ['-p', parent]);
    commits.push((await git('commit-tree', tree, ...flags, '-m', `Commit ${commits.length}`)).trim());
  };
  const push = async (ref: string, after: string): Promise<void> => {
    const request = {
      kind: 'push',
      ref,
      before: refs.get(ref) ?? none,
      after,
      defaultBranch: 'main',
      source: 'test',
    } as const;
    if (request.before === after) return;
    const update = () => git('update-ref', ...(after === none ? ['-d', stored(ref)] : [stored(ref), after]));
    // A server judges before it updates its refs, CI afterwards.
    if (place !== 'server') await update();
    const { range } = await pushRange(repository, request, place);
    for await (const batch of readChange(repository, range).commits) {
      for (const { sha } of batch) {
        judged.add(sha);
        if (ref === 'refs/heads/main') judgedForMain.add(sha);
      }
    }
    if (place === 'server') await update();
    if (after === none) refs.delete(ref);
    else refs.set(ref, after);
  };
  await commit([]);
  await push('refs/heads/main', commits[0]!);
  for (const one of steps) {
    if (one.do === 'commit') await commit(one.parents.map(pick));
    else if (one.do === 'push') await push(one.ref, pick(one.to));
    else if (refs.has(one.ref)) await push(one.ref, none);
  }
  const reachable = async (from: string) => (await git('rev-list', from)).split('\n').filter((sha) => sha !== '');
  return [
    ...(await reachable('--all')).filter((sha) => !judged.has(sha)),
    ...(await reachable(refs.get('refs/heads/main')!)).filter((sha) => !judgedForMain.has(sha)),
  ];
}

for (const [name, place] of [
  ['on a server', 'server'],
  ['in the clones of CI', here],
] as const) {
  test(`nothing arrives unjudged, ${name}`, async (t) => {
    const repository = await makeRepository(t, { bare: place === 'server' });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
        const missed = await unjudged(repository, steps, place);
        if (missed.length > 0) throw new Error(`${missed.length} commits were never judged`);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
}
