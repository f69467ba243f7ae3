/** Tells Helm's charts from plain YAML. */
import type { Span } from '../syntax/tree.ts';

/** Actions of Go's templates: what YAML and Rego never say so. */
const action = /\{\{-|-\}\}|\{\{\s*(?:[.$/]|(?:if|else|end|range|with|include|template|define|tpl|toYaml|printf)\b)/;

/**
 * Whether a file is a chart's, which is no YAML until Helm has filled it in.
 *
 * @param texts where Rego is in it
 */
export function isHelm(text: string, texts: readonly Span[]): boolean {
  if (!text.includes('{{')) return false;
  if (action.test(text)) return true;
  // In Rego, `{{` is a set of sets or objects; in YAML outside of a text and of comments nothing.
  let rest = '';
  let end = 0;
  for (const span of [...texts].sort((a, b) => a.start - b.start)) {
    rest += text.slice(end, span.start);
    end = Math.max(end, span.end);
  }
  rest += text.slice(end);
  return rest.split('\n').some((line) => line.includes('{{') && !/^\s*#/.test(line));
}
