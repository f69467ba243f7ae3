/** The rules of generated modules: texts as `opa fmt` writes them, and the names that others can use. */
import type { RandomNumbers } from './random-numbers.ts';

/** What can be used of a rule: by its value, or as a function of one argument that is true, or has a value. */
export interface Shown {
  name: string;
  kind: 'number' | 'set' | 'object' | 'holds' | 'test' | 'function' | 'messages';
}

type Make = (own: Own) => { text: string; shown?: Shown };

interface Own extends RandomNumbers {
  /** A name that no other rule of the module has. */
  name(base: string): string;
  /** Something of this kind from the module or its imports; undefined where there is none. */
  use(kind: Shown['kind']): string | undefined;
}

const nouns = ['owner', 'tier', 'region', 'label', 'grade', 'state', 'origin', 'class', 'window', 'channel'];
const places = ['north', 'south', 'east', 'west', 'core', 'edge', 'spare', 'lab'];
const tiers = ['public', 'internal', 'confidential', 'restricted'];
const fields = ['owner', 'tier', 'region', 'name', 'size', 'age', 'labels', 'parent', 'state', 'contact'];

const makers: Make[] = [
  ({ name, pick, below }) => {
    const own = name(`max_${pick(nouns)}`);
    return {
      text: `# The most of it that needs no approval.\n${own} := ${below(9000) + 100}`,
      shown: { name: own, kind: 'number' },
    };
  },
  ({ name, pick, below }) => {
    const own = name(`known_${pick(nouns)}s`);
    const items = [...new Set(Array.from({ length: 3 + below(4) }, () => pick(places)))].map((one) => `"${one}"`);
    return { text: `${own} := {${items.join(', ')}}`, shown: { name: own, kind: 'set' } };
  },
  ({ name, pick, below }) => {
    const own = name(`${pick(nouns)}_by_tier`);
    const entries = tiers.map((tier) => `\t"${tier}": {"days": ${below(365) + 1}, "copies": ${below(4) + 1}},`);
    return { text: `${own} := {\n${entries.join('\n')}\n}`, shown: { name: own, kind: 'object' } };
  },
  ({ name, pick, use }) => {
    const own = name(`is_${pick(nouns)}_fine`);
    const field = pick(fields);
    const limit = use('number') ?? '100';
    return {
      text: [
        '# METADATA',
        `# description: Whether the ${field} is as it should be`,
        '# scope: document',
        `default ${own} := false`,
        '',
        `${own} if input.request.${field} in ${use('set') ?? '{"north", "south"}'}`,
        '',
        `${own} if {\n\tinput.request.size < ${limit}\n\tinput.request.parent.${field} != ""\n}`,
      ].join('\n'),
      shown: { name: own, kind: 'holds' },
    };
  },
  ({ name, pick, below }) => {
    const own = name(`has_${pick(fields)}`);
    const field = pick(fields);
    return {
      text: `${own}(item) if {\n\titem.${field}\n\tcount(item.labels) > ${below(5)}\n}`,
      shown: { name: own, kind: 'test' },
    };
  },
  ({ name, pick, use, below }) => {
    const own = name(`grade_of_${pick(nouns)}`);
    const limit = use('number') ?? '1000';
    return {
      text: [
        '# METADATA',
        '# description: |',
        '#   How much of it there is, in words:',
        '#   a grade that people understand at once',
        `${own}(item) := "high" if {`,
        `\titem.size > ${limit}`,
        `} else := "low" if {`,
        `\titem.size < ${below(90) + 1}`,
        '} else := "fair"',
      ].join('\n'),
      shown: { name: own, kind: 'function' },
    };
  },
  ({ name, pick, use }) => {
    const own = name('deny');
    const test = use('test');
    const described = use('function');
    const field = pick(fields);
    return {
      text: [
        '# METADATA',
        `# description: Items need a ${field} that is known`,
        '# custom:',
        `#   severity: ${pick(['low', 'medium', 'high'])}`,
        `${own} contains msg if {`,
        '\tsome item in input.request.items',
        `\tnot item.${field} in ${use('set') ?? '{"east", "west"}'}`,
        ...(test ? [`\tnot ${test}(item)`] : []),
        `\tmsg := sprintf("%s has the ${field} %v (%v)", [item.name, item.${field}, ${described ? `${described}(item)` : 'item.size'}])`,
        '}',
      ].join('\n'),
      shown: { name: own, kind: 'messages' },
    };
  },
  ({ name, pick, use }) => {
    const own = name(`by_${pick(nouns)}`);
    const field = pick(fields);
    const test = use('test');
    return {
      text: `${own}[item.${field}] contains item.name if {\n\tsome item in input.request.items\n\t${test ? `${test}(item)` : 'item.size > 0'}\n}`,
    };
  },
  ({ name, pick, use }) => {
    const own = name(`large_${pick(nouns)}s`);
    const limit = use('number') ?? '500';
    return {
      text: `${own} := [item.name |\n\tsome item in input.request.items\n\titem.size > ${limit}\n]`,
    };
  },
  ({ name, pick, use }) => {
    const own = name(`every_${pick(nouns)}_known`);
    const known = use('set') ?? '{"core", "edge"}';
    return {
      text: `# Vacuously so where there are none.\n${own} if {\n\tevery item in input.request.items {\n\t\titem.${pick(fields)} in ${known}\n\t}\n}`,
      shown: { name: own, kind: 'holds' },
    };
  },
  ({ name, pick, use }) => {
    const own = name(`${pick(nouns)}_days`);
    const table = use('object');
    const days = table ? `${table}[item.tier].days` : 'item.days';
    return {
      text: `${own}[item.name] := days if {\n\tsome item in input.request.items\n\tdays := ${days}\n}`,
    };
  },
  ({ name, pick, use }) => {
    const own = name(`open_${pick(nouns)}`);
    const holds = use('holds') ?? 'input.request.state == "open"';
    return {
      text: `${own} if not ${holds.includes(' ') ? 'input.request.state' : holds}`,
      shown: { name: own, kind: 'holds' },
    };
  },
  ({ name, pick, use }) => {
    const own = name('warn');
    const messages = use('messages');
    const field = pick(fields);
    return {
      text: messages
        ? `${own} contains sprintf("see also: %s", [msg]) if {\n\tsome msg in ${messages}\n\tcontains(msg, "${field}")\n}`
        : `${own} contains "there is no ${field}" if not input.request.${field}`,
    };
  },
];

/** So many rules, each of some kind, using what is above them and what is imported. */
export function ruleTexts(
  count: number,
  imported: readonly Shown[],
  random: RandomNumbers,
): { texts: string[]; exports: Shown[] } {
  const taken = new Set<string>();
  const exports: Shown[] = [];
  const own: Own = {
    ...random,
    name(base) {
      let name = base;
      for (let at = 2; taken.has(name); at++) name = `${base}_${at}`;
      taken.add(name);
      return name;
    },
    use(kind) {
      // What others made is used as often as what is at hand.
      const near = exports.filter((one) => one.kind === kind);
      const far = imported.filter((one) => one.kind === kind);
      const from = far.length > 0 && (near.length === 0 || random.below(2) === 0) ? far : near;
      return from.length > 0 ? random.pick(from).name : undefined;
    },
  };
  const texts: string[] = [];
  for (let at = 0; at < count; at++) {
    // Each kind once, so that there is something to use; then by chance.
    const make = at < makers.length ? makers[at]! : random.pick(makers);
    const { text, shown } = make(own);
    // Nobody's policies are without findings.
    texts.push(random.below(400) === 0 ? `# TODO: ask the owners whether this still holds.\n${text}` : text);
    if (shown) exports.push(shown);
  }
  return { texts, exports };
}

/** Tests of what a module shows; its package is imported by its last name. */
export function testTexts(imported: string, exports: readonly Shown[], { below, pick }: RandomNumbers): string[] {
  const items = Array.from(
    { length: 2 + below(3) },
    () => `\t\t{"name": "n${below(100)}", "size": ${below(5000)}, "tier": "${pick(tiers)}", "labels": []},`,
  );
  const sample = `sample := {\n\t"state": "${pick(['open', 'closed'])}",\n\t"items": [\n${items.join('\n')}\n\t],\n}`;
  const given = 'with input.request as sample';
  const tests = exports.map(({ name, kind }) => {
    const ref = `${imported}.${name}`;
    const claim: Record<Shown['kind'], string> = {
      number: `${ref} > 0`,
      set: `count(${ref}) > 0`,
      object: `${ref}.internal.days > 0`,
      holds: `count([true | ${ref}]) < 2 ${given}`,
      test: `not ${ref}({"name": "n${below(100)}"})`,
      function: `${ref}({"size": ${below(5000)}}) in {"high", "fair", "low"}`,
      messages: `count(${ref}) >= 0 ${given}`,
    };
    return `test_${name} if {\n\t${claim[kind]}\n}`;
  });
  return [sample, ...tests];
}
