/** What features answer with edits in it, made to fit the file that the Rego is embedded in. */
import {
  type CompletionItem,
  type Position,
  ResponseError,
  type TextDocumentEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Document } from '../../snapshot.ts';
import { indentedEdits } from './edits.ts';
import { type EmbeddedPlace, isIn } from './places.ts';
import { scalarItem } from './scalar-completion.ts';
import { scalarEdits } from './scalar-edits.ts';

/**
 * The answer with all edits of the text's file as that file needs them; anything else is as it was. Rejects with a
 * ResponseError where the file cannot hold what was asked for.
 *
 * @param position where it was asked, of an answer about a place
 */
export function yamlEdits<T>(place: EmbeddedPlace, answer: T, position?: Position): T {
  const own = adapted(place, answer, position);
  return (own === refused ? { ...answer, edit: undefined } : own) as T;
}

/** Edits of a module as those of the file. */
export function fileEdits(
  { document, root, block }: Pick<EmbeddedPlace, 'document' | 'root' | 'block'>,
  edits: readonly TextEdit[],
): TextEdit[] {
  if (block) return indentedEdits(document.text, block, edits);
  const { source, places } = document.embedded ?? {};
  const yaml = root.template?.document;
  return source && places && yaml ? scalarEdits({ yaml, source, places }, edits) : [...edits];
}

function adapted(place: EmbeddedPlace, answer: unknown, position?: Position): unknown {
  if (Array.isArray(answer)) {
    if (answer.length > 0 && answer.every(isTextEdit)) return fileEdits(place, answer);
    return answer.map((item) => unlessUnwritable(() => adapted(place, item))).filter((item) => item !== refused);
  }
  if (typeof answer !== 'object' || answer === null) return answer;
  if (isWorkspaceEdit(answer)) return inFile(place, answer);
  const { edit, additionalTextEdits, items } = answer as Carrier;
  if (edit && isWorkspaceEdit(edit)) return makesModule(edit) ? refused : { ...answer, edit: inFile(place, edit) };
  if (Array.isArray(items) && place.scalar && position) {
    return { ...answer, items: items.flatMap((item: CompletionItem) => scalarItem(place, item, position) ?? []) };
  }
  if (additionalTextEdits) return { ...answer, additionalTextEdits: adapted(place, additionalTextEdits) };
  return Array.isArray(items) ? { ...answer, items: adapted(place, items) } : answer;
}

/** Of several offers, one that the file cannot hold is none. */
function unlessUnwritable(adapt: () => unknown): unknown {
  try {
    return adapt();
  } catch (error) {
    if (error instanceof ResponseError) return refused;
    throw error;
  }
}

/** An action, a completion item, or a list of such. */
interface Carrier {
  edit?: unknown;
  additionalTextEdits?: TextEdit[];
  items?: unknown;
}

/** An action that makes no sense for a block. */
const refused = Symbol('refused');

function isTextEdit(item: unknown): item is TextEdit {
  const { range, newText } = Object(item) as Partial<TextEdit>;
  return range !== undefined && typeof newText === 'string';
}

function isWorkspaceEdit(value: object): value is WorkspaceEdit {
  return 'documentChanges' in value || 'changes' in value;
}

/** A block has no file beside it that would be its test, or that it could move to. */
function makesModule({ documentChanges = [] }: WorkspaceEdit): boolean {
  return documentChanges.some((change) => 'kind' in change && change.kind === 'create' && change.uri.includes('.rego'));
}

function inFile(place: EmbeddedPlace, edit: WorkspaceEdit): WorkspaceEdit {
  const { root, document } = place;
  const { uri } = document;
  const { changes, documentChanges } = edit;
  if (documentChanges) {
    const own: TextDocumentEdit[] = [];
    const others = documentChanges.filter((change) => {
      if ('kind' in change) return change.kind !== 'rename' || change.oldUri !== uri;
      if (change.textDocument.uri !== uri) return true;
      own.push(change);
      return false;
    });
    const [first] = own;
    if (!first) return { ...edit, documentChanges: others };
    // A feature edits a module at a time: where it reaches beyond the block, it is still the block's.
    const edits = own.flatMap((change) => ofModule(place, change.edits as TextEdit[]));
    return { ...edit, documentChanges: [{ ...first, edits }, ...others] };
  }
  const own = changes?.[uri];
  return own ? { ...edit, changes: { ...changes, [uri]: byText(root, own) } } : edit;
}

function ofModule(place: EmbeddedPlace, edits: readonly TextEdit[]): TextEdit[] {
  const { block, lines } = place;
  const isOwn = edits.some(({ range: { start } }) =>
    block ? start.line >= lines.start && start.line < lines.end : isIn(place, start),
  );
  if (isOwn) return fileEdits(place, edits);
  return byText(place.root, edits);
}

/** The modules of a root stand in one file: each edit belongs to the text that it begins in, or else comes after. */
function byText(root: EmbeddedPlace['root'], edits: readonly TextEdit[]): TextEdit[] {
  const texts = [...root.files.values()]
    .map((document) => ({ root, document, block: document.embedded?.source.block, start: startOf(document) }))
    .sort((a, b) => b.start.line - a.start.line || b.start.character - a.start.character);
  const groups = new Map<(typeof texts)[number], TextEdit[]>();
  for (const edit of edits) {
    const { line, character } = edit.range.start;
    const owner =
      texts.find(({ start }) => line > start.line || (line === start.line && character >= start.character)) ??
      texts.at(-1);
    if (owner) groups.set(owner, [...(groups.get(owner) ?? []), edit]);
  }
  return [...groups].flatMap(([text, own]) => fileEdits(text, own));
}

/** A block has its lines to itself. */
function startOf({ embedded }: Document): Position {
  const { source, places } = embedded ?? {};
  return source?.block || !places
    ? { line: source?.block?.firstLine ?? 0, character: 0 }
    : places.rangeOf({ start: 0, end: 0 }).start;
}
