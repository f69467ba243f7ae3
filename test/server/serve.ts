/** The server as a program over stdio, as `countersign language-server --stdio` runs it. */
import { main } from '../../server/node.ts';

main();
