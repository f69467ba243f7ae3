/** Ways through a tree. */
import type { Node, Tree } from './tree.ts';

const none: readonly Node[] = [];

/** The nodes directly below, in the order of the text. */
export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'module':
      return node.items;
    case 'package':
      return [node.path];
    case 'import':
      return node.alias === undefined ? [node.path] : [node.path, node.alias];
    case 'rule':
      return [node.head, ...interleaved(node.bodies, node.elses)];
    case 'head':
      return [node.name, ...(node.args ?? none), ...(node.value === undefined ? none : [node.value])];
    case 'body':
      return node.literals;
    case 'else':
      return [...(node.value === undefined ? none : [node.value]), ...(node.body === undefined ? none : [node.body])];
    case 'expression':
      return [node.left, ...(node.right === undefined ? none : [node.right]), ...node.withs];
    case 'some':
      return [...node.symbols, ...node.withs];
    case 'every':
      return [node.domain, ...(node.body === undefined ? none : [node.body]), ...node.withs];
    case 'not':
    case 'group':
      return [node.operand, ...node.withs];
    case 'logical':
      return [...node.operands, ...node.withs];
    case 'with':
      return [node.target, node.value];
    case 'template':
      return node.parts;
    case 'ref':
      return [node.head, ...node.parts];
    case 'index':
    case 'negative':
    case 'parens':
      return [node.term];
    case 'call':
      return [node.operator, ...node.args];
    case 'infix':
      return node.operands;
    case 'membership':
      return node.key === undefined ? [node.value, node.collection] : [node.key, node.value, node.collection];
    case 'array':
    case 'set':
    case 'object':
      return node.items;
    case 'entry':
      return [node.key, node.value];
    case 'comprehension':
      return [node.head, node.body];
    default:
      return none;
  }
}

/** The first body precedes `else`; chained bodies follow it where both are written, which is an error. */
function interleaved<First extends Node, Second extends Node>(
  first: readonly First[],
  second: readonly Second[],
): (First | Second)[] {
  return [...first, ...second].sort((a, b) => a.start - b.start);
}

/**
 * The nodes that hold the offset, the module first and the innermost last. At an offset between two nodes the one
 * before it counts, so that a cursor behind a name is at the name.
 */
export function pathAt({ root }: Tree, offset: number): Node[] {
  const path: Node[] = [root];
  for (;;) {
    let found: Node | undefined;
    for (const child of children(path.at(-1)!)) {
      if (child.start <= offset && offset <= child.end && (found === undefined || offset > found.end)) found = child;
    }
    if (found === undefined) return path;
    path.push(found);
  }
}

/** Calls `enter` with every node from the root down; what it answers false to is left out with all below. */
export function visit(node: Node, enter: (node: Node) => boolean | undefined): void {
  if (enter(node) === false) return;
  for (const child of children(node)) visit(child, enter);
}
