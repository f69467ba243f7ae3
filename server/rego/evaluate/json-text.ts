/** JSON as text, for people: laid out again without reading its numbers, which JavaScript would round. */

/** Over several lines, as `JSON.stringify(…, undefined, 2)` does it. The text must be JSON without white space. */
export function indented(json: string): string {
  let text = '';
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of json.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      depth++;
      text += `${token}${line()}`;
    } else if (token === '}' || token === ']') {
      depth--;
      text += `${line()}${token}`;
    } else if (token === ',') text += `,${line()}`;
    else text += token === ':' ? ': ' : token;
  }
  return text;
}

/** In one line, with spaces where people write them, and cut off at `longest` characters. */
export function inOneLine(json: string, longest: number): string {
  let text = '';
  for (const [token] of json.matchAll(tokens)) {
    text += token === ',' || token === ':' ? `${token} ` : token;
    if (text.length > longest) return cut(text, longest);
  }
  return text;
}

/** Cut off between characters, never within one. */
export function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Empty objects and arrays are tokens of their own. */
const tokens = /\{\}|\[\]|"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^{}[\],:"\s]+/g;
