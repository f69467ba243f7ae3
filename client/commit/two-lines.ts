/** The list cuts a line off at about this length. */
export const lineLength = 72;

/** A text as the list's label and the line below it. */
export function twoLines(text: string): [string, string] {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= lineLength) return [line, ''];
  const space = line.lastIndexOf(' ', lineLength);
  const end = space > lineLength / 2 ? space : lineLength;
  return [line.slice(0, end), line.slice(end).trim()];
}
