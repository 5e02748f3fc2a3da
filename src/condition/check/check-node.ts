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
      'combine conditions with `{"and": [ … ]}`',
    );
  }
  if (isForbidden(name)) return undefined; // check-shape reported it
  const operator = operatorNamed(name);
  if (!operator) {
    const hint = insteadOf(name);
    if (hint !== undefined)
      return c.issues.report('refused-operator', at, `The operator \`${name}\` is not offered.`, hint);
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
