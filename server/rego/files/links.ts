/**
 * Links in a module's comments: rules of Regal that a directive ignores lead to their documentation, schemas in
 * METADATA to their files, and addresses in `related_resources` to what they name.
 */
import type { DocumentLink } from 'vscode-languageserver';
import type { Document } from '../../snapshot.ts';
import { type Root, uriOf } from '../../snapshot.ts';
import { rangeOf } from '../places.ts';
import { ruleUrl } from '../regal-rules.ts';
import type { Metadata, Span, Tree } from '../syntax/tree.ts';
import { schemasByName } from '../types/input-schemas.ts';

export function documentLinks(root: Root, document: Document, tree: Tree): DocumentLink[] {
  const links: DocumentLink[] = [];
  const add = ({ start, end }: Span, target: string, tooltip?: string) => {
    links.push({ range: rangeOf(document, { start, end }), target, ...(tooltip && { tooltip }) });
  };
  for (const comment of tree.comments) {
    for (const { name, span } of ignoredRules(tree.text, comment)) {
      const url = ruleUrl(name);
      if (url) add(span, url, `The rule ${name} in Regal's documentation`);
    }
  }
  for (const block of tree.metadata) {
    for (const span of found(tree.text, block, 'related_resources', /https?:\/\/[^\s"'<>,\]}]+/g)) {
      add(span, tree.text.slice(span.start, span.end));
    }
    for (const span of found(tree.text, block, 'schemas', /\bschema(?:\s*\.\s*\w+|\["[^"\n]+"\])+/g)) {
      const schema = schemasByName(root).get(schemaName(tree.text.slice(span.start, span.end)));
      if (schema) add(span, uriOf(root, schema.path), schema.path);
    }
  }
  return links.sort(
    (a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character,
  );
}

/** `# regal ignore:a, b`, also behind other words: so Regal reads them (bundle/regal/ast/comments.rego of v0.42). */
function* ignoredRules(text: string, { start, end }: Span): Generator<{ name: string; span: Span }> {
  const comment = text.slice(start, end);
  const directive = /^.*regal ignore:\s*/.exec(comment);
  if (!directive) return;
  for (const { 0: name, index } of comment.slice(directive[0].length).matchAll(/[\w-]+/g)) {
    const from = start + directive[0].length + index;
    yield { name, span: { start: from, end: from + name.length } };
  }
}

/** What a field of METADATA holds of a kind, without the trailing stop of a sentence. */
function* found(text: string, { entries }: Metadata, field: string, kind: RegExp): Generator<Span> {
  for (const { name, value } of entries) {
    if (name !== field || !value) continue;
    for (const { 0: written, index } of text.slice(value.start, value.end).matchAll(kind)) {
      const start = value.start + index;
      yield { start, end: start + written.replace(/[.)]+$/, '').length };
    }
  }
}

/** `schema.a["b c"]` as the engine names it: `a/b c`. */
function schemaName(reference: string): string {
  const names = [...reference.matchAll(/\.\s*(\w+)|\["([^"]+)"\]/g)].map(([, plain, quoted]) => plain ?? quoted);
  return names.join('/');
}
