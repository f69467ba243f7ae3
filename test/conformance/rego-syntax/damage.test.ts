/** Our parser over broken Rego, with OPA's word on whether it is broken. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compare } from './compare.ts';
import { askCorpus, type Module } from './corpus.ts';
import { cutsOf, randomFrom } from './damage.ts';
import { damagedModules } from './damaged.ts';
import { lostRules } from './lost-rules.ts';
import { type Answer, ask } from './oracle.ts';
import { parseUnlimited } from './ours.ts';

const corpus = await askCorpus();

describe('over damaged modules', { skip: 'absent' in corpus && corpus.absent }, () => {
  const whole: Module[] = [];
  if ('modules' in corpus) {
    whole.push(...corpus.modules.filter((_, index) => corpus.answers[index]!.errors.length === 0));
  }

  test('each prefix is accepted or rejected as OPA does', async (t) => {
    const cut = prefixesOf(whole);
    const questions = cut.map(({ module: { text, version }, ends }) => ({
      text,
      version,
      cuts: ends.map((end) => Buffer.byteLength(text.slice(0, end))),
    }));
    const answers = (await ask('prefixes', questions)) as Answer[][];
    const failures: string[] = [];
    let count = 0;
    for (const [index, { module, ends }] of cut.entries()) {
      for (const [which, end] of ends.entries()) {
        count++;
        const name = `${module.name}, up to ${end}`;
        failures.push(...misjudged(name, module.text.slice(0, end), module.version, answers[index]![which]!));
      }
    }
    t.diagnostic(`${count} prefixes of ${cut.length} modules`);
    expectNone(failures);
  });

  test('a module with a few edits is accepted or rejected as OPA does, and read as OPA does', async (t) => {
    const damaged = damagedModules(whole, 2, 8000);
    const answers = (await ask(
      'damaged',
      damaged.map(({ text, version }) => ({ text, version, tree: true })),
    )) as Answer[];
    const failures = damaged.flatMap(({ name, text, version }, index) =>
      misjudged(name, text, version, answers[index]!),
    );
    t.diagnostic(`OPA accepts ${answers.filter(({ errors }) => errors.length === 0).length} of ${damaged.length}`);
    expectNone(failures);
  });

  test('damage in one rule leaves the others as they were, but for one in 20,000', (t) => {
    const modules = whole.filter(({ version, text }) => version === 'v1' && text.length < 20_000);
    const found = [3, 4, 5].map((seed) => lostRules(modules, seed, 8000));
    const lost = found.flatMap((one) => one.lost);
    const all = lost.length + found.reduce((sum, { kept }) => sum + kept, 0);
    const tried = found.reduce((sum, one) => sum + one.tried, 0);
    t.diagnostic(`${tried} damaged modules with ${all} rules beside the damaged ones; ${lost.length} lost`);
    // The damage makes a line of its own that the next rule is deeper than, or a keyword of what a rule begins with.
    assert.ok(lost.length < all / 20_000, lost.slice(0, 10).join('\n'));
  });
});

/** Where to cut modules: everywhere in small ones, each prefix once; here and there in large ones. */
function prefixesOf(modules: Module[]): { module: Module; ends: number[] }[] {
  const random = randomFrom(1);
  const seen = new Set<string>();
  return modules.map((module) => {
    const { text, version } = module;
    if (text.length >= 100) return { module, ends: cutsOf(text, text.length < 20_000 ? 5 : 2, random) };
    const fresh = cutsOf(text, 100, random).filter((end) => !seen.has(version + text.slice(0, end)));
    for (const end of fresh) seen.add(version + text.slice(0, end));
    return { module, ends: fresh };
  });
}

/** What is wrong with our word on a text, beside OPA's; that the first error is in another line is not. */
function misjudged(name: string, text: string, version: Module['version'], answer: Answer): string[] {
  return compare(text, answer, parseUnlimited(text, version))
    .filter(({ kind }) => kind !== 'row')
    .map(({ kind, detail }) => `${name} as ${version}: ${kind}: ${detail} in ${JSON.stringify(text.slice(-200))}`);
}

function expectNone(failures: string[]): void {
  assert.equal(failures.length, 0, `${failures.length} failures, such as\n${failures.slice(0, 10).join('\n')}`);
}
