/** The form of `*.schema_test.yaml` files, for completion and hover; core/policies/schema-test.ts reads them. */
export const schemaTestSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Tests of a JSON Schema policy',
  description: '`x.schema_test.yaml` tests `x.schema.json` beside it.',
  type: 'object',
  required: ['tests'],
  additionalProperties: false,
  properties: {
    tests: {
      type: 'array',
      minItems: 1,
      description: 'Values that the schema must take or refuse.',
      items: {
        type: 'object',
        required: ['name', 'value', 'valid'],
        additionalProperties: false,
        properties: {
          name: { type: 'string', minLength: 1, description: 'What the test shows; unique in the file.' },
          value: { description: 'The value to judge.' },
          valid: { type: 'boolean', description: 'Whether the schema must take the value.' },
          fields: {
            type: 'array',
            items: { type: 'string' },
            description: 'The fields that must be among those at fault. Only for values that are not valid.',
          },
        },
      },
    },
  },
} as const;
