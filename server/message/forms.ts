/** Disclosures in a form of other projects, which this repository does not read as one. */
import { type DisclosingLine, disclosingLines, readProfiles, stampedProfile } from '../../core/disclosure/profiles.ts';
import { StampError } from '../../core/disclosure/stamp.ts';
import type { LineProfile } from '../../core/disclosure/tool-lines.ts';
import { type Translation, translate } from '../../core/disclosure/translate.ts';
import { declares } from './fields.ts';
import type { Finding, Fix, MessageFacts } from './finding.ts';
import type { MessageText } from './text.ts';

const forms: Record<LineProfile, string> = {
  kernel: "the Linux kernel's form",
  'generated-by': 'the form of the Apache Software Foundation and OpenInfra',
  'co-authored-by': "an agent's co-author line",
};

export function formFindings(text: MessageText, facts: MessageFacts): Finding[] {
  const { config } = facts.home;
  const stamped = stampedProfile(config);
  // Where AI contributions are refused, another form is no better; the policy says so.
  if (stamped === 'forbid' || declares(text, facts)) return [];
  const read: readonly string[] = readProfiles(config);
  const others = (Object.keys(forms) as LineProfile[]).filter((form) => !read.includes(form));
  return disclosingLines(text.trailers, config, others).flatMap(({ profile, trailer }): Finding[] => {
    const parsed = text.trailers.find((one) => one === trailer);
    if (!parsed) return [];
    const fix = translation(text, profile, facts);
    return [
      {
        code: 'other-form',
        severity: 'information',
        message: `This tells of AI use in ${forms[profile]}, which this repository does not read as a disclosure.`,
        span: parsed.span,
        fixes: fix ? [fix] : [],
      },
    ];
  });
}

function translation(text: MessageText, from: DisclosingLine['profile'], { home }: MessageFacts): Fix | undefined {
  const to = stampedProfile(home.config);
  let translated: Translation;
  try {
    translated = translate(text.source.slice(text.start), from, to, home.config, { commentPrefix: text.commentPrefix });
  } catch (error) {
    // The new form needs what the line does not tell.
    if (error instanceof StampError) return undefined;
    throw error;
  }
  const { message, found, lost } = translated;
  if (!found) return undefined;
  const without = lost.length > 0 ? `, without ${lost.join('; ')}` : '';
  const name = to === 'countersign' ? (home.config.trailers.model ?? 'a disclosure') : forms[to as LineProfile];
  return {
    title: `Say it as ${name}${without}`,
    preferred: true,
    apply: () => text.source.slice(0, text.start) + message,
  };
}
