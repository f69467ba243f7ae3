/** Where `countersign hook run` begins: built as one file, dist/hook.cjs. */
import { endWith } from '../process.ts';
import { runHook } from './run.ts';

void endWith(() => runHook(process.argv.slice(4)));
