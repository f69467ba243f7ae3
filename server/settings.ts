/**
 * The settings the server reads, with `workspace/configuration`, section `countersign`.
 * The client's `contributes.configuration` lists the same names, defaults and values.
 */
import type { RegoVersion } from '../engine/protocol.ts';
import { normalizeUri } from './uris.ts';

export type EngineBuild = 'auto' | 'native' | 'wasm';

export interface Settings {
  /** `countersign.engine.build`: `auto` (default), `native` or `wasm`; read when the engine starts. */
  engineBuild: EngineBuild;
  /**
   * `countersign.rego.version`: `auto` (default), `v0`, `v1` or `v0v1`. `auto` takes it from
   * `.countersign/config.yaml`, then from the Regal configuration's `project.rego-version`, else v1.
   */
  regoVersion: 'auto' | RegoVersion;
  /** `countersign.lint.enable` (default true): Regal's findings. */
  lint: boolean;
  /** `countersign.workspaceDiagnostics` (default true): problems of files that are not open, too. */
  workspaceDiagnostics: boolean;
  /** `countersign.commit.sessionLogs` (default false): agents' session logs are read for what is known of a commit. */
  sessionLogs: boolean;
  codeLens: CodeLensSettings;
  /** What workspace folders have of their own, by their normalized URIs without a slash at the end. */
  folders: Readonly<Record<string, FolderSettings>>;
}

/** The settings that hold for the policies of a folder. */
export type FolderSettings = Pick<Settings, 'regoVersion' | 'lint'>;

/** Those of the innermost workspace folder that a URI is in or is; else the window's. */
export function settingsFor(settings: Settings, uri: string): FolderSettings {
  let innermost = '';
  for (const folder of Object.keys(settings.folders)) {
    const isIn = uri === folder || uri.startsWith(`${folder}/`);
    if (isIn && folder.length > innermost.length) innermost = folder;
  }
  return settings.folders[innermost] ?? settings;
}

/** `countersign.codeLens.*` (all true by default), of the folder that a module is in. */
export interface CodeLensSettings {
  /** Above packages and rules: evaluate. */
  evaluate: boolean;
  /** Above packages with tests, and above tests: run. */
  tests: boolean;
  /** Above packages and rules: how many references there are. */
  references: boolean;
}

export const section = 'countersign';

export const defaultSettings: Settings = {
  engineBuild: 'auto',
  regoVersion: 'auto',
  lint: true,
  workspaceDiagnostics: true,
  sessionLogs: false,
  codeLens: { evaluate: true, tests: true, references: true },
  folders: {},
};

/**
 * Reads what a client answered; what is absent or of another type has its default.
 *
 * @param folders what it answered for workspace folders, by their URIs
 */
export function readSettings(answer: unknown, folders: ReadonlyMap<string, unknown> = new Map()): Settings {
  return { ...readScope(answer), folders: Object.fromEntries([...folders].flatMap(ofFolder)) };
}

/** A client that does not know of scopes answers nothing, or the window's own. */
function ofFolder([uri, answer]: [string, unknown]): [string, FolderSettings][] {
  if (answer === undefined || answer === null) return [];
  const { regoVersion, lint } = readScope(answer);
  return [[normalizeUri(uri).replace(/\/$/, ''), { regoVersion, lint }]];
}

function readScope(answer: unknown): Omit<Settings, 'folders'> {
  const root = asRecord(answer);
  const engine = asRecord(root.engine);
  const rego = asRecord(root.rego);
  const lint = asRecord(root.lint);
  const commit = asRecord(root.commit);
  const codeLens = asRecord(root.codeLens);
  return {
    engineBuild: oneOf(engine.build, ['auto', 'native', 'wasm'], defaultSettings.engineBuild),
    regoVersion: oneOf(rego.version, ['auto', 'v0', 'v1', 'v0v1'], defaultSettings.regoVersion),
    lint: typeof lint.enable === 'boolean' ? lint.enable : defaultSettings.lint,
    workspaceDiagnostics:
      typeof root.workspaceDiagnostics === 'boolean' ? root.workspaceDiagnostics : defaultSettings.workspaceDiagnostics,
    sessionLogs: commit.sessionLogs === true,
    codeLens: {
      evaluate: codeLens.evaluate !== false,
      tests: codeLens.tests !== false,
      references: codeLens.references !== false,
    },
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.find((one) => one === value) ?? otherwise;
}
