/** What METADATA says of packages and rules, as Markdown. */
import { isRecord, records } from '../../core/plain-data.ts';
import type { Module } from './names/modules.ts';
import type { Package, Rule } from './syntax/tree.ts';

/** The title and description of a statement's METADATA, and what else readers ask for; '' when there is none. */
export function descriptionOf({ names: { tree } }: Module, statement: Rule | Package): string {
  const parts: string[] = [];
  for (const { target, value } of tree.metadata) {
    if (target !== statement || !value) continue;
    const { title, description, organizations, authors, related_resources: related, entrypoint } = value;
    if (typeof title === 'string') parts.push(`**${title}**`);
    if (typeof description === 'string') parts.push(description.trim());
    if (entrypoint === true) parts.push('An entrypoint.');
    if (Array.isArray(authors)) parts.push(`By ${authors.map(author).join(', ')}.`);
    if (Array.isArray(organizations)) parts.push(`Of ${organizations.map(String).join(', ')}.`);
    if (Array.isArray(related)) parts.push(related.map(resource).join('\n'));
  }
  return parts.join('\n\n');
}

function author(one: unknown): string {
  if (!isRecord(one)) return String(one);
  return [one.name, one.email && `<${one.email}>`].filter(Boolean).join(' ');
}

function resource(one: unknown): string {
  const [link] = records([one]);
  if (!link) return `- ${String(one)}`;
  return `- ${String(link.ref)}${link.description ? `: ${String(link.description)}` : ''}`;
}
