/** The types of terms that are written out, and of operators. */
import { T } from '../syntax/tokens.ts';
import type { Comprehension, Infix, ObjectTerm, Term, Tree } from '../syntax/tree.ts';
import { stringValue } from '../syntax/values.ts';
import { constantKey, isWhole } from './bindings.ts';
import { alternatives, any, arrayOf, type Field, objectOf, scalar, setOf, type Type, union } from './type.ts';

type OfTerm = (term: Term) => Type;

/** Longer texts are told as `string`. */
const longestValue = 64;
const bool = scalar('boolean');
const number = scalar('number');

/** Of a term that is no name, reference or call. */
export function literalType(tree: Tree, term: Term, ofTerm: OfTerm): Type {
  const written = () => tree.text.slice(term.start, term.end);
  switch (term.kind) {
    case 'null':
      return scalar('null');
    case 'boolean':
      return scalar('boolean', written() === 'true');
    case 'number': {
      const value = Number(written());
      return Number.isSafeInteger(value) ? scalar('number', value) : number;
    }
    case 'string': {
      const value = isWhole(tree.text, term) ? stringValue(tree.text, term) : '';
      return value.length <= longestValue && isWhole(tree.text, term) ? scalar('string', value) : scalar('string');
    }
    case 'template':
      return scalar('string');
    case 'parens':
      return ofTerm(term.term);
    case 'negative':
      return number;
    case 'membership':
      return bool;
    case 'infix':
      return infixType(term, ofTerm);
    case 'array':
      return term.items.length === 0 ? arrayOf(any) : { kind: 'array', first: term.items.map(ofTerm) };
    case 'set':
      return setOf(term.items.length === 0 ? any : union(term.items.map(ofTerm)));
    case 'object':
      return objectType(tree, term, ofTerm);
    case 'comprehension':
      return comprehensionType(term, ofTerm);
    default:
      return any;
  }
}

function infixType({ operators, operands }: Infix, ofTerm: OfTerm): Type {
  const last = operators.at(-1);
  if (last === T.plus || last === T.times || last === T.divide || last === T.remainder) return number;
  if (last === T.pipe || last === T.ampersand) {
    const members = operands.flatMap((one) =>
      alternatives(ofTerm(one)).map((type) => (type.kind === 'set' ? type.of : any)),
    );
    return setOf(union(members));
  }
  // The difference of numbers is one, that of sets is another set.
  if (last === T.minus) {
    const [first] = operands;
    const left = first ? ofTerm(first) : any;
    return left.kind === 'set' ? left : left.kind === 'any' ? any : number;
  }
  return bool;
}

function objectType(tree: Tree, { items }: ObjectTerm, ofTerm: OfTerm): Type {
  const fields = new Map<string, Field>();
  const keys: Type[] = [];
  const values: Type[] = [];
  for (const item of items) {
    if (item.kind !== 'entry') continue;
    const name = constantKey(tree, item.key);
    if (typeof name === 'string') {
      fields.set(name, {
        get type() {
          return ofTerm(item.value);
        },
        required: true,
      });
    } else {
      keys.push(ofTerm(item.key));
      values.push(ofTerm(item.value));
    }
  }
  if (fields.size === 0 && keys.length === 0) return objectOf(any, any);
  return { kind: 'object', fields, ...(keys.length > 0 && { others: { keys: union(keys), values: union(values) } }) };
}

function comprehensionType({ of, head }: Comprehension, ofTerm: OfTerm): Type {
  if (head.kind === 'entry') return objectOf(ofTerm(head.key), ofTerm(head.value));
  return of === 'set' ? setOf(ofTerm(head)) : arrayOf(ofTerm(head));
}
