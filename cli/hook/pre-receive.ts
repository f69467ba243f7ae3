/**
 * `countersign hook pre-receive`: what a git server runs before it takes a push. All refs of the push
 * are taken, or none. What is said goes to the person who pushes.
 */
import { Command } from 'commander';
import type { Decision, Prepared } from '../../core/decision/decide.ts';
import type { GitRepository } from '../../core/git/repository.ts';
import type { Input } from '../../core/input.ts';
import type { PolicyImpact } from '../../core/policies/impact.ts';
import type { PolicySet } from '../../core/policies/policy-set.ts';
import type { Range } from '../../core/range/range.ts';
import type { ReceivedRef } from '../../core/range/received.ts';
import type { Engine } from '../../engine/engine.ts';
import { exitCodes } from '../exit.ts';
import { gateLog } from '../gate-log.ts';
import { readSeconds } from '../options.ts';
import { block, printable, stderr, stdout } from '../terminal.ts';

interface PreReceiveOptions {
  repo: string;
  ifConfigured?: boolean;
  decisionLog?: string;
  timeout: number;
}

export function preReceiveCommand(): Command {
  return new Command('pre-receive')
    .description('for git servers: judge what is being pushed (OLD NEW REF on standard input), and refuse it')
    .option('-C, --repo <dir>', 'the repository', '.')
    .option(
      '--if-configured',
      'let everything pass where neither the ref as it was nor the default branch has a policy',
    )
    .option('--decision-log <file>', "append each decision's record to this file, in JSON Lines")
    .option('--timeout <seconds>', 'for evaluating the policies', readSeconds, 60)
    .action(preReceive);
}

async function preReceive(options: PreReceiveOptions): Promise<void> {
  const [{ text }, { isJudgedRef, readReceived }, { openRepository }, { startEngine }] = await Promise.all([
    import('node:stream/consumers'),
    import('../../core/range/received.ts'),
    import('../../core/git/repository.ts'),
    import('../../engine/start.ts'),
  ]);
  const refs = readReceived(await text(process.stdin)).filter(({ ref }) => isJudgedRef(ref));
  if (refs.length === 0) return;
  const starting = startEngine();
  starting.catch(() => undefined);
  const server: Server = {
    repository: await openRepository(options.repo, { inherit: true }),
    engine: starting,
    prepared: new Map(),
    testsMs: Math.max(options.timeout * 1000, 30_000),
    options,
  };
  let denied = 0;
  for (const ref of refs) if (!(await judgeRef(server, ref))) denied++;
  await (await starting).dispose();
  if (denied === 0) return;
  stdout.write(`countersign: ${denied} of ${refs.length} refs denied, so nothing was taken.\n`);
  process.exitCode = exitCodes.denied;
}

interface Server {
  repository: GitRepository;
  engine: Promise<Engine>;
  /** By the revision of the policy. */
  prepared: Map<string, Promise<Prepared>>;
  /** What is left for trying changed policies, of all refs together: who pushes must not keep the server busy. */
  testsMs: number;
  options: PreReceiveOptions;
}

/** Whether a ref is let through. Rejects when that cannot be decided. */
async function judgeRef(server: Server, { before, after, ref }: ReceivedRef): Promise<boolean> {
  const { pushRange } = await import('../../core/range/push.ts');
  const request = { kind: 'push', before, after, ref, source: 'pre-receive' } as const;
  const { range } = await pushRange(server.repository, request, 'server');
  if (server.options.ifConfigured && !(await isConfigured(server.repository, range))) return true;
  const prepared = await preparedFor(server, range.policy);
  const log = gateLog(server.options);
  try {
    const { frame, decision, impact } = await decideRef(server, range, prepared, log);
    await report(range, frame, prepared, decision, impact);
    return decision.verdict.result === 'allow';
  } catch (error) {
    await log.fail(error);
    throw error;
  }
}

async function decideRef(
  server: Server,
  range: Range,
  prepared: Prepared,
  log: ReturnType<typeof gateLog>,
): Promise<{ frame: Omit<Input, 'commits'>; decision: Decision; impact?: PolicyImpact }> {
  const { repository, options } = server;
  const [{ judge }, { readChange }, { readGateInput }] = await Promise.all([
    import('../../core/decision/decide.ts'),
    import('../../core/decision/input.ts'),
    import('../gate-input.ts'),
  ]);
  const { policies } = prepared;
  const facts = readChange(repository, range);
  const now = new Date().toISOString();
  log.know({ root: repository.root, policies, now, phase: range.phase });
  const { frame, commits } = await readGateInput(repository, facts, { range, policies, now });
  const began = Date.now();
  const timeoutMs = options.timeout * 1000;
  const trial = frame.change?.policy_change
    ? await (await import('../gate-impact.ts')).tryChangedPolicies(repository, frame, {
        range,
        policies,
        timeoutMs,
        testsMs: server.testsMs,
      })
    : undefined;
  if (trial) server.testsMs = Math.max(0, server.testsMs - (Date.now() - began));
  const judged = trial?.frame ?? frame;
  const recording = await log.begin(prepared);
  const decision = await judge(prepared, judged, commits, { timeoutMs, ...recording });
  await log.finish(decision);
  const impact = await trial?.impact(decision.verdict);
  return { frame: judged, decision, ...(impact && { impact }) };
}

async function isConfigured(repository: GitRepository, { policy }: Range): Promise<boolean> {
  if (policy === undefined) return false;
  const [{ hasEntry }, { home }] = await Promise.all([
    import('../../core/git/tree.ts'),
    import('../../core/policies/load.ts'),
  ]);
  return hasEntry(repository, policy, home);
}

function preparedFor({ repository, engine, prepared }: Server, revision: string | undefined): Promise<Prepared> {
  const key = revision ?? '';
  const known = prepared.get(key);
  if (known) return known;
  const preparing = (async (): Promise<Prepared> => {
    const [{ choosePolicies }, { prepare }] = await Promise.all([
      import('../gate-policies.ts'),
      import('../../core/decision/decide.ts'),
    ]);
    const policies: PolicySet = await choosePolicies(repository, revision, {}, () => engine);
    return prepare(await engine, policies);
  })();
  prepared.set(key, preparing);
  return preparing;
}

/** Says what is wrong with a ref and what becomes of its policies, and nothing of one that is fine. */
async function report(
  range: Range,
  frame: Omit<Input, 'commits'>,
  prepared: Prepared,
  { verdict, notes }: Decision,
  impact: PolicyImpact | undefined,
): Promise<void> {
  const parts = [verdict.change, ...verdict.commits];
  const said = [...(verdict.result === 'deny' ? range.notes : []), ...notes];
  for (const line of said) stderr.write(`countersign: ${block(line, '  ')}\n`);
  if (impact === undefined && parts.every(({ deny, warn }) => deny.length + warn.length === 0)) return;
  const [{ gateReport }, { nullId }, { rulePlaces }, { default: packageJson }] = await Promise.all([
    import('../gate-report.ts'),
    import('../gate-input.ts'),
    import('../../core/decision/places.ts'),
    import('../../package.json', { with: { type: 'json' } }),
  ]);
  const places = rulePlaces(
    prepared,
    parts.flatMap(({ deny, warn }) => [...deny, ...warn].map(({ rule }) => rule)),
  );
  const result = {
    verdict,
    range: {
      base: range.base ?? nullId,
      head: range.head ?? nullId,
      label: `${printable(range.push?.ref ?? '')} (${range.baseName}..${range.head?.slice(0, 10) ?? 'nothing'})`,
    },
    repository: frame.repository,
    policies: prepared.policies.label,
    rules: new Map(),
    facts: new Map(),
    ignored: new Map(),
    notes,
    now: frame.now,
    version: packageJson.version,
    explain: false,
    ...(impact && { impact }),
  };
  stdout.write(gateReport(result, { places, verbose: false }, stdout.style));
}
