/** The results that are shown, by document; what is edited makes them old, and moves them. */
import * as vscode from 'vscode';
import type { EvaluateParams, EvaluateResult } from '../../server/protocol.ts';
import { movedLine } from './lines.ts';

/** Something beside a line. */
export interface Note {
  line: number;
  kind: 'value' | 'undefined' | 'error' | 'printed' | 'profile';
  text: string;
}

export interface Shown {
  params: EvaluateParams;
  result: EvaluateResult;
  /** By document, what stands beside which line. */
  notes: Map<string, Note[]>;
  /** Something was edited since. */
  old: boolean;
}

export interface Results extends vscode.Disposable {
  readonly onChange: vscode.Event<void>;
  add(shown: Shown): void;
  remove(shown: Shown): void;
  all(): readonly Shown[];
  /** The one that came last. */
  latest(): Shown | undefined;
  clear(): void;
}

/** More would not be read any more. */
const most = 50;

export function createResults(): Results {
  const changed = new vscode.EventEmitter<void>();
  let shown: Shown[] = [];
  /** An edit here may mean another result. */
  const matters = ({ languageId }: vscode.TextDocument) => ['rego', 'json', 'jsonc', 'yaml'].includes(languageId);
  const editing = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (shown.length === 0 || contentChanges.length === 0 || !matters(document)) return;
    if (document.uri.scheme === viewScheme) return;
    const uri = document.uri.toString();
    for (const one of shown) {
      one.old = true;
      const notes = one.notes.get(uri);
      if (notes) one.notes.set(uri, moved(notes, contentChanges));
    }
    changed.fire();
  });
  return {
    onChange: changed.event,
    add(next) {
      shown = [...shown.filter((one) => !isSame(one, next)), next].slice(-most);
      changed.fire();
    },
    remove(one) {
      if (!shown.includes(one)) return;
      shown = shown.filter((other) => other !== one);
      changed.fire();
    },
    all: () => shown,
    latest: () => shown.at(-1),
    clear() {
      shown = [];
      changed.fire();
    },
    dispose() {
      editing.dispose();
      changed.dispose();
    },
  };
}

/** The scheme of what we show in documents of our own. */
export const viewScheme = 'countersign-view';

/** A rule has one result; of selections, those that begin in the same line take each other's place. */
function isSame(a: Shown, b: Shown): boolean {
  if (a.params.uri !== b.params.uri || a.result.kind !== b.result.kind) return false;
  if (a.result.kind !== 'query') return a.result.query === b.result.query;
  const lineOf = ({ notes, params }: Shown) => notes.get(params.uri)?.[0]?.line;
  return lineOf(a) === lineOf(b);
}

function moved(notes: readonly Note[], changes: readonly vscode.TextDocumentContentChangeEvent[]): Note[] {
  return notes.flatMap((note) => {
    // They come last first, so that each is about the text as it was.
    let line: number | undefined = note.line;
    for (const change of changes) if (line !== undefined) line = movedLine(line, change);
    return line === undefined ? [] : [{ ...note, line }];
  });
}
