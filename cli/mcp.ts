/**
 * `countersign mcp`: what an agent needs of Countersign, as tools of the Model Context Protocol
 * (https://modelcontextprotocol.io) over standard input and output, for any agent that speaks it.
 */
import { Command } from 'commander';
import type { Declaration } from '../core/prefill/declarations.ts';
import type { Verdict, Violation } from '../core/verdict.ts';
import packageJson from '../package.json' with { type: 'json' };

interface McpOptions {
  repo: string;
}

export function mcpCommand(): Command {
  return new Command('mcp')
    .description('serve agents over the Model Context Protocol: declare AI use, show the form, check a message')
    .option('-C, --repo <dir>', 'the repository, where a tool is not told of another', '.')
    .addHelpText(
      'after',
      `
Put it into the configuration of an agent as a server with the command \`countersign mcp\`.
Its tools read the repository and write declarations into its git folder; they never commit.`,
    )
    .action(serve);
}

const instructions = `This server keeps a Git repository's rules on AI use. When you have changed files with an AI model's help, call declare_ai_use once for each model before you commit, or before you hand the changes over. show_disclosure_form tells which fields and models the repository takes. check_message tells what its policy says of a commit message for what is staged, before you commit.`;

const repositoryProperty = {
  repository: {
    type: 'string',
    description: 'A folder in the repository, when it is not the one the server was started in.',
  },
} as const;

async function serve(options: McpOptions): Promise<void> {
  const [{ McpServer, fromJsonSchema }, { serveStdio }, { declareDescription, declareInputSchema }] = await Promise.all(
    [
      import('@modelcontextprotocol/server'),
      // biome-ignore lint/style/noRestrictedImports: a package's folder, not ours
      import('@modelcontextprotocol/server/stdio'),
      import('../core/prefill/declare-input.ts'),
    ],
  );
  const handle = serveStdio(
    () => {
      const server = new McpServer(
        { name: 'countersign', title: 'Countersign', version: packageJson.version },
        { instructions, capabilities: { tools: {} } },
      );
      server.registerTool(
        'declare_ai_use',
        {
          title: 'Declare AI use',
          description: declareDescription,
          inputSchema: fromJsonSchema<ToolInput>({
            ...declareInputSchema,
            required: [...declareInputSchema.required],
            properties: { ...declareInputSchema.properties, ...repositoryProperty },
          }),
          annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
        },
        async ({ repository, ...input }) =>
          textResult(await declareUse(repository ?? options.repo, input, server.server.getClientVersion()?.name)),
      );
      server.registerTool(
        'show_disclosure_form',
        {
          title: 'Show the disclosure form',
          description:
            "The fields of this repository's AI disclosure: which are required, which models are approved, what they must look like, and what has been declared for the next commit. JSON.",
          inputSchema: fromJsonSchema<ToolInput>({
            type: 'object',
            additionalProperties: false,
            properties: repositoryProperty,
          }),
          annotations: { readOnlyHint: true, openWorldHint: false },
        },
        async ({ repository }) => textResult(await showForm(repository ?? options.repo)),
      );
      server.registerTool(
        'check_message',
        {
          title: 'Check a commit message',
          description:
            "What the repository's policy says of a commit with this message and the staged files: allowed, or denied with the reasons and how to mend them. Nothing is committed. Declarations are not put into the message here; the commit hook or a person does that.",
          inputSchema: fromJsonSchema<ToolInput & { message: string }>({
            type: 'object',
            additionalProperties: false,
            required: ['message'],
            properties: {
              message: { type: 'string', description: 'The whole commit message, with its trailers.' },
              all: { type: 'boolean', description: 'As `git commit --all`: changes that are not staged, too.' },
              amend: { type: 'boolean', description: 'As `git commit --amend`.' },
              ...repositoryProperty,
            },
          }),
          annotations: { readOnlyHint: true, openWorldHint: false },
        },
        async ({ repository, message, all, amend }) =>
          textResult(
            await checkMessage(repository ?? options.repo, { message, all: all === true, amend: amend === true }),
          ),
      );
      return server;
    },
    { onerror: (error) => process.stderr.write(`countersign mcp: ${error.message}\n`) },
  );
  // The client ends the session by closing our input.
  await new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
  });
  await handle.close();
}

interface ToolInput {
  repository?: string;
  [name: string]: unknown;
}

function textResult(text: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text }] };
}

async function opened(folder: string) {
  const [{ openRepository }, { readWorkTreeHome }] = await Promise.all([
    import('../core/git/repository.ts'),
    import('../core/disclosure/home.ts'),
  ]);
  const repository = await openRepository(folder, { inherit: false });
  const home = await readWorkTreeHome(repository.root);
  return { repository, home };
}

const notUnderCountersign =
  'This repository is not under Countersign (it has no .countersign/config.yaml): there is nothing to declare or to check.';

/** @param client what the agent's program calls itself, for a declaration that names no agent */
async function declareUse(folder: string, input: unknown, client: string | undefined): Promise<string> {
  const [{ declare }, { runningAgents }, { givenOf }, { fieldProblem }, { pathsBelow }, { repository, home }] =
    await Promise.all([
      import('../core/prefill/declarations.ts'),
      import('../core/prefill/environment.ts'),
      import('../core/prefill/declare-input.ts'),
      import('../core/disclosure/validate-field.ts'),
      import('../core/prefill/paths.ts'),
      opened(folder),
    ]);
  if (!home) return notUnderCountersign;
  const now = new Date();
  const given = givenOf(input);
  const files = given.files && (await pathsBelow(repository.root, repository.root, given.files));
  const environment = process.env;
  const [running] = runningAgents(environment);
  const tool = given.tool ?? running?.tool ?? (/^[\w .-]{1,64}$/.test(client ?? '') ? client : undefined);
  const declaration = await declare(
    repository,
    home,
    { ...given, ...(tool !== undefined && { tool }), ...(files && { files }) },
    { now, environment },
  );
  const problems = Object.entries(declaration.values).flatMap(([field, all]) =>
    all.flatMap((value) => fieldProblem(home, field, value, now) ?? []),
  );
  return [
    `Declared for the next commit: ${told(declaration)}. The person who commits sees it in the disclosure's form.`,
    ...(home.config.disclosure.profile === 'forbid' ? [forbids] : []),
    ...problems.map((problem) => `The policy will object: ${problem} Do not declare anything else than what was used.`),
  ].join('\n');
}

const forbids = 'This project takes no contributions made with AI: the commit will be refused. Tell the user.';

function told({ values, files }: Declaration): string {
  const all = Object.entries(values).flatMap(([field, list]) => list.map((value) => `${field} ${value}`));
  return `${all.join(', ')}${files ? `, for ${files.join(', ')}` : ''}`;
}

async function showForm(folder: string): Promise<string> {
  const [{ disclosureFields }, { readDeclarations }, { repository, home }] = await Promise.all([
    import('../core/disclosure/form.ts'),
    import('../core/prefill/declarations.ts'),
    opened(folder),
  ]);
  if (!home) return notUnderCountersign;
  const now = new Date();
  const fields = disclosureFields(home, now).map(
    ({ name, trailer, title, description, required, closed, suggestions }) => ({
      name,
      trailer,
      title,
      ...(description && { description }),
      required,
      ...(suggestions.length > 0 && { [closed ? 'allowed' : 'known']: suggestions.map(({ value }) => value) }),
    }),
  );
  const { declarations } = await readDeclarations(repository, now);
  const { profile } = home.config.disclosure;
  const form = profile === 'forbid' ? { note: forbids } : { profile, fields };
  return JSON.stringify({ repository: repository.root, ...form, declared: declarations }, undefined, 2);
}

async function checkMessage(
  folder: string,
  staged: { message: string; all: boolean; amend: boolean },
): Promise<string> {
  const [{ decideCommit }, { startEngine }, { gatherKnown }, { repository, home }] = await Promise.all([
    import('../core/decision/decide-commit.ts'),
    import('../engine/start.ts'),
    import('../core/prefill/gather.ts'),
    opened(folder),
  ]);
  if (!home) return notUnderCountersign;
  const now = new Date();
  const known = await gatherKnown(repository, home, { ...staged, environment: process.env, now });
  // What the message itself shows, policies find on their own.
  const evidence = known.evidence.filter(({ source }) => source !== 'message');
  let starting: ReturnType<typeof startEngine> | undefined;
  const engine = () => {
    starting ??= startEngine();
    return starting;
  };
  try {
    const { verdict, notes } = await decideCommit(repository, staged, { engine, now, evidence });
    return verdictText(verdict, notes);
  } finally {
    await (await starting)?.dispose();
  }
}

function verdictText(verdict: Verdict, notes: readonly string[]): string {
  const all = (list: 'deny' | 'warn') => [
    ...verdict.change[list],
    ...verdict.commits.flatMap((commit) => commit[list]),
  ];
  return [
    verdict.result === 'allow' ? 'Allowed.' : 'Denied.',
    ...all('deny').map((violation) => `- ${line(violation)}`),
    ...all('warn').map((violation) => `- warning: ${line(violation)}`),
    ...notes.map((note) => `Note: ${note}`),
  ].join('\n');
}

function line({ rule, msg, fix }: Violation): string {
  return `${msg} (${rule})${fix ? ` To mend it: ${fix}` : ''}`;
}
