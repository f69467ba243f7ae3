/**
 * The keys of METADATA in our words, by what they are in.
 *
 * https://www.openpolicyagent.org/docs/policy-language#annotations
 */

export interface MetadataKey {
  readonly description: string;
  /** What a value may be, where there are only some; the first one as it is most often meant. */
  readonly values?: Readonly<Record<string, string>>;
  /** What follows the key's colon when it is completed, as a snippet; `-` begins a list. */
  readonly start?: string;
  /** Keys of the maps in it, or in its list. */
  readonly keys?: Readonly<Record<string, MetadataKey>>;
}

const truth = { true: '', false: '' };

export const metadataKeys: Readonly<Record<string, MetadataKey>> = {
  title: { description: 'A name for people, on one line.' },
  description: {
    description: 'What the rule or package decides, in full sentences. `|` begins a text of several lines.',
  },
  scope: {
    description: 'What the block is about. Without it: a rule, or a package if that follows.',
    values: {
      rule: 'This one definition of the rule.',
      document: 'All definitions of the rule, wherever they are.',
      package: 'The package, in all of its modules.',
      subpackages: 'The package and all packages below it.',
    },
  },
  entrypoint: {
    description:
      'Whether others ask for it by its path; `opa build` keeps entrypoints. Means scope `document` for a rule.',
    values: truth,
  },
  organizations: { description: 'Who stands behind it: a list of names.', start: '-' },
  authors: {
    description: 'Who wrote it: `name <email>`, or a map of both.',
    start: '-',
    keys: {
      name: { description: "The author's name." },
      email: { description: "The author's address." },
    },
  },
  related_resources: {
    description: 'Where there is more to read: URLs, or maps with `ref` and `description`.',
    start: '-',
    keys: {
      ref: { description: 'A URL.' },
      description: { description: 'What is found there.' },
    },
  },
  schemas: {
    description:
      'JSON Schemas for parts of `input` and `data`: a list of `path: schema.name`, or of the path with the schema itself. The compiler then refuses references to fields that there are not.',
    start: '-',
  },
  custom: { description: 'Anything else, as a map; `rego.metadata.rule()` and tools read it.' },
  labels: { description: 'Labels that go to the decision log with the decision, as a map.' },
  compile: {
    description: 'How the rule is compiled to a filter of data (`opa` compile API).',
    keys: {
      unknowns: { description: 'References whose values are not known yet: a list.', start: '-' },
      mask_rule: { description: 'The rule that says which columns are masked.' },
    },
  },
};

/** A key below others, such as `authors`, `name`; what stands below `custom` is nobody's. */
export function metadataKey(path: readonly string[]): MetadataKey | undefined {
  let keys: Readonly<Record<string, MetadataKey>> | undefined = metadataKeys;
  let found: MetadataKey | undefined;
  for (const name of path) {
    found = keys?.[name];
    keys = found?.keys;
  }
  return found;
}
