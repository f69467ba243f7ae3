/** Semantic tokens of several modules of one file, as the protocol wants them: in order, each relative to the last. */

/** Five numbers a token: line and character relative to the token before, length, type, modifiers. */
interface Tokens {
  data: number[];
}

export function isTokens(answer: unknown): answer is Tokens {
  return Array.isArray((answer as Partial<Tokens> | null)?.data);
}

export function joined(answers: readonly Tokens[]): Tokens {
  const tokens = answers.flatMap(({ data }) => absolute(data));
  tokens.sort(([a, b], [c, d]) => a - c || b - d);
  let [line, character] = [0, 0];
  const data: number[] = [];
  for (const [atLine, atCharacter, ...rest] of tokens) {
    data.push(atLine - line, atLine === line ? atCharacter - character : atCharacter, ...rest);
    [line, character] = [atLine, atCharacter];
  }
  return { data };
}

type Token = [line: number, character: number, length: number, type: number, modifiers: number];

function absolute(data: readonly number[]): Token[] {
  const tokens: Token[] = [];
  let [line, character] = [0, 0];
  for (let at = 0; at + 4 < data.length; at += 5) {
    const [down = 0, right = 0, length = 0, type = 0, modifiers = 0] = data.slice(at, at + 5);
    character = down === 0 ? character + right : right;
    line += down;
    tokens.push([line, character, length, type, modifiers]);
  }
  return tokens;
}
