/**
 * Our parser beside OPA's, by hand:
 *
 *     node test/conformance/rego-syntax/run.ts [--summary]          all differences over the corpus, grouped by cause
 *       --kind tree|rejects|accepts|row|bytes|throws                those of one kind
 *       --from TEXT                                                 those of modules whose name contains TEXT
 *       --version v0|v1                                             those of one version
 *       --causes N --each N                                         how many causes (40), and examples of each (2)
 *       --damaged SEED                                              over damaged modules instead
 *     node test/conformance/rego-syntax/run.ts --show NAME          one module: its text, both answers, the differences
 *     node test/conformance/rego-syntax/run.ts --ask v1 < FILE      what OPA makes of a text
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { compare, type Difference } from './compare.ts';
import { loadCorpus, type Module } from './corpus.ts';
import { damagedModules } from './damaged.ts';
import { decodeTree } from './opa-tree.ts';
import { type Answer, ask } from './oracle.ts';
import { parseOurs } from './ours.ts';

const { values } = parseArgs({
  options: {
    ask: { type: 'string' },
    show: { type: 'string' },
    summary: { type: 'boolean' },
    kind: { type: 'string' },
    from: { type: 'string', default: '' },
    version: { type: 'string' },
    causes: { type: 'string', default: '40' },
    each: { type: 'string', default: '2' },
    damaged: { type: 'string' },
  },
});

if (values.ask === 'v0' || values.ask === 'v1') {
  const written = await text(process.stdin);
  const [answer] = (await ask('by-hand', [{ text: written, version: values.ask, tree: true }])) as Answer[];
  console.log(JSON.stringify(decodeTree(answer), undefined, 1));
  console.log(compare(written, answer!, parseOurs(written, values.ask)));
} else {
  const corpus = await loadCorpus();
  if ('absent' in corpus) {
    console.error(corpus.absent);
    process.exit(2);
  }
  const [all, answers] = await asked(corpus.modules, values.damaged);
  if (values.show === undefined) {
    summarize(all, answers);
  } else {
    show(all, answers, values.show);
  }
}

/** What is compared, and OPA's answers: the corpus, or damaged modules of it that OPA accepts while they are whole. */
async function asked(modules: Module[], seed: string | undefined): Promise<[Module[], Answer[]]> {
  const questions = (all: Module[]) => all.map(({ text, version }) => ({ text, version, tree: true }));
  const answers = (await ask('corpus', questions(modules))) as Answer[];
  if (seed === undefined) {
    return [modules, answers];
  }
  const accepted = modules.filter((_, index) => answers[index]!.errors.length === 0);
  const damaged = damagedModules(accepted, Number(seed), 4000);
  return [damaged, (await ask('damaged-by-hand', questions(damaged))) as Answer[]];
}

function show(modules: Module[], answers: Answer[], name: string): void {
  for (const [index, module] of modules.entries()) {
    if (module.name === name && (values.version ?? module.version) === module.version) {
      const parsed = parseOurs(module.text, module.version);
      console.log(`${module.name} as ${module.version}\n${module.text}`);
      console.log('OPA:', JSON.stringify(decodeTree(answers[index]), undefined, 1));
      console.log('differences:', compare(module.text, answers[index]!, parsed));
    }
  }
}

function summarize(modules: Module[], answers: Answer[]): void {
  const causes = new Map<
    string,
    { kind: string; count: number; examples: { module: Module; difference: Difference }[] }
  >();
  const kinds = new Map<string, number>();
  let compared = 0;
  for (const [index, module] of modules.entries()) {
    if (!module.name.includes(values.from) || (values.version ?? module.version) !== module.version) {
      continue;
    }
    compared++;
    for (const difference of compare(module.text, answers[index]!, parseOurs(module.text, module.version))) {
      kinds.set(difference.kind, (kinds.get(difference.kind) ?? 0) + 1);
      if (difference.kind === (values.kind ?? difference.kind)) {
        const key = `${difference.kind}: ${difference.cause}`;
        const group = causes.get(key) ?? { kind: difference.kind, count: 0, examples: [] };
        causes.set(key, group);
        group.count++;
        // The shortest examples say most.
        group.examples.push({ module, difference });
        group.examples.sort((a, b) => a.module.text.length - b.module.text.length);
        group.examples.length = Math.min(group.examples.length, Number(values.each));
      }
    }
  }
  const most = [...causes].sort(([, a], [, b]) => b.count - a.count).slice(0, Number(values.causes));
  for (const [cause, { count, examples }] of most) {
    console.log(`\n${count} × ${cause}`);
    for (const { module, difference } of examples) {
      console.log(`    ${module.version} ${module.name}: ${difference.detail}`);
      const text = module.text.length > 300 ? `${module.text.slice(0, 300)}…` : module.text;
      console.log(text.replaceAll(/^/gm, '        | '));
    }
  }
  console.log(`\n${compared} modules compared, ${causes.size} causes; differences:`, Object.fromEntries(kinds));
}
