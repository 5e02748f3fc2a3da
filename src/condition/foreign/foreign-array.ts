/**
 * `some`, `all` and `none` over the values of an array field, which a query builder names `{"var": ""}`. What is asked of one value must
 * be a list that it is in, or is not in.
 */
import { timeLiteral } from './foreign-time.ts';
import { fieldIn, type Foreign, foreignCall, type Form, made, nameIn } from './foreign-node.ts';

/** What is asked of one value: that it is among these, or that it is not. */
interface Among {
  readonly values: readonly unknown[];
  readonly inside: boolean;
}

export const foreignQuantifier: Form = (f, call, scope) => {
  const [source, test] = call.args;
  const field = source && fieldIn(f, source.value, scope);
  if (!field?.array || !test || call.args.length !== 2) return undefined;
  const among = amongIn(test.value);
  if (!among) return undefined;
  const values = among.values.map((value) => timeLiteral(f, value, field.family, test.at));
  const leaf = leafOf(f, call.name, source?.value, { ...among, values }, call.at);
  f.note(call.at, `\`${call.name}\` over \`${field.name}\` is read as ${JSON.stringify(leaf)}.`);
  return leaf;
};

function leafOf(f: Foreign, name: string, of: unknown, among: Among, at: string): unknown {
  const has = (operator: string): unknown => made(f, operator, [of, [...among.values]], at);
  const not = (node: unknown): unknown => made(f, '!', [node], at);
  const butNotEmpty = (node: unknown): unknown =>
    made(f, 'and', [made(f, '>', [made(f, 'size', [of], at), 0], at), node], at);
  if (name === 'all') return among.inside ? has('has_only') : butNotEmpty(not(has('has_any')));
  const some = among.inside ? has('has_any') : butNotEmpty(not(has('has_only')));
  return name === 'some' ? some : not(some);
}

/** The list that a condition over one value asks about; `undefined` for any other condition. */
function amongIn(test: unknown): Among | undefined {
  const call = foreignCall(test, '');
  if (!call) return undefined;
  const values = call.args.map(({ value }) => value);
  const [first, second] = values;
  switch (call.name) {
    case '!': {
      const inner = values.length === 1 ? amongIn(first) : undefined;
      return inner && { ...inner, inside: !inner.inside };
    }
    case '!!':
      return values.length === 1 ? amongIn(first) : undefined;
    case 'in':
      return values.length === 2 && isOne(first) && Array.isArray(second)
        ? { values: second, inside: true }
        : undefined;
    case '==':
    case '===':
    case '!=':
    case '!==': {
      if (values.length !== 2 || isOne(first) === isOne(second)) return undefined;
      const value = isOne(first) ? second : first;
      return isFixed(value) ? { values: [value], inside: !call.name.startsWith('!') } : undefined;
    }
    case 'or':
    case 'and': {
      const parts = values.map(amongIn);
      const inside = call.name === 'or';
      const known = parts.filter((part) => part !== undefined && (parts.length === 1 || part.inside === inside));
      if (known.length === 0 || known.length < parts.length) return undefined;
      const of = known.flatMap((part) => part?.values ?? []);
      return { values: of, inside: known[0]?.inside ?? inside };
    }
    default:
      return undefined;
  }
}

function isOne(node: unknown): boolean {
  return nameIn(node) === '';
}

function isFixed(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
