/**
 * Secrets in free text, by secretlint's recommended rules: what a person or an agent writes of its
 * work must not carry a key into the history.
 */

/** A secret in a text. */
export interface FoundSecret {
  /** The rule that found it, such as `npm` (`@secretlint/secretlint-rule-npm`). */
  rule: string;
  /** Where it is in the text, as UTF-16 offsets; `end` is the first character after it. */
  start: number;
  end: number;
  /** What it looks like, such as `an npm access token`, for people; never the secret or a part of it. */
  message: string;
}

/**
 * The secrets in a text, in the order in which they stand; none is good news only as far as the
 * rules know: keys of known services, private keys, credentials in addresses and connection strings.
 *
 * secretlint's comments that switch rules off are not honoured: the text comes from whom it is checked for.
 */
export async function findSecrets(text: string): Promise<FoundSecret[]> {
  if (!mayHoldSecret(text)) return [];
  // Loaded only here: most commands never need it.
  const [{ lintSource }, { rules }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  const { messages } = await lintSource({
    source: { content: text, filePath: 'context.txt', ext: '.txt', contentType: 'text' },
    options: {
      noPhysicFilePath: true,
      maskSecrets: true,
      config: {
        rules: rules.filter(({ meta }) => meta.id !== switchesOff).map((rule) => ({ id: rule.meta.id, rule })),
      },
    },
  });
  return messages
    .map(({ ruleId, message, messageId, range: [start, end] }) => ({
      rule: ruleId.replace(/^@secretlint\/secretlint-rule-/, ''),
      start,
      end,
      message: described(message, messageId, text.slice(start, end)),
    }))
    .sort((one, other) => one.start - other.start || one.end - other.end);
}

/**
 * Whether there is anything but prose in a text. Every secret that a rule can find has digits or signs
 * in it, or is far longer than words are; where there are words only, the rules need not be loaded, which
 * takes longer than all else that a hook does. A test holds this against the rules.
 */
function mayHoldSecret(text: string): boolean {
  return text.split(/\s+/).some((token) => {
    const bare = token.replace(/^[("'`“„‘<]+|[.,;:!?)"'`”’…>]+$/g, '');
    return bare.length >= 8 && !words.test(bare) && !address.test(bare);
  });
}

const words = /^\p{L}{1,19}(?:[-/'’.]\p{L}{1,19})*$/u;
/** As approvers are named: each part of words, no mixture of letters and digits as keys have it. */
const address = /^(?:\d{1,9}\+)?\p{L}{1,19}(?:[._-]\p{L}{1,19})*\d{0,4}@[a-z]{1,19}(?:[.-][a-z]{1,19})+$/u;

/** A refusal for people: which field, what was found, what to do. Undefined when nothing was found. */
export async function secretProblem(text: string): Promise<string | undefined> {
  const found = await findSecrets(text);
  if (found.length === 0) return undefined;
  const kinds = [...new Set(found.map(({ message }) => message))].join(', ');
  return `There is a secret in it (${kinds}). Take it out, and replace it where it is in use: it may have been seen.`;
}

/** The rule that lets comments in the text switch the others off. */
const switchesOff = '@secretlint/secretlint-rule-filter-comments';

/** secretlint's own words without the masked parts: `found npm access token: ****` says `npm access token`. */
function described(message: string, messageId: string, secret: string): string {
  const words = message
    .replace(/^found /i, '')
    .replace(/\(?\*+\)?/g, '')
    .replace(/[\s:]+$/, '')
    .trim();
  return words === '' || words.includes(secret) ? messageId : words;
}
