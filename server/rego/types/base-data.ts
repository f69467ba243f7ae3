/** The types of base documents: `data.json`, `data.yaml` and the data of a `.countersign` folder, as examples. */
import { derived } from '../../derived.ts';
import type { Document, Root } from '../../snapshot.ts';
import { engineFiles } from '../engine-files.ts';
import { besideModules } from './beside-modules.ts';
import { overridden } from './override.ts';
import { select } from './parts.ts';
import { contentOf, typeOfSample } from './samples.ts';
import { any, type Type } from './type.ts';

/** What a path below `data` leads to in the data files. */
export function dataTypeAt(root: Root, path: readonly string[]): Type {
  return path.reduce<Type>((type, key) => select(type, key) ?? any, whole(root));
}

const whole = besideModules((root): Type => {
  let type: Type = any;
  for (const { document, file } of engineFiles(root).values()) {
    if (file.kind !== 'data') continue;
    const { type: content } = typed(document);
    const at = file.at ?? [];
    // Files at one place complement each other.
    if (content.kind !== 'object') continue;
    for (const [name, field] of content.fields) type = overridden(type, [...at, name], field.type);
  }
  return type;
});

const typed = derived((document: Document): { type: Type } => ({
  type: typeOfSample(contentOf(document), {
    source: 'data',
    name: document.uri.slice(document.uri.lastIndexOf('/') + 1),
    document,
    pointer: [],
  }),
}));
