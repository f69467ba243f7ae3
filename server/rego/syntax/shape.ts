/** What the shape of a rule's head says: OPA tells sets, objects and single values apart by it. */
import { bare } from './literals.ts';
import { isRoot } from './references.ts';
import type { Head, Operand, Term } from './tree.ts';

/** How many terms the name of the rule has: 1 for `p`, 2 for `p.q` and `p[x]`. */
export function refLength(head: Head): number {
  return head.name.kind === 'ref' ? head.name.parts.length + 1 : 1;
}

/** The second term of the name, where it has two; undefined for a name behind a dot. */
export function referencePart(head: Head): Term | undefined {
  if (head.name.kind !== 'ref') return undefined;
  const part = head.name.parts[0];
  return part?.kind === 'index' ? bare(part.term) : undefined;
}

/** Whether no variable is in a term; what a reference begins with is none. */
export function isGround(term: Term): boolean {
  const inner = bare(term);
  switch (inner.kind) {
    case 'var':
      return isRoot(inner.name);
    case 'ref':
      return inner.parts.every((part) => part.kind === 'dot' || isGround(part.term));
    case 'call':
      return (inner.operator.kind !== 'ref' || isGround(inner.operator)) && inner.args.every(isGround);
    case 'infix':
      return inner.operands.every(isGround);
    case 'membership':
      return (inner.key === undefined || isGround(inner.key)) && isGround(inner.value) && isGround(inner.collection);
    case 'negative':
      return isGround(inner.term);
    case 'array':
    case 'set':
      return inner.items.every(isGround);
    case 'object':
      return inner.items.every((item) => item.kind === 'damage' || (isGround(item.key) && isGround(item.value)));
    case 'comprehension': {
      const { head, body } = inner;
      const isHeadGround = head.kind === 'entry' ? isGround(head.key) && isGround(head.value) : isGround(head);
      return isHeadGround && body.literals.every(isGroundLiteral);
    }
    case 'template':
      return false;
    default:
      return true;
  }
}

/** Whether an expression of a comprehension is ground; declarations always are. */
function isGroundLiteral(literal: Operand): boolean {
  switch (literal.kind) {
    case 'expression': {
      const left = bare(literal.left);
      const isLeftGround =
        left.kind === 'call' && literal.right === undefined ? left.args.every(isGround) : isGround(left);
      return isLeftGround && (literal.right === undefined || isGround(literal.right));
    }
    case 'not':
    case 'group':
      return isGroundLiteral(literal.operand);
    case 'logical':
      return literal.operands.every(isGroundLiteral);
    case 'body':
      return literal.literals.every(isGroundLiteral);
    default:
      return true;
  }
}
