/** What is known of a type, in words. */
import { valuesListed } from './parts.ts';
import { showType } from './show.ts';
import type { About, Origin, Type } from './type.ts';

/** How many values of an enumeration are told. */
const maxValues = 20;

/** As Markdown: description, what it must be, and who says so. '' where nothing is said. */
export function typeText(type: Type, about: About | undefined, { required = false } = {}): string {
  const { title, description, format, deprecated, origin } = about ?? {};
  const values = valuesListed(type);
  // What fits on the line of the type is not said again.
  const isListed = values && values.length > 0 && type.kind !== 'boolean' && !showType(type).startsWith('"');
  const facts = [
    ...(deprecated ? ['**Deprecated.**'] : []),
    ...(required ? ['Required.'] : []),
    ...(format === undefined ? [] : [`Format \`${format}\`.`]),
    ...(isListed ? [`One of ${listed(values)}.`] : []),
  ];
  return [
    ...(title === undefined || title === description ? [] : [`**${title}**`]),
    ...(description === undefined ? [] : [description.trim()]),
    ...(facts.length > 0 ? [facts.join(' ')] : []),
    ...(origin ? [originText(origin)] : []),
  ].join('\n\n');
}

function listed(values: readonly unknown[]): string {
  const shown = values.slice(0, maxValues).map((value) => `\`${JSON.stringify(value)}\``);
  return shown.join(', ') + (values.length > maxValues ? ', …' : '');
}

function originText({ source, name }: Origin): string {
  switch (source) {
    case 'metadata':
      return name === 'METADATA' ? 'By the schema in METADATA.' : `By the schema ${name}, which METADATA names.`;
    case 'schema':
      return `By the schema ${name}.`;
    case 'sample':
      return `As in the sample ${name}.`;
    case 'data':
      return `As in ${name}.`;
  }
}
