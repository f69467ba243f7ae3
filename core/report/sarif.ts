/**
 * SARIF 2.1.0, for code scanning and viewers (docs.oasis-open.org/sarif/sarif/v2.1.0). What GitHub
 * reads of it: docs.github.com, "SARIF support for code scanning".
 */
import type { Location, Log, ReportingDescriptor, Result, Run } from 'sarif';
import { oneLine, printable, wellFormed } from '../printable.ts';
import type { Violation } from '../verdict.ts';
import { fingerprinted } from './fingerprint.ts';
import { type Finding, type GateResult, placeOfFinding } from './gate-result.ts';
import { jsonText } from './json.ts';
import type { RuleFacts } from './rules.ts';

const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const site = 'https://countersign.dev';

/** The report, ending in a line break. Rule ids are `countersign/RULE`; what an exception excused is a suppressed result. */
export function sarifReport(result: GateResult): string {
  // Names that only differ in what cannot be printed are one rule here.
  const byId = new Map<string, RuleFacts>();
  for (const rule of result.rules.values()) {
    const id = ruleId(rule.name);
    if (isNamed(result, rule.name) && !byId.has(id)) byId.set(id, rule);
  }
  const rules = [...byId.values()];
  const indices = new Map([...byId.keys()].map((id, index) => [id, index]));
  const { verdict, repository, range } = result;
  const run: Run = {
    tool: {
      driver: {
        name: 'Countersign',
        informationUri: site,
        version: result.version,
        semanticVersion: result.version,
        rules: rules.map(descriptor),
      },
    },
    automationDetails: { id: 'countersign/gate/', description: { text: 'The commits of a change, judged by policy.' } },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: true,
        exitCode: verdict.result === 'deny' ? 1 : 0,
        endTimeUtc: new Date(result.now).toISOString(),
        toolExecutionNotifications: result.notes.map((note) => ({ level: 'note', message: { text: plain(note) } })),
      },
    ],
    originalUriBaseIds: { REPOSITORY: { description: { text: "The top of the repository's work tree." } } },
    results: [
      ...fingerprinted(result).map(({ finding, fingerprint }) => resultOf(result, finding, fingerprint, indices)),
      ...suppressed(result, indices),
    ],
    properties: {
      decision: verdict.decision_id,
      policyRevision: verdict.revision,
      policies: result.policies,
      base: range.base,
      head: range.head,
      ...(verdict.exceptions && { exceptions: verdict.exceptions.map(({ id }) => id) }),
    },
  };
  if (repository.host !== undefined && repository.owner !== undefined) {
    const path = [...repository.owner.split('/'), repository.name].map(encodeURIComponent).join('/');
    run.versionControlProvenance = [
      {
        repositoryUri: `https://${repository.host}/${path}`,
        revisionId: range.head,
        mappedTo: { uriBaseId: 'REPOSITORY' },
      },
    ];
  }
  const log: Log = { $schema: schema, version: '2.1.0', runs: [run] };
  return jsonText(log);
}

/** Only rules that some result has: a list of all that passed would be taken for alerts by none, but is long. */
function isNamed({ verdict, explain }: GateResult, name: string): boolean {
  if (explain) return true;
  const all = [verdict.change, ...verdict.commits].flatMap(({ deny, warn }) => [...deny, ...warn]);
  return [...all, ...(verdict.exceptions ?? []).flatMap(({ excused }) => excused)].some(({ rule }) => rule === name);
}

function descriptor({ name, description, help, path, line }: RuleFacts): ReportingDescriptor {
  const said = plain(description || `The policy's rule ${name}.`);
  const where = path === undefined ? '' : ` It stands in ${plain(path)}${line === undefined ? '' : `:${line}`}.`;
  return {
    id: ruleId(name),
    name: pascalCase(name),
    shortDescription: { text: firstSentence(said) },
    fullDescription: { text: said },
    help: { text: `${said}${where} See ${help}` },
    helpUri: help,
    defaultConfiguration: { level: 'error' },
    properties: { tags: ['policy', 'ai-disclosure'], precision: 'very-high' },
  };
}

function resultOf(
  result: GateResult,
  finding: Finding,
  fingerprint: string,
  indices: ReadonlyMap<string, number>,
): Result {
  const { violation, commit, level } = finding;
  const about = commit ? `Commit ${commit.sha.slice(0, 10)} "${plain(commit.subject)}": ` : '';
  return {
    ruleId: ruleId(violation.rule),
    ...(indices.has(ruleId(violation.rule)) && { ruleIndex: indices.get(ruleId(violation.rule)) }),
    kind: 'fail',
    level: level === 'deny' ? 'error' : 'warning',
    message: { text: `${about}${text(violation)}` },
    locations: [locationOf(result, finding)],
    partialFingerprints: { 'countersignFinding/v1': fingerprint, primaryLocationLineHash: `${fingerprint}:1` },
    properties: {
      ...(commit && { commit: commit.sha, ai: commit.ai }),
      ...(violation.field !== undefined && { field: violation.field }),
      ...(violation.fix !== undefined && { fix: violation.fix }),
    },
  };
}

/** What exceptions excused, marked as accepted by who gave them. */
function suppressed(result: GateResult, indices: ReadonlyMap<string, number>): Result[] {
  return (result.verdict.exceptions ?? []).flatMap(({ id, expires, excused }) =>
    excused.map((violation): Result => {
      const commit = result.verdict.commits.find(({ sha }) => sha === violation.commit);
      const finding: Finding = { level: 'deny', violation, ...(commit && { commit }) };
      const justification = `The exception ${plain(id)} excuses it until ${plain(expires)}.`;
      const base = resultOf(result, finding, '', indices);
      const { partialFingerprints: _, ...rest } = base;
      return { ...rest, suppressions: [{ kind: 'external', status: 'accepted', justification }] };
    }),
  );
}

function locationOf(result: GateResult, finding: Finding): Location {
  const { violation, commit } = finding;
  const place = placeOfFinding(result, finding);
  const logical = commit
    ? { name: commit.sha.slice(0, 10), fullyQualifiedName: commit.sha, kind: 'commit' }
    : { name: 'change', fullyQualifiedName: `${result.range.base}..${result.range.head}`, kind: 'change' };
  return {
    ...(place && {
      physicalLocation: {
        artifactLocation: { uri: uriOf(place.path), uriBaseId: 'REPOSITORY' },
        region: { startLine: place.line ?? 1 },
      },
    }),
    logicalLocations: [
      {
        ...logical,
        ...(violation.field !== undefined && { decoratedName: `${logical.name}: ${plain(violation.field)}` }),
      },
    ],
  };
}

/** The form that SARIF's own validator asks of names. */
function pascalCase(name: string): string {
  const words = oneLine(name).split(/[^\p{L}\p{N}]+/u);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') || oneLine(name);
}

function ruleId(name: string): string {
  return `countersign/${oneLine(name)}`;
}

function text({ msg, fix }: Violation): string {
  return fix === undefined ? plain(msg) : `${plain(msg)}\nFix: ${plain(fix)}`;
}

/** Printable; and `[text](target)`, which a SARIF message means as a link, is none. */
function plain(untrusted: string): string {
  return printable(untrusted).replaceAll('](', '] (');
}

function firstSentence(said: string): string {
  return /^.*?[.;](?=\s|$)/s.exec(said)?.[0] ?? said;
}

/** A path as a relative URI; a first segment with a colon is not to be read as a scheme. */
function uriOf(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(wellFormed(segment)))
    .join('/');
}
