/** What an agent's tool is given to declare AI use: the same for the MCP server and for VS Code's language models. */
import { isRecord, texts } from '../plain-data.ts';
import { DeclarationError, type GivenDeclaration } from './declarations.ts';

/** Its JSON Schema, in the plain words that every client's schema dialect has. */
export const declareInputSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['model'],
  properties: {
    model: {
      type: 'string',
      description:
        'The full name of the model that did the work, as its provider calls it, such as claude-opus-4-6 or gpt-5.2. Your own, if you did it. Call the tool once for each model.',
    },
    context: {
      type: 'string',
      description:
        'What the model was asked and what it did, in one line: what a reviewer needs to know. No secrets; do not repeat prompts word for word.',
    },
    files: {
      type: 'array',
      items: { type: 'string' },
      description:
        'The files that this is about, by their paths in the repository. Leave it out when it is about everything in the next commit.',
    },
    timestamp: {
      type: 'string',
      description: 'When the model was last used, as RFC 3339, such as 2026-01-31T12:00:00Z. Now, when left out.',
    },
    tool: { type: 'string', description: 'The agent that ran the model, such as claude-code or codex.' },
    session: { type: 'string', description: "The id of the agent's session, when it has one." },
    fields: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: "Values of the repository's further disclosure fields, by field name.",
    },
  },
} as const;

/** What the tool does, for the model that may call it. */
export const declareDescription =
  'Declare that an AI model took part in the work that is going to be committed in this Git repository. Call it before you commit, or when you have finished changing files that somebody else will commit. The declaration is kept in the git folder until the next commit and then filled into its disclosure, which a person sees. It does not commit anything, and it cannot name an approver.';

/** The declaration in a tool's input. Errors: {@link DeclarationError} when it is not of the schema's form. */
export function givenOf(input: unknown): GivenDeclaration {
  if (!isRecord(input)) throw new DeclarationError('The input is an object with at least a model.');
  const { model, context, files, timestamp, tool, session, fields } = input;
  const values: Record<string, string[]> = {};
  const further = isRecord(fields) ? Object.entries(fields) : [];
  for (const [name, value] of [['model', model], ['context', context], ['timestamp', timestamp], ...further] as const) {
    if (value === undefined) continue;
    if (typeof value !== 'string') throw new DeclarationError(`${name} is a text.`);
    values[name] = [...(values[name] ?? []), value];
  }
  for (const [name, value] of Object.entries({ tool, session })) {
    if (value !== undefined && typeof value !== 'string') throw new DeclarationError(`${name} is a text.`);
  }
  return {
    values,
    ...(typeof tool === 'string' && { tool }),
    ...(typeof session === 'string' && { session }),
    ...(files !== undefined && { files: texts(files) }),
  };
}
