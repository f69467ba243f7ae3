import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { declareDescription, declareInputSchema } from '../../core/prefill/declare-input.ts';
import { defaultSettings, readSettings } from '../../server/settings.ts';

const root = join(import.meta.dirname, '..', '..');
const readJson = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const manifest = readJson('package.json');
const texts: Record<string, string> = readJson('package.nls.json');
const { contributes } = manifest;

interface Command {
  command: string;
  title: string;
  category: string;
  icon?: string;
}
const commands: Command[] = contributes.commands;
const ids = new Set(commands.map(({ command }) => command));
const client = globSync('client/**/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));

/** Every string in a JSON value. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value && typeof value === 'object' ? Object.values(value).flatMap(strings) : [];
}

describe('the manifest', () => {
  test('asks for no proposed API and depends on no other extension', () => {
    assert.equal(manifest.enabledApiProposals, undefined);
    // Either would keep the extension from activating in Restricted Mode.
    assert.equal(manifest.extensionDependencies, undefined);
    assert.equal(manifest.extensionPack, undefined);
  });

  test('is compiled against the oldest VS Code that it runs in', () => {
    const oldest = /^\^(\d+\.\d+)\.0$/.exec(manifest.engines.vscode)?.[1];
    const types = readJson('node_modules/@types/vscode/package.json').version;
    assert.ok(oldest && types.startsWith(`${oldest}.`), `engines ${manifest.engines.vscode}, types ${types}`);
    assert.doesNotMatch(manifest.devDependencies['@types/vscode'], /[\^~]/);
  });

  test('activates at nothing but policies; commands and languages do it by themselves', () => {
    // YAML may hold policies; activation looks at its text, and starts nothing where it holds none.
    assert.deepEqual(manifest.activationEvents, ['workspaceContains:.countersign/config.yaml', 'onLanguage:yaml']);
  });

  test('says what Restricted Mode and virtual workspaces do without', () => {
    for (const name of ['untrustedWorkspaces', 'virtualWorkspaces']) {
      assert.equal(manifest.capabilities[name].supported, 'limited');
      assert.match(manifest.capabilities[name].description, /^%.+%$/);
    }
  });

  test('has texts for all keys, and keys for all texts', () => {
    const { scripts: _, ...rest } = manifest;
    const used = new Set(strings(rest).flatMap((text) => /^%(.+)%$/.exec(text)?.[1] ?? []));
    assert.deepEqual(
      [...used].filter((key) => !texts[key]?.trim()),
      [],
    );
    assert.deepEqual(
      Object.keys(texts).filter((key) => !used.has(key)),
      [],
    );
  });

  test('gives every command a title, our category and at most a theme icon; the client implements each', () => {
    for (const { command, title, category, icon } of commands) {
      assert.match(command, /^countersign\./);
      assert.match(title, /^%.+%$/, command);
      assert.equal(category, 'Countersign', command);
      if (icon !== undefined) assert.match(icon, /^\$\([a-z-]+\)$/, command);
      assert.ok(
        client.some((text) => text.includes(`'${command}'`)),
        `nothing registers ${command}`,
      );
    }
    assert.equal(ids.size, commands.length);
  });

  test('has menus, welcome texts and walkthroughs that lead to commands that exist', () => {
    const items: { command: string }[] = Object.values(contributes.menus).flat() as never;
    assert.ok(items.length > 0);
    for (const { command } of items) assert.ok(ids.has(command), command);
    for (const text of Object.values(texts)) {
      for (const [, command] of text.matchAll(/\(command:([\w.]+)/g)) {
        if (command?.startsWith('countersign.')) assert.ok(ids.has(command), `${command} in: ${text}`);
      }
    }
  });

  test('asks for no context that the client does not set', () => {
    const conditions = [...strings(contributes.menus), ...commands.flatMap((one) => strings(one))].join('\n');
    const keys = new Set([...conditions.matchAll(/\bcountersign\.\w+\b(?!\.)/g)].map(([key]) => key));
    const contexts = [...keys].filter((key) => !ids.has(key) && !key.startsWith('countersign.rego'));
    assert.ok(contexts.includes('countersign.embedsRego'));
    const views = new Set(strings(contributes.views));
    assert.deepEqual(
      contexts.filter((key) => !views.has(key) && !client.some((text) => text.includes(`'${key}'`))),
      [],
    );
  });

  test('has the commands that evaluate where Rego is, in YAML, too', () => {
    const palette: { command: string; when: string }[] = contributes.menus.commandPalette;
    const rego = palette.filter(({ when }) => when.includes('editorLangId'));
    // What runs tests is for modules: a template has none.
    const modules = rego.filter(({ when }) => !when.includes('countersign.embedsRego')).map(({ command }) => command);
    assert.deepEqual(modules, ['countersign.rego.coverTests']);
  });

  test('has settings with a scope and a Markdown description, and the server’s own defaults', () => {
    const properties: Record<string, Record<string, unknown> & { enum?: string[] }> =
      contributes.configuration.properties;
    const answer: Record<string, unknown> = {};
    for (const [name, setting] of Object.entries(properties)) {
      assert.match(name, /^countersign\.\w+(\.\w+)*$/);
      assert.ok(
        ['application', 'machine', 'machine-overridable', 'window', 'resource'].includes(`${setting.scope}`),
        name,
      );
      assert.match(`${setting.markdownDescription}`, /^%.+%$/, name);
      assert.equal(setting.description, undefined, name);
      assert.ok('default' in setting, name);
      const path = name.split('.').slice(1);
      const last = path.pop() ?? '';
      const place = path.reduce<Record<string, unknown>>((at, key) => {
        at[key] ??= {};
        return at[key] as Record<string, unknown>;
      }, answer);
      place[last] = setting.default;
    }
    assert.deepEqual(readSettings(answer), defaultSettings);
    // Not only the defaults: each value that the manifest offers is one the server knows.
    for (const build of properties['countersign.engine.build']?.enum ?? assert.fail()) {
      assert.equal(readSettings({ engine: { build } }).engineBuild, build);
    }
    for (const version of properties['countersign.rego.version']?.enum ?? assert.fail()) {
      assert.equal(readSettings({ rego: { version } }).regoVersion, version);
    }
  });

  test('has a language model tool with the same input as the MCP server’s, and the client implements it', () => {
    const [tool, ...others] = contributes.languageModelTools;
    assert.deepEqual(others, []);
    const { repository, ...properties } = tool.inputSchema.properties;
    assert.equal(repository.type, 'string');
    assert.deepEqual({ ...tool.inputSchema, properties }, declareInputSchema);
    assert.equal(tool.modelDescription, declareDescription);
    assert.ok(client.some((text) => text.includes(`registerTool<Input>('${tool.name}'`)));
  });

  test('names files that are there', () => {
    const files: string[] = [
      manifest.icon,
      manifest.l10n,
      ...strings(contributes).filter((text) => /^(\.\/|media\/)/.test(text)),
    ];
    assert.ok(files.length > 6);
    for (const file of files) assert.ok(existsSync(join(root, file)), file);
    const icon = readFileSync(join(root, manifest.icon));
    assert.ok(icon.readUInt32BE(16) >= 128 && icon.readUInt32BE(20) >= 128, 'the icon is 128×128 or larger');
  });

  test('sends no telemetry', () => {
    for (const text of client) assert.doesNotMatch(text, /createTelemetryLogger|telemetry/i);
  });
});
