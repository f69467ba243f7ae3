/**
 * What is wrong with one document, in three reports that never wait for each other: `syntax` (our own
 * parser, at once), `check` (OPA's compile and type errors, schema errors) and `lint` (Regal).
 */
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import { EngineError } from '../../engine/engine.ts';
import { errorCodes, type Problem } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import type { Exceptions } from '../exceptions/register.ts';
import { kindOf } from '../file-kinds.ts';
import { isReported } from '../own-documents.ts';
import { checkModule } from '../rego/check.ts';
import { modulesIn, rootsOf } from '../rego/embedded/places.ts';
import { templateProblems } from '../rego/embedded/problems.ts';
import { isModule, isRego } from '../rego/engine-files.ts';
import type { Findings } from '../rego/kept-findings.ts';
import { type AcrossFiles, lintModule } from '../rego/lint.ts';
import { placedText } from '../rego/places.ts';
import { syntaxProblems } from '../rego/syntax-problems.ts';
import { settingsFor } from '../settings.ts';
import type { InSlices } from '../slices.ts';
import { type Document, isInHand, locate, type Root, type Snapshot } from '../snapshot.ts';
import { shiftRanges } from './shift.ts';
import { toDiagnostic } from './to-diagnostic.ts';

export const reportKinds = ['syntax', 'check', 'lint'] as const;
export type ReportKind = (typeof reportKinds)[number];

/** Reports on whole roots: `check` has the syntax errors of documents that are not open. */
export const rootReportKinds = ['check', 'lint'] as const satisfies ReportKind[];
export type RootReportKind = (typeof rootReportKinds)[number];

/** What the reports know beside the snapshot. */
export interface Context {
  signalOf(root: Root): AbortSignal;
  /** By root: what the cross-file rules found last. */
  across: Map<string, AcrossFiles>;
  /** What the engine last found in a document, by report, root and path. */
  recent: Map<string, Recent>;
  /** Findings of earlier sessions; absent where nothing is kept. */
  findings?: Findings;
  exceptions: Pick<Exceptions, 'knowledge' | 'otherwiseFrom'>;
  log(line: string): void;
  now(): Date;
  secretProblem(text: string): Promise<string | undefined>;
  inSlices: InSlices;
}

/** Findings, with the text they are about. */
export interface Recent {
  items: readonly Diagnostic[];
  text: string;
}

/**
 * A document's diagnostics; none for one that is gone or not looked after. Rejects when the work is
 * overtaken, or when there is no engine.
 */
export async function reportDocument(
  kind: ReportKind,
  snapshot: Snapshot,
  uri: string,
  context: Context,
): Promise<Diagnostic[]> {
  try {
    return await reportPlace(kind, snapshot, uri, context, !isInHand(snapshot, uri));
  } catch (error) {
    if (error instanceof EngineError && !passing.has(error.code)) return [failure(kind, error)];
    throw error;
  }
}

/** Errors that do not speak of the document. */
const passing = new Set<number>([errorCodes.cancelled, errorCodes.died, errorCodes.unavailable]);

/** A module that the engine cannot take is said to be so, never to be fine. */
function failure(kind: ReportKind, { message }: EngineError): Diagnostic {
  const start = { line: 0, character: 0 };
  return {
    range: { start, end: start },
    severity: DiagnosticSeverity.Error,
    source: 'countersign',
    code: 'engine',
    message: `The policy engine did not ${kind} this file: ${message}`,
  };
}

async function reportPlace(
  kind: ReportKind,
  snapshot: Snapshot,
  uri: string,
  context: Context,
  background: boolean,
): Promise<Diagnostic[]> {
  const place = isReported(snapshot, uri) ? locate(snapshot, uri) : undefined;
  if (!place) return [];
  const { root, path, document } = place;
  if (isRego(path, document)) {
    if (kind === 'syntax') return syntaxProblems(root, path, document);
    const one = { root, path, document, background };
    if (kind === 'check') return checkPlace(snapshot, one, context);
    if (!isModule(path, document)) return []; // Regal's own rules are for policies
    return settingsFor(snapshot.settings, root.base).lint ? lintPlace(snapshot, one, context) : [];
  }
  const own = kind === 'check' ? await checkOther(root, path, document, context) : [];
  const embedded = rootsOf(snapshot, uri);
  if (embedded.length === 0) return own;
  const found = modulesIn(embedded).map((one) => reportPlace(kind, snapshot, one.uri, context, background));
  return [
    ...own,
    ...(kind === 'syntax' ? embedded.flatMap(templateProblems) : []),
    ...(await Promise.all(found)).flat(),
  ];
}

interface Place {
  root: Root;
  path: string;
  document: Document;
  /** Nobody is waiting for it. */
  background: boolean;
}

async function checkPlace(snapshot: Snapshot, place: Place, context: Context): Promise<Diagnostic[]> {
  const { root, path, document, background } = place;
  const key = `check ${root.id} ${path}`;
  const earlier = context.recent.get(key);
  const moved = () => (earlier ? shiftRanges(earlier.items, earlier.text, placedText(document)) : []);
  // The compiler can say nothing of a text that cannot be read; what it said stays until it can again.
  if (syntaxProblems(root, path, document).length > 0) return moved();
  if (!isChecked(root, path, document)) return [];
  const { problems, incomplete } = await checkModule(snapshot, root, path, context.signalOf(root), background);
  const unknown = isModule(path, document) ? await unknownIn(snapshot, root, path) : [];
  const found = [...problems.map((problem) => toDiagnostic(root, problem)), ...unknown];
  const items = incomplete ? joined(found, moved()) : found;
  context.recent.set(key, { items, text: placedText(document) });
  return items;
}

/** What no schema has. */
async function unknownIn(snapshot: Snapshot, root: Root, path: string): Promise<Diagnostic[]> {
  const [{ unknownFields }, { builtinsOr }] = await Promise.all([
    import('../rego/types/unknown-fields.ts'),
    import('../rego/builtins.ts'),
  ]);
  return unknownFields(root, path, await builtinsOr(snapshot.ask, () => undefined, root));
}

/** Custom rules of the linter are code of the workspace: the engine is not given those that may not run. */
export function isChecked(root: Root, path: string, document: Document): boolean {
  return isModule(path, document) || (root.trusted && isRego(path, document));
}

async function lintPlace(snapshot: Snapshot, place: Place, context: Context): Promise<Diagnostic[]> {
  const { root, path, document, background } = place;
  const key = `lint ${root.id} ${path}`;
  const across = context.across.get(root.id);
  const others = (across ? acrossIn(across, path, document) : []).map((problem) => toDiagnostic(root, problem));
  if (syntaxProblems(root, path, document).length > 0) {
    const earlier = context.recent.get(key);
    return [...(earlier ? shiftRanges(earlier.items, earlier.text, placedText(document)) : []), ...others];
  }
  const kept = root.kind === 'embedded' ? undefined : await context.findings?.of(root);
  const problems = await lintModule(snapshot, root, path, context.signalOf(root), kept, background);
  const items = problems.map((problem) => toDiagnostic(root, problem));
  context.recent.set(key, { items, text: placedText(document) });
  return [...items, ...others];
}

/** With the earlier ones that are not among them: an error elsewhere kept the compiler from coming to them. */
function joined(found: readonly Diagnostic[], earlier: readonly Diagnostic[]): Diagnostic[] {
  const known = new Set(found.map(nameOf));
  return [...found, ...earlier.filter((one) => !known.has(nameOf(one)))];
}

function nameOf({ range, code, message }: Diagnostic): string {
  return JSON.stringify([range, code, message]);
}

const acrossByPath = derived(({ problems }: AcrossFiles) => {
  const byPath = new Map<string, Problem[]>();
  for (const problem of problems) byPath.set(problem.path, [...(byPath.get(problem.path) ?? []), problem]);
  return byPath;
});

function acrossIn(across: AcrossFiles, path: string, document: Document): Problem[] {
  const seen = across.root.files.get(path);
  return seen ? shiftRanges(acrossByPath(across).get(path) ?? [], placedText(seen), placedText(document)) : [];
}

/** Files that are not Rego: configuration, data, schemas. */
export async function checkOther(
  root: Root,
  path: string,
  document: Document,
  { exceptions, now, secretProblem }: Context,
): Promise<Diagnostic[]> {
  const kind = kindOf(path);
  switch (kind) {
    case 'exception': {
      const { exceptionProblems, nextChange } = await import('../exceptions/findings.ts');
      const judging = { now: now(), knowledge: await exceptions.knowledge.of(root), secretProblem };
      const problems = await exceptionProblems(root, path, document, judging);
      exceptions.otherwiseFrom(nextChange(root, judging));
      return problems.map((problem) => toDiagnostic(root, problem));
    }
    case 'config':
    case 'data':
    case 'schema':
    case 'schema-test': {
      // Loaded when the first such file is there: the schemas and their reader are half of the server.
      const { validate } = await import('../config/validation.ts');
      return validate(root, path, document, kind);
    }
    default:
      return [];
  }
}
