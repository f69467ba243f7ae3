/** What a code action is asked and what it answers. Each action is a file of this folder; actions.ts lists them. */
import {
  type CodeActionKind,
  type CodeActionParams,
  type Command,
  type Diagnostic,
  TextDocumentEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { type Document, type Root, type Snapshot, uriOf } from '../../snapshot.ts';
import type { Builtin } from '../builtins.ts';
import type { Module, Modules } from '../names/modules.ts';
import { rangeOf } from '../places.ts';
import { parse } from '../syntax/parse.ts';
import type { Rule, Span, Tree } from '../syntax/tree.ts';
import type { ActionClient } from './client.ts';

/** Where an action is asked for. */
export interface Subject {
  readonly snapshot: Snapshot;
  readonly root: Root;
  readonly path: string;
  readonly document: Document;
  readonly modules: Modules;
  readonly module: Module;
  readonly tree: Tree;
  /** The selection, in offsets; empty for a cursor. */
  readonly span: Span;
  readonly range: CodeActionParams['range'];
  /** What the client shows there. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether the client asked for quick fixes and nothing else, without saying of what. */
  readonly asksForFixes: boolean;
  readonly client: ActionClient;
  readonly builtins: () => Promise<ReadonlyMap<string, Builtin>>;
  readonly signal: AbortSignal;
}

export interface Offer {
  /** Unique among what its provider offers for a place: by it the action is found again when it is chosen. */
  readonly title: string;
  readonly kind: CodeActionKind;
  /** Those that it mends. */
  readonly diagnostics?: readonly Diagnostic[];
  readonly isPreferred?: boolean;
  /** Why it cannot be done here, for people. */
  readonly disabled?: string;
  /** As `documentChanges`. A function where it takes the engine or more than a look; it may reject with a ResponseError. */
  readonly edit?: WorkspaceEdit | (() => Promise<WorkspaceEdit>);
  readonly command?: Command;
}

/** Finds what may be done at a place. Called on every movement of the cursor: what is slow waits in {@link Offer.edit}. */
export type Provider = (subject: Subject) => Offer[] | Promise<Offer[]>;

/** A span to replace, in offsets of the text before. */
export interface SpanEdit extends Span {
  readonly text: string;
}

/** Edits of one document, of the version that they were made for. */
export function documentEdit(
  root: Root,
  path: string,
  document: Document,
  edits: readonly SpanEdit[],
): TextDocumentEdit {
  return TextDocumentEdit.create(
    { uri: uriOf(root, path), version: document.version },
    inOrder(edits).map(({ start, end, text }) => ({ range: rangeOf(document, { start, end }), newText: text })),
  );
}

/** Edits of the module that an action was asked for in. */
export function ownEdit({ root, path, document }: Subject, edits: readonly SpanEdit[]): WorkspaceEdit {
  return { documentChanges: [documentEdit(root, path, document, edits)] };
}

/** What is put before a place comes before what replaces it. */
function inOrder(edits: readonly SpanEdit[]): SpanEdit[] {
  return edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

/** The text after edits that do not overlap. */
export function editedText(text: string, edits: readonly SpanEdit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: now } of inOrder(edits)) {
    result += text.slice(at, start) + now;
    at = end;
  }
  return result + text.slice(at);
}

/** Whether the edits leave a module that can be read, as far as it could be before. */
export function staysReadable(tree: Tree, edits: readonly SpanEdit[]): boolean {
  return parse(editedText(tree.text, edits), { version: tree.version }).errors.length <= tree.errors.length;
}

export function holds(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** The rule that holds a span. */
export function ruleAround(tree: Tree, span: Span): Rule | undefined {
  return tree.root.items.find((item): item is Rule => item.kind === 'rule' && holds(item, span));
}

/** The line break that most of the text has. */
export function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** The offset at which the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The whitespace that the line of an offset begins with. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';
}

/** The offset of the end of a line, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return text[end - 1] === '\r' && end > offset ? end - 1 : end;
}
