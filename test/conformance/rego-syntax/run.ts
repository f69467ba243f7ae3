/**
 * A look at the oracle by hand:
 *
 *     node test/conformance/rego-syntax/run.ts --ask v1 < FILE    what OPA makes of a text
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { decodeTree } from './opa-tree.ts';
import { ask } from './oracle.ts';

const { values } = parseArgs({ options: { ask: { type: 'string' } } });

if (values.ask === 'v0' || values.ask === 'v1') {
  const [answer] = await ask('by-hand', [{ text: await text(process.stdin), version: values.ask, tree: true }]);
  console.log(JSON.stringify(decodeTree(answer), undefined, 1));
}
