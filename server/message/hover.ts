/** What a trailer means, which rules judge it, and which models are approved until when. */
import type { Hover, Position } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { disclosureFields } from '../../core/disclosure/form.ts';
import type { Home } from '../../core/disclosure/home.ts';
import { isRecord, records } from '../../core/plain-data.ts';
import { inline, shortRevision } from './inlay.ts';
import { commonKey, fieldOfKey } from './keys.ts';
import { sourceWords } from './provenance.ts';
import type { RuleSource } from './rules.ts';
import { rangesOf } from './text.ts';
import { linkTo } from './verdict.ts';
import type { MessageView } from './view.ts';

export function hoverMessage(view: MessageView, position: Position): Hover | null {
  const { text, facts } = view;
  const offset = TextDocument.create('', '', 0, text.source).offsetAt(position);
  const trailer = text.trailers.find(({ span }) => offset >= span.start && offset <= span.end);
  if (!trailer) return null;
  const range = rangesOf(text)(offset <= trailer.keySpan.end ? trailer.keySpan : trailer.span);
  const name = fieldOfKey(trailer.key, facts.home.config);
  const field = disclosureFields(facts.home, facts.now).find((one) => one.name === name);
  if (!field) {
    const known = commonKey(trailer.key);
    return known ? { contents: { kind: 'markdown', value: `**${known.key}**\n\n${known.description}` }, range } : null;
  }
  const parts = [
    `**${inline(field.title)}** (\`${field.trailer}\`${field.required ? ', required' : ''})`,
    field.description,
    ...knownParts(view, field.name),
    ...(field.name === 'model' ? modelParts(facts.home) : []),
    ...ruleParts(view, field.name),
  ];
  return { contents: { kind: 'markdown', value: parts.filter((part) => part !== '').join('\n\n') }, range };
}

function knownParts({ facts }: MessageView, field: string): string[] {
  const known = (facts.known?.values ?? []).filter((value) => value.field === field);
  if (known.length === 0) return [];
  const lines = known.map(({ value, source, certainty, detail }) => {
    return `- ${inline(value)} (${sourceWords(source, certainty)}: ${inline(detail)})`;
  });
  return [['Known values:', '', ...lines].join('\n')];
}

/** The approved models, as the policy data lists them. */
function modelParts({ data }: Home): string[] {
  const approved = isRecord(data.approved_models) ? records(data.approved_models.models) : [];
  if (approved.length === 0) return [];
  const lines = approved.slice(0, 30).map(({ name, versions, expires }) => {
    const until = expires === undefined ? '' : `, until ${inline(String(expires))}`;
    return `- ${inline(String(name))}${versions === undefined ? '' : ` ${inline(String(versions))}`}${until}`;
  });
  return [['Approved models:', '', ...lines].join('\n')];
}

function ruleParts({ rules, judgement }: MessageView, field: string): string[] {
  const judging = rules.filter((rule) => rule.field === field);
  const about = [...judging, ...rules.filter((rule) => rule.field === undefined && rule.rule.startsWith('disclosure'))];
  if (about.length === 0) return [];
  const lines = about.map((rule) => `- ${ruleLine(rule)}`);
  const revision =
    judgement?.kind === 'verdict' ? [`Policy revision: \`${shortRevision(judgement.verdict.revision)}\``] : [];
  return [['Judged by:', '', ...lines].join('\n'), ...revision];
}

function ruleLine(rule: RuleSource): string {
  const said = [rule.title, rule.description].filter((text) => text !== undefined).join('. ');
  const level = rule.level === 'warn' ? ' (warns)' : '';
  return `[${inline(rule.rule)}](${linkTo(rule)})${level}${said === '' ? '' : `: ${inline(said)}`}`;
}
