/**
 * Evaluates beside the code: a package, a rule or a selection with a chosen input, in the engine, on the texts as they
 * are now, without the network.
 *
 * A debugger and explanations would begin here, too: {@link targetOf} and {@link findInput} say what is evaluated and
 * with what, and the engine's `query` is where a tracer would stand beside coverage's.
 */
import type { Position } from 'vscode-languageserver';
import { EngineError } from '../../../engine/engine.ts';
import { errorCodes, type Location, type Problem, type QueryResult } from '../../../engine/protocol.ts';
import type { CoverageResult, EvaluateParams, EvaluateResult, EvaluationTarget } from '../../protocol.ts';
import { type Document, locate, type Root, type Snapshot, uriOf } from '../../snapshot.ts';
import { moduleAt } from '../embedded/places.ts';
import { isRego } from '../engine-files.ts';
import { type Module, modulesOf } from '../names/modules.ts';
import { offsetAt, rangeOf } from '../places.ts';
import { type FoundInput, findInput, type InputSources, NoInput } from './inputs.ts';
import { cut, indented, inOneLine } from './json-text.ts';
import { NoTarget, type Target, targetOf } from './targets.ts';

/** Characters beside the code; the hover and the document have all. */
const shortLength = 200;

/** A longer text is not laid out; no editor shows one well. */
const longestIndented = 2_000_000;

const defaultTimeoutMs = 30_000;

/** What compiling may take beside the evaluation's own time. */
const compileMs = 60_000;

export type Problems = EvaluateResult['problems'];

/** A module that something is asked of. */
export interface Asked {
  root: Root;
  path: string;
  document: Document;
  module: Module;
}

/**
 * Undefined for what is neither a module nor a custom rule of Regal. Of a file with several, it is the one at the
 * position, else the first.
 */
export function askedModule(snapshot: Snapshot, uri: string, position?: Position): Asked | undefined {
  const own = locate(snapshot, uri);
  const place = own && isRego(own.path, own.document) ? own : moduleAt(snapshot, uri, position);
  if (!place) return undefined;
  const module = modulesOf(place.root).byPath.get(place.path);
  return module && { ...place, module };
}

/** Rejects when it is cancelled, and when the engine itself is out of reach. */
export async function evaluate(
  snapshot: Snapshot,
  asked: Asked,
  params: EvaluateParams,
  sources: InputSources,
  signal: AbortSignal,
): Promise<EvaluateResult> {
  const { root, path, document, module } = asked;
  const answer: EvaluateResult = {
    outcome: 'error',
    query: '',
    kind: 'query',
    version: document.version,
    places: placesWithoutTarget(params.target),
    short: '',
    printed: [],
    builtinErrors: [],
    problems: [],
    notes: [],
  };
  let target: Target | undefined;
  let input: FoundInput | undefined;
  try {
    target = targetOf(module, params.target);
    Object.assign(answer, { query: target.query, kind: target.kind });
    answer.places = target.places.map((span) => rangeOf(document, span));
    const choice = params.input ?? { from: 'nearest' };
    const { text } = document;
    const wanting = { uri: params.uri, text, wantsItself: wantsItself(module) };
    input = await findInput(snapshot, wanting, choice, sources, signal);
    if (input) answer.input = { name: input.name, ...(input.uri !== undefined && { uri: input.uri }) };
    else if (choice.from === 'nearest' && usesInput(module)) {
      answer.notes.push(
        'There is no input.json or input.yaml beside or above the module: it was evaluated without an input.',
      );
    }
    const { timeoutMs = defaultTimeoutMs, coverage, profile } = params;
    const given = input && { input: { path: input.path, text: input.text } };
    const result = await snapshot.ask.root(
      root,
      'query',
      { path, query: target.query, ...given, timeoutMs, coverage, profile },
      { signal, evenIfStale: true, deadlineMs: timeoutMs + compileMs },
    );
    return { ...answer, ...told(root, target, result) };
  } catch (error) {
    if (signal.aborted) throw error;
    const problems = problemsOf(error, asked, target, input);
    if (!problems) throw error;
    return { ...answer, problems, short: cut(problems[0]?.message.replace(/\s+/g, ' ') ?? '', shortLength) };
  }
}

function placesWithoutTarget(target: EvaluationTarget): EvaluateResult['places'] {
  if (target.kind === 'selection') return [target.range];
  return target.kind === 'rule' ? [{ start: target.position, end: target.position }] : [];
}

/** By its first comment: https://www.openpolicyagent.org/projects/regal/custom-rules. */
function wantsItself({ names: { tree } }: Module): boolean {
  const [first] = tree.comments;
  return first !== undefined && /^#\s*regal eval:\s*use-as-input/.test(tree.text.slice(first.start, first.end));
}

function usesInput({ names }: Module): boolean {
  return (
    names.uses.some(({ segments }) => segments[0]?.name === 'input') ||
    names.imports.some(({ path }) => path[0]?.name === 'input')
  );
}

type Told = Partial<EvaluateResult> & Pick<EvaluateResult, 'outcome' | 'short'>;

function told(root: Root, target: Target, result: QueryResult): Told {
  const json = jsonOf(result, target);
  const { coverage, profile } = result;
  return {
    ...(json === undefined
      ? { outcome: 'undefined', short: 'undefined' }
      : {
          outcome: 'value',
          short: inOneLine(json, shortLength),
          value: json.length > longestIndented ? json : indented(json),
        }),
    printed: result.printed.map(({ text, location }) => ({ text, ...placeOf(root, location) })),
    builtinErrors: result.builtinErrors.map(({ message, location }) => ({ message, ...placeOf(root, location) })),
    evalMs: result.evalNs / 1e6,
    ...(coverage && { coverage: coverageOf(root, coverage) }),
    ...(profile && {
      profile: profile.map(({ location, ns, evals, redos }) => ({
        place: { uri: uriOf(root, location.path), range: location.range },
        ms: ns / 1e6,
        evals,
        redos,
      })),
    }),
  };
}

/** As one JSON text: the value itself, or of a query with variables or several lines its result set. */
function jsonOf({ result }: QueryResult, { kind }: Target): string | undefined {
  const [first, ...others] = result;
  if (!first) return undefined;
  if (kind !== 'query') return first.expressions[0]?.json;
  const rows = result.map(({ expressions, bindings }) => {
    if (bindings) return `{${Object.entries(bindings).map(([name, json]) => `${JSON.stringify(name)}:${json}`)}}`;
    return expressions.length === 1 ? expressions[0]?.json : `[${expressions.map(({ json }) => json)}]`;
  });
  return others.length === 0 ? rows[0] : `[${rows}]`;
}

function placeOf(root: Root, location: Location | undefined): { place?: { uri: string; range: Location['range'] } } {
  return location ? { place: { uri: uriOf(root, location.path), range: location.range } } : {};
}

export function coverageOf(root: Root, { files, percent }: NonNullable<QueryResult['coverage']>): CoverageResult {
  const fromZero = (lines: readonly number[]) => lines.map((line) => line - 1);
  return {
    percent,
    files: files.map(({ path, covered, notCovered }) => ({
      uri: uriOf(root, path),
      covered: fromZero(covered),
      notCovered: fromZero(notCovered),
    })),
  };
}

/** What went wrong, in words for people; undefined for what is no matter of policies, query or input. */
export function problemsOf(error: unknown, asked: Asked, target?: Target, input?: FoundInput): Problems | undefined {
  if (error instanceof NoTarget || error instanceof NoInput) return [{ message: error.message }];
  if (!(error instanceof EngineError)) return undefined;
  const problems = (error.data as { problems?: Problem[] } | undefined)?.problems ?? [];
  switch (error.code) {
    case errorCodes.compile: {
      const errors = problems.filter(({ severity }) => severity === 'error');
      // What follows from an unknown name says less than the name.
      const telling = errors.filter(({ message }) => message !== 'var _ is unsafe');
      return errors.length > 0
        ? (telling.length > 0 ? telling : errors).map((problem) => compileProblem(asked, target, problem))
        : [{ message: error.message }];
    }
    case errorCodes.evaluation: {
      const { location } = (error.data as { location?: Location } | undefined) ?? {};
      return [{ message: error.message, ...placeOf(asked.root, location ?? undefined) }];
    }
    case errorCodes.deadline:
    case errorCodes.limit:
      return [{ message: error.message }];
    case invalidParams:
      return input && problems.length > 0 ? problems.map((problem) => inputProblem(input, problem)) : undefined;
    default:
      return undefined;
  }
}

const invalidParams = -32602;

function inputProblem({ name, uri, text }: FoundInput, { message, range }: Problem): Problems[number] {
  const document: Document = { uri: '', languageId: 'json', version: null, text };
  const end = text.trimEnd().length;
  // Of a text that ends too early, nobody says where.
  const at = /unexpected (end|EOF)/i.test(message) ? rangeOf(document, { start: end, end }) : range;
  return {
    message: `The input (${name}) cannot be read: line ${at.start.line + 1}: ${message}`,
    ...(uri !== undefined && { place: { uri, range: at } }),
  };
}

function compileProblem({ root, document }: Asked, target: Target | undefined, { path, range, message }: Problem) {
  if (path !== '') {
    const line = range.start.line + 1;
    return { message: `${path}:${line}: ${message}`, place: { uri: uriOf(root, path), range } };
  }
  const said =
    / is unsafe$/.test(message) && target?.start !== undefined
      ? `${message}: the selection does not say what it is; select where it is declared, too`
      : message;
  if (target?.start === undefined) return { message: said };
  const query: Document = { uri: '', languageId: 'rego', version: null, text: target.query };
  const span = { start: target.start + offsetAt(query, range.start), end: target.start + offsetAt(query, range.end) };
  return { message: said, place: { uri: document.uri, range: rangeOf(document, span) } };
}
