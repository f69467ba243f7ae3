/**
 * The settings the server reads, with `workspace/configuration`, section `countersign`.
 * The client's `contributes.configuration` lists the same names, defaults and values.
 */
import type { RegoVersion } from '../engine/protocol.ts';

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
}

export const section = 'countersign';

export const defaultSettings: Settings = {
  engineBuild: 'auto',
  regoVersion: 'auto',
  lint: true,
  workspaceDiagnostics: true,
  sessionLogs: false,
};

/** Reads what a client answered; what is absent or of another type has its default. */
export function readSettings(answer: unknown): Settings {
  const root = asRecord(answer);
  const engine = asRecord(root.engine);
  const rego = asRecord(root.rego);
  const lint = asRecord(root.lint);
  const commit = asRecord(root.commit);
  return {
    engineBuild: oneOf(engine.build, ['auto', 'native', 'wasm'], defaultSettings.engineBuild),
    regoVersion: oneOf(rego.version, ['auto', 'v0', 'v1', 'v0v1'], defaultSettings.regoVersion),
    lint: typeof lint.enable === 'boolean' ? lint.enable : defaultSettings.lint,
    workspaceDiagnostics:
      typeof root.workspaceDiagnostics === 'boolean' ? root.workspaceDiagnostics : defaultSettings.workspaceDiagnostics,
    sessionLogs: commit.sessionLogs === true,
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.find((one) => one === value) ?? otherwise;
}
