/**
 * One JSON node as an operator with its arguments, or the reason why it is none. JsonLogic takes an object with exactly one
 * key for logic and any other object for data; the checker refuses the other object.
 */
import { type Argument, type Check, isObject, quote, sayKind, under } from './check-context.ts';
import { isForbidden } from './check-shape.ts';
import { arityOf, type OperatorName, operatorNamed, operatorNames, operators, type Place } from '../operator.ts';
import { insteadOf } from '../other-word.ts';
import { didYouMean } from '../../base/suggest.ts';

export interface Call {
  readonly name: OperatorName;
  readonly args: readonly Argument[];
  /** Pointer to the object. */
  readonly at: string;
}

/** The arguments of an operator: a list, or JsonLogic's short form with one argument bare. */
export function argumentsOf(node: Readonly<Record<string, unknown>>, name: string, at: string): Argument[] {
  const inner = under(at, name);
  const value = node[name];
  if (!Array.isArray(value)) return [{ value, at: inner }];
  return value.map((item: unknown, index) => ({ value: item, at: under(inner, index) }));
}

/** The operator of an object, which must be known and have the right number of arguments. Reports otherwise. */
export function callOf(c: Check, node: unknown, at: string, expected: Place): Call | undefined {
  if (!isObject(node))
    return c.issues.report(
      'wrong-type',
      at,
      `Expected a ${expected === 'condition' ? 'condition' : 'field or operator'}, found ${sayKind(node)}.`,
    );
  const keys = Object.keys(node);
  const [name] = keys;
  if (name === undefined)
    return c.issues.report('empty-object', at, 'An empty object is not a condition.', 'write `true` for every contact');
  if (keys.length > 1) {
    return c.issues.report(
      'two-keys',
      at,
      `An operator is an object with exactly one key; this one has ${keys.length}: ${keys.slice(0, 5).map(quote).join(', ')}.`,
      hintOfKeys(c, node) ?? 'combine conditions with `{"and": [ … ]}`',
    );
  }
  if (isForbidden(name)) return undefined; // check-shape reported it
  const operator = operatorNamed(name);
  if (!operator) {
    const hint = insteadOf(name);
    if (hint !== undefined)
      return c.issues.report('refused-operator', at, `The operator \`${name}\` is not offered.`, hint);
    const inside = fieldInside(c, name, node[name]);
    if (inside !== undefined)
      return c.issues.report(
        'field-as-operator',
        at,
        `${quote(name)} is a field, not an operator.`,
        `the field goes inside: write \`${inside}\``,
      );
    return c.issues.report(
      'unknown-operator',
      at,
      `There is no operator ${quote(name)}.`,
      didYouMean(name, operatorNames()),
    );
  }
  const known = name as OperatorName;
  const args = argumentsOf(node, known, at);
  if (!hasRightArity(c, known, args, at)) return undefined;
  return { name: known, args, at };
}

/** What other formats have at their top. */
const OTHER_FORMATS: readonly { readonly keys: readonly string[]; readonly hint: string }[] = [
  {
    keys: ['combinator', 'rules'],
    hint: "this is react-querybuilder's own query: export it with `formatQuery(query, 'jsonlogic')`",
  },
  {
    keys: ['type', 'children1'],
    hint: "this is react-awesome-query-builder's own tree: export it with `jsonLogicFormat`",
  },
  {
    keys: ['condition', 'rules'],
    hint: "this is another builder's own query: export it as JsonLogic",
  },
  { keys: ['field', 'operator', 'value'], hint: 'write {"==": [{"var": "field"}, value]}' },
];

function hintOfKeys(c: Check, node: Readonly<Record<string, unknown>>): string | undefined {
  const format = OTHER_FORMATS.find(({ keys }) => keys.every((key) => Object.hasOwn(node, key)));
  if (format) return format.hint;
  const [name = ''] = Object.keys(node);
  const inside = fieldInside(c, name, node[name]);
  return inside === undefined ? undefined : `the field goes inside: write \`{"and": [${inside}, …]}\``;
}

/** `{"country": {"==": "ES"}}` and `{"country": "ES"}` as they are written here; `undefined` when there is no such field. */
function fieldInside(c: Check, name: string, value: unknown): string | undefined {
  const { contacts, relations } = c.catalogue;
  if (!contacts.fields.has(name) && ![...relations.values()].some(({ fields }) => fields.has(name))) return undefined;
  const [operator = '', ...others] = isObject(value) ? Object.keys(value) : [];
  const plain = operator.replace(/^\$/, '');
  const known = others.length === 0 && operatorNamed(plain) ? plain : (OTHER_SIGNS.get(plain) ?? '==');
  const given: unknown = isObject(value) ? value[operator] : value;
  const literal: unknown = Array.isArray(given) && known === '==' ? given[0] : given;
  const text = typeof literal === 'string' ? quote(literal) : (JSON.stringify(literal) ?? 'null');
  return `{"${known}": [{"var": ${JSON.stringify(name)}}, ${text.length > 80 ? '…' : text}]}`;
}

const OTHER_SIGNS: ReadonlyMap<string, string> = new Map([
  ['eq', '=='],
  ['=', '=='],
  ['ne', '!='],
  ['<>', '!='],
  ['gt', '>'],
  ['gte', '>='],
  ['lt', '<'],
  ['lte', '<='],
]);

function hasRightArity(c: Check, name: OperatorName, args: readonly Argument[], at: string): boolean {
  const { least, most } = arityOf(operators[name]);
  const { usage } = operators[name];
  if (name === 'var') return true; // check-name says more
  if (args.length >= least && args.length <= most) return true;
  if (name === 'and' || name === 'or') {
    c.issues.report(
      'empty-group',
      at,
      `An empty \`${name}\` is refused: it would mean ${name === 'and' ? 'every contact' : 'no contact'} without saying so.`,
      `write \`${name === 'and'}\`, or add conditions`,
    );
  } else if ((name === '>' || name === '>=') && args.length === 3) {
    c.issues.report(
      'wrong-arity',
      at,
      `\`${name}\` takes two arguments; JsonLogic would silently ignore the third.`,
      `turn it round: \`{"${name === '>' ? '<' : '<='}": [low, x, high]}\``,
    );
  } else {
    const wanted =
      least === most ? String(least) : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
    c.issues.report(
      'wrong-arity',
      at,
      `\`${name}\` takes ${wanted} argument${wanted === '1' ? '' : 's'}, found ${args.length}.`,
      `write it like ${usage}`,
    );
  }
  return false;
}

/** The name of an object's only key: what a node is, before it is checked. */
export function operatorOf(node: unknown): string | undefined {
  if (!isObject(node)) return undefined;
  const keys = Object.keys(node);
  return keys.length === 1 ? keys[0] : undefined;
}
