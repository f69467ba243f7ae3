/**
 * The form of Regal's configuration, for completion and hover.
 *
 * https://www.openpolicyagent.org/projects/regal/configuration and the pages of its rules, v0.42
 */
import { regalRules, ruleUrl } from '../rego/regal-rules.ts';
import { ruleHelp } from './regal-rule-help.ts';

const level = {
  description: 'How a violation is told.',
  enum: ['error', 'warning', 'ignore'],
  markdownEnumDescriptions: ['Told, and `regal lint` fails.', 'Told, and `regal lint` succeeds.', 'Not looked for.'],
};
const ignore = {
  type: 'object',
  description: 'Files that are left out.',
  properties: {
    files: { type: 'array', items: { type: 'string' }, description: 'Patterns of paths, such as `"*_test.rego"`.' },
  },
};

const flag = (description: string, standard: boolean) => ({ type: 'boolean', description, default: standard });
const count = (description: string, standard: number) => ({ type: 'integer', description, default: standard });
const text = (description: string) => ({ type: 'string', description });
const texts = (description: string) => ({ type: 'array', items: { type: 'string' }, description });

/** By rule, beside level and ignored files. */
const options: Readonly<Record<string, object>> = {
  'argument-always-wildcard': {
    'except-function-name-pattern': { ...text('Functions whose names match are left out.'), default: '^mock_' },
  },
  'leaked-internal-reference': { 'include-test-files': flag('Tests, too.', false) },
  'forbidden-function-call': { 'forbidden-functions': texts('The functions that are not to be called.') },
  'missing-metadata': {
    'except-package-path-pattern': text('Packages whose paths match need none.'),
    'except-rule-path-pattern': text('Rules whose paths match need none.'),
  },
  'naming-convention': {
    conventions: {
      type: 'array',
      description: 'What names must be, and which.',
      items: {
        type: 'object',
        properties: {
          pattern: text('A regular expression that the names must match.'),
          names: texts('Names that are allowed beside it.'),
          targets: {
            type: 'array',
            description: 'Whose names.',
            items: { enum: ['package', 'rule', 'function', 'var', 'variable'] },
          },
        },
      },
    },
  },
  'narrow-argument': { 'exclude-args': texts('Arguments of these names are left out.') },
  'one-liner-rule': { 'max-line-length': count('Characters that fit on a line.', 120) },
  'prefer-value-in-head': {
    'only-scalars': flag('Texts, numbers, truth values and null only.', false),
    'include-interpolated': flag('Template strings count as such, too.', false),
    'except-var-names': texts('Variables of these names are left out.'),
  },
  'directory-package-mismatch': {
    'exclude-test-suffix': flag('`_test` at the end of a package is not in the folder.', true),
  },
  'use-array-flatten': {
    'flag-wrapped-concat': flag('`array.concat` with a literal, too.', false),
    'flag-all-concat': flag('Every `array.concat`.', false),
  },
  'use-object-union-n': { 'flag-all-union': flag('Every `object.union`.', false) },
  'prefer-package-imports': { 'ignore-import-paths': texts('Paths of imports that are left out.') },
  'unresolved-import': { 'except-imports': texts('Paths that may lead nowhere, with `*`.') },
  'unresolved-reference': { 'except-paths': texts('Paths that may lead nowhere, with `*`.') },
  'default-over-else': { 'prefer-default-functions': flag('For functions, too.', false) },
  'external-reference': { 'max-allowed': count('How many a function may have.', 2) },
  'file-length': { 'max-file-length': count('Lines a file may have.', 500) },
  'function-arg-return': { 'except-functions': texts('Functions that are left out.') },
  'line-length': {
    'max-line-length': count('Characters a line may have.', 120),
    'non-breakable-word-threshold': { type: 'integer', description: 'A line with a longer word is left out.' },
  },
  'no-whitespace-comment': { 'except-pattern': text('Comments that match are left out.') },
  'prefer-some-in-iteration': {
    'ignore-nesting-level': count('So many wildcards in one reference are left out.', 2),
    'ignore-if-sub-attribute': flag('References that go on behind the wildcard are left out.', true),
  },
  'rule-length': {
    'max-rule-length': count('Lines a rule may have.', 30),
    'max-test-rule-length': count('Lines a test may have.', 60),
    'count-comments': flag('Comments count.', false),
    'except-empty-body': flag('Rules without a body are left out.', true),
  },
};

function ruleSchema(rule: string): object {
  const url = ruleUrl(rule);
  const link = url ? `\n\n[Documentation](${url})` : '';
  return {
    type: 'object',
    markdownDescription: `${ruleHelp[rule] ?? rule}${link}`,
    properties: { level, ...options[rule], ignore },
  };
}

const builtins = {
  type: 'object',
  properties: {
    builtins: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: text('With its namespace: `ldap.query`.'),
          decl: { type: 'object', description: 'What it takes and gives, as in a capabilities file of OPA.' },
        },
      },
    },
  },
};

export const regalConfigSchema = {
  type: 'object',
  description: "Regal's configuration.",
  properties: {
    rules: {
      type: 'object',
      description: 'The rules by category.',
      properties: {
        default: { type: 'object', description: 'For all rules that say nothing else.', properties: { level } },
        ...Object.fromEntries(
          Object.entries(regalRules).map(([category, rules]) => [
            category,
            {
              type: 'object',
              description: `The rules of the category \`${category}\`.`,
              properties: {
                default: { type: 'object', description: 'For all rules of the category.', properties: { level } },
                ...Object.fromEntries(rules.map((rule) => [rule, ruleSchema(rule)])),
              },
            },
          ]),
        ),
      },
    },
    ignore: { ...ignore, description: 'Files that no rule looks at.' },
    project: {
      type: 'object',
      description: 'How the project lies in its folders.',
      properties: {
        roots: {
          type: 'array',
          description: 'Folders in which packages begin.',
          items: {
            anyOf: [
              { type: 'string' },
              {
                type: 'object',
                properties: {
                  path: text('The folder.'),
                  'rego-version': { enum: [0, 1], description: 'The Rego in it.' },
                },
              },
            ],
          },
        },
        'rego-version': { enum: [0, 1], description: 'The Rego of the project: 1 without it.' },
      },
    },
    capabilities: {
      type: 'object',
      description: 'What the OPA can do that runs the policies, with built-ins of your own.',
      properties: {
        from: {
          type: 'object',
          properties: {
            engine: { enum: ['opa', 'eopa'], description: 'Whose capabilities.' },
            version: text('Of the engine: `v1.0.0`.'),
            file: text('A capabilities file of OPA, relative to the workspace.'),
            url: text('Where one is. It is not fetched here.'),
          },
        },
        plus: { ...builtins, description: 'Built-ins that there are, too.' },
        minus: { ...builtins, description: 'Built-ins that there are not.' },
      },
    },
    features: {
      type: 'object',
      properties: {
        remote: {
          type: 'object',
          properties: { 'check-version': flag('Regal looks for newer versions of itself.', true) },
        },
      },
    },
  },
} as const;
