/** What features answer with edits in it, made to fit the file that the Rego is embedded in. */
import type { TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { indentedEdits } from './edits.ts';
import type { BlockPlace } from './places.ts';

/** The answer with all edits of the block's file as that file needs them; anything else is as it was. */
export function yamlEdits<T>(block: BlockPlace, answer: T): T {
  const own = adapted(block, answer);
  return (own === refused ? { ...answer, edit: undefined } : own) as T;
}

function adapted(block: BlockPlace, answer: unknown): unknown {
  if (Array.isArray(answer)) {
    if (answer.length > 0 && answer.every(isTextEdit)) return indentedEdits(block.document.text, block.block, answer);
    return answer.map((item) => adapted(block, item)).filter((item) => item !== refused);
  }
  if (typeof answer !== 'object' || answer === null) return answer;
  if (isWorkspaceEdit(answer)) return inFile(block, answer);
  const { edit, additionalTextEdits, items } = answer as Carrier;
  if (edit && isWorkspaceEdit(edit)) return makesModule(edit) ? refused : { ...answer, edit: inFile(block, edit) };
  if (additionalTextEdits) return { ...answer, additionalTextEdits: adapted(block, additionalTextEdits) };
  return Array.isArray(items) ? { ...answer, items: adapted(block, items) } : answer;
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

function inFile(place: BlockPlace, edit: WorkspaceEdit): WorkspaceEdit {
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
  return own ? { ...edit, changes: { ...changes, [uri]: byBlock([...root.files.values()], own) } } : edit;
}

function ofModule(place: BlockPlace, edits: readonly TextEdit[]): TextEdit[] {
  const isOwn = edits.some(({ range: { start } }) => start.line >= place.lines.start && start.line < place.lines.end);
  if (isOwn) return indentedEdits(place.document.text, place.block, edits);
  return byBlock([...place.root.files.values()], edits);
}

/** The modules of a root stand in one file: each edit belongs to the block that it begins in, or else comes after. */
function byBlock(documents: readonly BlockPlace['document'][], edits: readonly TextEdit[]): TextEdit[] {
  const blocks = documents
    .flatMap(({ text, embedded }) => (embedded?.source.block ? [{ text, block: embedded.source.block }] : []))
    .sort((a, b) => b.block.start - a.block.start);
  const groups = new Map<(typeof blocks)[number], TextEdit[]>();
  for (const edit of edits) {
    const owner = blocks.find(({ block }) => edit.range.start.line >= block.firstLine) ?? blocks.at(-1);
    if (owner) groups.set(owner, [...(groups.get(owner) ?? []), edit]);
  }
  return [...groups].flatMap(([{ text, block }, own]) => indentedEdits(text, block, own));
}
