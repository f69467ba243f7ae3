/** `.countersign/config.yaml`: read, checked, and completed with defaults. */

import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Problem, RegoVersion } from '../engine/protocol.ts';
import type { Agent } from './disclosure/agents.ts';
import { compileSchema, validateDocument } from './document-schema.ts';
import configSchema from './schemas/config.schema.json' with { type: 'json' };
import { isTrailerKey } from './trailers/add.ts';
import { problem, readDocument } from './yaml-document.ts';

/**
 * The form in which a commit discloses AI use; `core/disclosure/profiles.ts` knows each:
 *
 * - `countersign`: one trailer a field, as `trailers` names them;
 * - `kernel`: `Assisted-by: AGENT:MODEL [TOOL…]`, as the Linux kernel asks for it;
 * - `generated-by`: `Generated-by: …`, as the Apache Software Foundation and OpenInfra do;
 * - `co-authored-by`: the agent's own `Co-authored-by` line;
 * - `forbid`: none: the project refuses contributions made with AI.
 */
export type Profile = 'countersign' | 'kernel' | 'generated-by' | 'co-authored-by' | 'forbid';

/** An OPA bundle, and what it must be signed with. */
export interface BundleConfig {
  /** `https://…` or `oci://…`. */
  url: string;
  /** The file with the public key, relative to the configuration's folder; the bundle need not be signed when absent. */
  key?: string;
  /** Default `RS256`. */
  algorithm?: string;
  /** The key's name, which the signature must have if it names one. */
  keyId?: string;
  /** What the signature's `scope` must be; none when absent. */
  scope?: string;
}

/** A repository's settings. */
export interface Config {
  version: 1;
  /** Field of the disclosure → key of its trailer, in the order in which they are stamped. */
  trailers: Record<string, string>;
  /** Folders with policies and their tests, relative to the configuration's. */
  policies: string[];
  /** Folders with policy data. */
  data: string[];
  /** The folder with exceptions. */
  exceptions: string;
  rego: RegoVersion;
  disclosure: {
    /** The form that is stamped, and read. */
    profile: Profile;
    /** Further forms that are read as a disclosure. */
    accept: Exclude<Profile, 'forbid'>[];
    /** What stamping does with agents' co-author lines: `replace` takes their model over before they go. */
    coauthors: 'keep' | 'replace' | 'remove';
  };
  hook: {
    /** When the hook asks for a disclosure: when something shows AI use, at each commit, or never. */
    ask: 'evidence' | 'always' | 'never';
    /** What becomes of a commit that the hook could not judge for a fault of its own. */
    onError: 'allow' | 'deny';
    /** Ask in an open VS Code window, where there is one. */
    window: boolean;
  };
  notes: {
    /** A disclosure in refs/notes/countersign counts where the message has none. */
    accept: boolean;
  };
  approval: {
    /** The file with the approvers' public keys (ssh-keygen's ALLOWED SIGNERS format), relative to the configuration's folder. */
    allowedSigners: string;
  };
  decisions: {
    /** The file that decisions are recorded in, relative to the repository; nowhere when absent. */
    log?: string;
    /** From this size in bytes on, the file is moved away and a new one begun; never when absent. */
    maxBytes?: number;
    /** The commit hook records, too. */
    hook: boolean;
  };
  /** Policies that come from elsewhere, beside the folder's own; none when absent. */
  bundle?: BundleConfig;
  /**
   * Who is an agent, for forms that tell agents' lines from people's. Not of this file: whoever loads the
   * policy data fills it in, see {@link needsAgents}.
   */
  agents?: readonly Agent[];
}

/** Whether reading or stamping must know who is an agent. */
export function needsAgents({ disclosure: { profile, accept, coauthors } }: Config): boolean {
  return profile !== 'countersign' || accept.some((form) => form !== 'countersign') || coauthors !== 'keep';
}

/** The groups of settings, of which a configuration may set some members and leave the others. */
const groups = ['disclosure', 'hook', 'notes', 'approval', 'decisions'] as const;

/** What holds where the configuration says nothing. */
export const defaultConfig: Config = {
  version: 1,
  trailers: {
    model: 'AI-Model',
    timestamp: 'AI-Timestamp',
    context: 'AI-Context',
    approver: 'AI-Approver',
  },
  policies: ['policies'],
  data: ['data'],
  exceptions: 'exceptions',
  rego: 'v1',
  disclosure: { profile: 'countersign', accept: [], coauthors: 'keep' },
  hook: { ask: 'evidence', onError: 'allow', window: true },
  notes: { accept: false },
  approval: { allowedSigners: 'allowed-signers' },
  decisions: { hook: false },
};

let validate: ValidateFunction<Partial<Config>> | undefined;

/** Reads a configuration; with a problem in it, `config` is the default and must not decide anything. */
export function readConfig(path: string, text: string): { config: Config; problems: Problem[] } {
  const document = readDocument(path, text);
  if (document.problems.length > 0) return { config: defaultConfig, problems: document.problems };
  validate ??= compileSchema<Partial<Config>>(configSchema);
  const problems = validateDocument(document, validate);
  if (problems.length > 0) return { config: defaultConfig, problems };
  const config = completed(document.value as Partial<Config>);

  const fieldOfKey = new Map<string, string>();
  for (const [field, key] of Object.entries(config.trailers)) {
    const complain = (message: string) =>
      problems.push(problem(path, document.rangeOf(['trailers', field]), 'config', message));
    const same = fieldOfKey.get(key.toLowerCase());
    if (!isTrailerKey(key))
      complain(`${JSON.stringify(key)} cannot be a trailer's key: use letters, digits and hyphens.`);
    else if (same !== undefined) complain(`The fields ${same} and ${field} have the same trailer ${key}.`);
    fieldOfKey.set(key.toLowerCase(), field);
  }
  const folders: [(string | number)[], string][] = [
    ...config.policies.map((folder, at): [(string | number)[], string] => [['policies', at], folder]),
    ...config.data.map((folder, at): [(string | number)[], string] => [['data', at], folder]),
    [['exceptions'], config.exceptions],
    [['approval', 'allowedSigners'], config.approval.allowedSigners],
    ...(config.bundle?.key === undefined ? [] : [[['bundle', 'key'], config.bundle.key] as [string[], string]]),
  ];
  for (const [keys, place] of folders) {
    if (leavesFolder(place)) {
      const kind = keys[0] === 'approval' || keys[0] === 'bundle' ? 'file' : 'folder';
      const message = `${JSON.stringify(place)} must be a ${kind} below the folder this file is in, with / between its parts.`;
      problems.push(problem(path, document.rangeOf(keys), 'config', message));
    }
  }
  const { log } = config.decisions;
  if (log !== undefined && (leavesFolder(log) || /(^|\/)\.git(\/|$)/i.test(log))) {
    const message = `${JSON.stringify(log)} must be a file in the repository and not in .git, with / between its parts.`;
    problems.push(problem(path, document.rangeOf(['decisions', 'log']), 'config', message));
  }
  return problems.length > 0 ? { config: defaultConfig, problems } : { config, problems };
}

/** The configuration with the defaults for what it leaves unsaid, also within its groups. */
function completed(given: Partial<Config>): Config {
  const config = { ...defaultConfig, ...given };
  for (const group of groups) Object.assign(config, { [group]: { ...defaultConfig[group], ...given[group] } });
  return config;
}

/** Absolute, upwards, or in Windows' writing. */
function leavesFolder(folder: string): boolean {
  return (
    folder.startsWith('/') || /^[A-Za-z]:/.test(folder) || folder.includes('\\') || folder.split('/').includes('..')
  );
}
