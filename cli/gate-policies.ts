/** The options that say which policies judge, and what they ask for. */
import { type Command, Option } from 'commander';
import type { GitRepository } from '../core/git/repository.ts';
import type { VerificationKey } from '../core/policies/bundle/signature.ts';
import type { PolicySet } from '../core/policies/policy-set.ts';
import type { Engine } from '../engine/engine.ts';
import type { RegoVersion } from '../engine/protocol.ts';
import { UsageError } from './exit.ts';
import { regoOption } from './options.ts';
import { block, stderr } from './terminal.ts';

export interface PolicyOptions {
  policy?: string;
  bundle?: string;
  verificationKey?: string;
  verificationKeyId?: string;
  signingAlg?: string;
  scope?: string;
  rego?: RegoVersion;
  /** A server decides: see gate-opa.ts. */
  opaUrl?: string;
}

/** Adds the options to a command. */
export function withPolicyOptions(command: Command): Command {
  return command
    .option('--policy <dir>', 'judge by the policies in this folder instead of those of the base revision')
    .addOption(
      new Option(
        '--bundle <source>',
        'judge by an OPA bundle: a file, a folder, https://…, or oci://HOST/REPOSITORY:TAG',
      ).conflicts('policy'),
    )
    .option(
      '--verification-key <file>',
      'what the bundle must be signed with: a public key (PEM); else COUNTERSIGN_VERIFICATION_KEY holds it',
    )
    .option('--verification-key-id <id>', "the key's name, which the signature must have if it names one")
    .option('--signing-alg <name>', 'how the bundle must be signed (default: RS256)')
    .option('--scope <name>', "what the signature's scope must be")
    .addOption(regoOption());
}

/**
 * The policies that judge: those of `--policy` or `--bundle`, else of the base revision and the bundle that it
 * names, so that a change cannot loosen the rules that judge it; the built-in pack where the base has none.
 * Rejects with {@link UsageError} and `BundleError`.
 *
 * @param base the revision they are read at; undefined when there is none
 * @param engine asked for only when there is a bundle to read
 */
export async function choosePolicies(
  repository: GitRepository,
  base: string | undefined,
  options: PolicyOptions,
  engine: () => Promise<Engine>,
): Promise<PolicySet> {
  const policies = await policiesFor(repository, base, options, engine);
  const errors = policies.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new UsageError(`The policies of ${policies.label} cannot be used.`, errors);
  if (policies.files.every(({ kind }) => kind === 'data') && policies.schemas.length === 0) {
    throw new UsageError(`There is no policy in ${policies.label}: nothing could be denied.`);
  }
  return policies;
}

async function policiesFor(
  repository: GitRepository,
  base: string | undefined,
  options: PolicyOptions,
  engine: () => Promise<Engine>,
): Promise<PolicySet> {
  const { loadFolder, loadPack, loadRevision } = await import('../core/policies/load.ts');
  const { policy, bundle, rego: regoVersion } = options;
  if (policy !== undefined) {
    const { stat } = await import('node:fs/promises');
    const found = await stat(policy).catch(() => undefined);
    if (!found?.isDirectory()) throw new UsageError(`There is no folder ${JSON.stringify(policy)}.`);
    return loadFolder(policy, { regoVersion });
  }
  const own = base === undefined ? undefined : await loadRevision(repository, base, { regoVersion });
  if (bundle !== undefined) {
    return bundlePolicies(bundle, { own, besideOwn: false, regoVersion, key: await askedKey(options) }, engine);
  }
  const alone = (['verificationKey', 'verificationKeyId', 'signingAlg', 'scope'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (alone !== undefined) throw new UsageError('A signature is asked for, and no --bundle that could have one.');
  if (own?.config.bundle && base !== undefined) {
    refuseErrors(own);
    const key = await configuredKey(repository, base, own);
    return bundlePolicies(own.config.bundle.url, { own, besideOwn: true, regoVersion, key }, engine, true);
  }
  if (own !== undefined) return own;
  if (options.opaUrl !== undefined) return loadPack();
  note(
    `${base?.slice(0, 10) ?? 'The base'} has no .countersign folder, so the built-in policies judge. Make your own with: countersign init`,
  );
  return loadPack();
}

async function bundlePolicies(
  source: string,
  chosen: { own: PolicySet | undefined; besideOwn: boolean; regoVersion?: RegoVersion; key?: VerificationKey },
  engine: () => Promise<Engine>,
  remote = false,
): Promise<PolicySet> {
  const [{ loadBundle }, { readSource }, { default: envPaths }] = await Promise.all([
    import('../core/policies/bundle/load-bundle.ts'),
    import('../core/policies/bundle/source.ts'),
    import('env-paths'),
  ]);
  const cache = `${envPaths('countersign', { suffix: '' }).cache}/bundles`;
  const options = { ...chosen, environment: process.env, cache };
  const { policies, notes } = await loadBundle(await engine(), readSource(source, remote), options);
  for (const text of notes) note(text);
  return policies;
}

/** What the command line asks the bundle to be signed with. */
async function askedKey(options: PolicyOptions): Promise<VerificationKey | undefined> {
  const { verificationKey: file, verificationKeyId: keyId, signingAlg: algorithm = 'RS256', scope } = options;
  const key = file === undefined ? process.env.COUNTERSIGN_VERIFICATION_KEY : await readKey(file);
  if (!key) {
    if (keyId === undefined && options.signingAlg === undefined && scope === undefined) return undefined;
    throw new UsageError('Which key is the bundle signed with? Give it with --verification-key.');
  }
  return { key, algorithm, ...(keyId !== undefined && { keyId }), ...(scope !== undefined && { scope }) };
}

async function readKey(file: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`The verification key ${file} cannot be read: ${error.code}.`);
  });
}

/** What the base's configuration asks it to be signed with: a key that lies there, too, or a secret of the environment. */
async function configuredKey(
  repository: GitRepository,
  base: string,
  { config: { bundle } }: PolicySet,
): Promise<VerificationKey | undefined> {
  if (!bundle) return undefined;
  const { key: file, algorithm = 'RS256', keyId, scope } = bundle;
  const rest = { algorithm, ...(keyId !== undefined && { keyId }), ...(scope !== undefined && { scope }) };
  if (file !== undefined) {
    const { readRevisionFile } = await import('../core/approval/files.ts');
    const key = await readRevisionFile(repository, base, `.countersign/${file}`);
    if (key === undefined)
      throw new UsageError(`.countersign/${file}, the key of the bundle, is not in ${base.slice(0, 10)}.`);
    return { key, ...rest };
  }
  const { COUNTERSIGN_VERIFICATION_KEY: key } = process.env;
  if (key) return { key, ...rest };
  if (bundle.algorithm === undefined && keyId === undefined && scope === undefined) return undefined;
  throw new UsageError(
    'The configuration says how the bundle is signed, and not with which key: add bundle.key, or set COUNTERSIGN_VERIFICATION_KEY.',
  );
}

function refuseErrors(policies: PolicySet): void {
  const errors = policies.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new UsageError(`The policies of ${policies.label} cannot be used.`, errors);
}

function note(text: string): void {
  stderr.write(`${stderr.style('yellow', 'note')}: ${block(text, '      ')}\n`);
}
