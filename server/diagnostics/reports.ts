/**
 * What is wrong with one document or one root, in two reports that never wait for each other:
 * `check` (syntax, compile and type errors, schema errors) and `lint` (Regal).
 */
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import { EngineError } from '../../engine/engine.ts';
import { errorCodes, type Problem } from '../../engine/protocol.ts';
import type { Exceptions } from '../exceptions/register.ts';
import { kindOf } from '../file-kinds.ts';
import { checkModule, checkRoot } from '../rego/check.ts';
import { isModule } from '../rego/engine-files.ts';
import { type AcrossFiles, lintModule, lintRoot } from '../rego/lint.ts';
import { syntaxProblems } from '../rego/syntax-problems.ts';
import { type Document, locate, type Root, type Snapshot, uriOf } from '../snapshot.ts';
import { shiftRanges } from './shift.ts';
import { toDiagnostic } from './to-diagnostic.ts';

export const reportKinds = ['check', 'lint'] as const;
export type ReportKind = (typeof reportKinds)[number];

/** What the reports know beside the snapshot. */
export interface Context {
  signalOf(root: Root): AbortSignal;
  /** By root: what the cross-file rules found last. */
  across: Map<string, AcrossFiles>;
  exceptions: Pick<Exceptions, 'knowledge' | 'otherwiseFrom'>;
  now(): Date;
  secretProblem(text: string): Promise<string | undefined>;
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
    return await reportPlace(kind, snapshot, uri, context);
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

async function reportPlace(kind: ReportKind, snapshot: Snapshot, uri: string, context: Context): Promise<Diagnostic[]> {
  const place = locate(snapshot, uri);
  if (!place) return [];
  const { root, path, document } = place;
  if (isModule(path, document)) {
    const signal = context.signalOf(root);
    if (kind === 'check') {
      const broken = syntaxProblems(root, document);
      if (broken.length > 0) return broken;
      return (await checkModule(snapshot, root, path, signal)).map((problem) => toDiagnostic(root, problem));
    }
    if (!snapshot.settings.lint) return [];
    const found = await lintModule(snapshot, root, path, signal);
    const across = context.across.get(root.id);
    return [...found, ...(across ? acrossIn(across, path, document) : [])].map((problem) =>
      toDiagnostic(root, problem),
    );
  }
  return kind === 'check' ? checkOther(snapshot, root, path, document, context) : [];
}

/**
 * A root's diagnostics by URI, for every document that has any. Takes seconds in a large root.
 *
 * @param part is told what is known so far, of single documents
 */
export async function reportRoot(
  kind: ReportKind,
  snapshot: Snapshot,
  root: Root,
  context: Context,
  signal: AbortSignal,
  progress: (done: number, all: number) => void,
): Promise<Map<string, Diagnostic[]>> {
  const reports = new Map<string, Diagnostic[]>();
  const add = (uri: string, diagnostics: readonly Diagnostic[]) => {
    if (diagnostics.length > 0) reports.set(uri, [...(reports.get(uri) ?? []), ...diagnostics]);
  };
  const addProblems = (problems: readonly Problem[]) => {
    for (const problem of problems) {
      const document = root.files.get(problem.path);
      if (document && isModule(problem.path, document)) add(uriOf(root, problem.path), [toDiagnostic(root, problem)]);
    }
  };
  if (kind === 'lint') {
    if (!snapshot.settings.lint) return reports;
    const found = await lintRoot(snapshot, root, signal, progress);
    context.across.set(root.id, found.across);
    addProblems(found.single);
    addProblems(found.across.problems);
    return reports;
  }
  addProblems(await checkRoot(snapshot, root, context.signalOf(root)));
  for (const [path, document] of root.files) {
    if (!isModule(path, document)) add(document.uri, await checkOther(snapshot, root, path, document, context));
  }
  return reports;
}

function acrossIn(across: AcrossFiles, path: string, document: Document): Problem[] {
  const seen = across.root.files.get(path);
  if (!seen) return [];
  return shiftRanges(
    across.problems.filter((problem) => problem.path === path),
    seen.text,
    document.text,
  );
}

/** Files that are no modules: configuration, data, schemas, lint rules. */
async function checkOther(
  snapshot: Snapshot,
  root: Root,
  path: string,
  document: Document,
  { exceptions, now, secretProblem }: Context,
): Promise<Diagnostic[]> {
  const kind = kindOf(path);
  switch (kind) {
    case 'lint-rule': {
      const { problems } = await snapshot.ask.plain('parse', { path, text: document.text });
      return problems.map((problem) => toDiagnostic(root, problem));
    }
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
