/**
 * A workspace as a large organisation might have one, made up: helpers, models of what is decided about, rules upon
 * these, gates that ask several sets of rules, and tests; some 20 rules in a module, with METADATA and comments. Packages
 * import those of the layers below them. The same numbers give the same bytes; `opa check --strict` and `opa fmt` have
 * nothing to say of it, Regal has findings in some of the modules.
 */
import { ruleTexts, type Shown, testTexts } from './generated-rules.ts';
import { randomNumbers } from './random-numbers.ts';

/** A module, and what the layers above may use of it. */
interface Made {
  path: string;
  package: string;
  text: string;
  exports: Shown[];
}

/** How many of all modules are of each layer; the rest are tests. */
const shares = { lib: 0.08, model: 0.22, rules: 0.45, gate: 0.05 };

const topics = ['text', 'amounts', 'times', 'hosts', 'people', 'labels', 'versions', 'paths'];
const helpers = ['forms', 'limits', 'ranges', 'sets', 'words', 'units', 'order', 'groups', 'marks', 'counts'];
const areas = [
  ...['billing', 'storage', 'network', 'identity', 'catalog', 'delivery', 'support', 'payroll', 'ledger', 'search'],
  ...['media', 'fleet', 'claims', 'lending', 'hiring', 'training', 'hosting', 'backup', 'audit', 'research'],
];
const entities = [
  ...['invoice', 'bucket', 'subnet', 'account', 'product', 'parcel', 'ticket', 'salary', 'entry', 'index'],
  ...['video', 'vehicle', 'claim', 'loan', 'applicant', 'course', 'cluster', 'snapshot', 'finding', 'dataset'],
];
const aspects = ['access', 'retention', 'naming', 'quota', 'approval', 'region', 'ownership', 'lifecycle', 'exposure'];

/** Files by path, in the order of their layers. About `count` modules; never fewer. */
export function generateWorkspace(count: number, seed = 1): { path: string; text: string }[] {
  const { below, pick } = randomNumbers(seed);
  const made: Made[] = [];
  const layer = (share: number, name: (at: number) => string[], imported: readonly Made[][], rules: number): Made[] => {
    const those = Array.from({ length: Math.max(1, Math.round(count * share)) }, (_, at) => {
      const parts = name(at);
      const uses = imported.flatMap((from) => distinct(Array.from({ length: 1 + below(2) }, () => pick(from))));
      return makeModule(parts, uses, rules);
    });
    made.push(...those);
    return those;
  };

  function makeModule(parts: readonly string[], uses: readonly Made[], rules: number): Made {
    const own = parts.join('.');
    // Packages of one last name would need an alias: each name is imported once.
    const named = [...new Map(uses.map((one) => [lastOf(one.package), one])).values()].filter(
      (one) => lastOf(one.package) !== parts.at(-1),
    );
    const known = named.flatMap((one) =>
      one.exports.map((shown): Shown => ({ ...shown, name: `${lastOf(one.package)}.${shown.name}` })),
    );
    const { texts, exports } = ruleTexts(rules + below(5) - 2, known, { below, pick });
    const body = texts.join('\n');
    const used = named.filter((one) => new RegExp(`\\b${lastOf(one.package)}\\.\\w`).test(body));
    const imports = used.map((one) => `import data.${one.package}`).sort();
    const text = [header(own, parts), ...(imports.length > 0 ? [imports.join('\n')] : []), ...texts].join('\n\n');
    return { path: `${parts.join('/')}/${parts.at(-1)}.rego`, package: own, text: `${text}\n`, exports };
  }

  function header(own: string, parts: readonly string[]): string {
    const subject = parts.slice(1).join(', ');
    return [
      '# METADATA',
      `# title: ${subject}`,
      `# description: What holds for ${subject}, as of revision ${below(90) + 10}`,
      '# authors:',
      `#   - name: ${pick(['Ann', 'Ada', 'Bo'])} Example`,
      `package ${own}`,
    ].join('\n');
  }

  const numbered = (names: readonly string[], at: number) =>
    `${names[at % names.length]}${at < names.length ? '' : `_${Math.floor(at / names.length)}`}`;
  const lib = layer(
    shares.lib,
    (at) => ['lib', topics[at % topics.length]!, numbered(helpers, Math.floor(at / topics.length))],
    [],
    20,
  );
  const nameOfEntity = (at: number) => [areas[at % areas.length]!, numbered(entities, Math.floor(at / areas.length))];
  const model = layer(shares.model, (at) => ['model', ...nameOfEntity(at)], [lib], 20);
  const rules = layer(
    shares.rules,
    (at) => ['rules', ...nameOfEntity(Math.floor(at / aspects.length)), aspects[at % aspects.length]!],
    [lib, model, model],
    20,
  );
  layer(shares.gate, (at) => ['gate', ...nameOfEntity(at)], [lib, rules, rules, rules], 20);
  const files = made.map(({ path, text }) => ({ path, text }));
  // Rules are tested first, then models.
  for (const tested of [...rules, ...model].slice(0, Math.max(1, count - made.length))) {
    const { path, package: own, exports } = tested;
    const imported = `import data.${own}`;
    const tests = testTexts(lastOf(own), exports, { below, pick });
    const text = [`package ${own}_test`, imported, ...tests].join('\n\n');
    files.push({ path: path.replace(/\.rego$/, '_test.rego'), text: `${text}\n` });
  }
  return files;
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
