/**
 * Comparisons. A literal on the left swaps sides, three arguments are two comparisons, `!=` is the complement of `==` and so
 * holds for a missing value, `== null` asks whether the value is missing. Only numbers, dates and instants have an order.
 */
import type { Field } from '../../catalogue/catalogue.ts';
import { writtenName } from '../around-field.ts';
import { offeredFor } from '../hint.ts';
import type { Comparison, Condition, Literal, Operand } from '../ast.ts';
import { comparisons } from '../comparison.ts';
import {
  isQuotient,
  missingOfOperand,
  rowsOfOperand,
  sourceOfOperand,
  typeOfOperand,
  type ValueType,
} from '../operand.ts';
import { type Argument, type Check, isObject, quote, type NameScope } from './check-context.ts';
import { literal } from './check-literal.ts';
import type { Call } from './check-node.ts';
import { checkComparedAlone, noOrderOfNull } from './check-unknown.ts';

type Side = { readonly at: string } & ({ readonly operand: Operand } | { readonly raw: unknown });

/** `!=` becomes `not` of an equality: it never reaches the tree, so that no reader gets its missing values wrong. */
function signed(operator: Comparison, make: (operator: Comparison) => Condition): Condition {
  return operator === '!=' ? { kind: 'not', child: make('==') } : make(operator);
}

export function checkComparison(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const operator = (call.name === '===' ? '==' : call.name === '!==' ? '!=' : call.name) as Comparison;
  const sides = call.args.map((arg) => sideOf(c, arg, scope));
  const pairs: (Condition | undefined)[] = [];
  for (let i = 0; i + 1 < sides.length; i += 1) {
    const [left, right] = [sides[i], sides[i + 1]];
    pairs.push(left && right ? pair(c, operator, left, right, call.at) : undefined);
  }
  // No comparison has checked a value that stands beside no known value.
  for (const [i, side] of sides.entries()) {
    const beside = [sides[i - 1], sides[i + 1]].some((other) => other !== undefined);
    if (side && 'raw' in side && !beside) checkComparedAlone(c, operator, side.raw, call.at, side.at);
  }
  const children = pairs.filter((condition) => condition !== undefined);
  const [only] = children;
  if (only === undefined || children.length < pairs.length) return undefined;
  return children.length === 1 ? only : { kind: 'and', children };
}

function sideOf(c: Check, arg: Argument, scope: NameScope): Side | undefined {
  if (!isObject(arg.value)) return { raw: arg.value, at: arg.at };
  const operand = c.operand(arg.value, arg.at, scope);
  return operand && { operand, at: arg.at };
}

function pair(c: Check, operator: Comparison, left: Side, right: Side, at: string): Condition | undefined {
  if ('operand' in left) {
    return 'operand' in right
      ? both(c, operator, left.operand, right.operand, at)
      : withLiteral(c, operator, left.operand, right.raw, at, right.at);
  }
  if ('operand' in right) return withLiteral(c, comparisons[operator].swapped, right.operand, left.raw, at, left.at);
  return c.issues.report(
    'two-literals',
    at,
    `${quote(left.raw)} and ${quote(right.raw)} are both fixed values; one side must be a field.`,
    'write {"var": "name"} for a field',
  );
}

function both(c: Check, operator: Comparison, left: Operand, right: Operand, at: string): Condition | undefined {
  const [a, b] = [typeOfOperand(left), typeOfOperand(right)];
  if (!isComparable(c, operator, a, at) || !isComparable(c, operator, b, at)) return undefined;
  if (a.family !== b.family) {
    return c.issues.report(
      'wrong-type',
      at,
      `${a.called} is ${a.family} and ${b.called} is ${b.family}; only values of one type are compared.`,
    );
  }
  return signed(operator, (sign) => ({ kind: 'compare', operator: sign, left, right }));
}

function withLiteral(
  c: Check,
  operator: Comparison,
  operand: Operand,
  raw: unknown,
  at: string,
  rawAt: string,
): Condition | undefined {
  const type = typeOfOperand(operand);
  if (raw === null) return missing(c, operator, operand, type, at);
  if (!isComparable(c, operator, type, at)) return undefined;
  if (Array.isArray(raw)) {
    return c.issues.report(
      'wrong-type',
      rawAt,
      `${type.called} is compared with a list.`,
      'use `in` for a list of values',
    );
  }
  const value = literal(c, raw, type, rawAt);
  return value && compared(operator, operand, type, value);
}

/** A date literal against an instant is the whole local day. */
function compared(operator: Comparison, left: Operand, type: ValueType, right: Literal): Condition {
  return signed(operator, (sign) =>
    type.family === 'instant' && right.family === 'date'
      ? { kind: 'compare_day', operator: sign, left, day: right.value }
      : { kind: 'compare', operator: sign, left, right },
  );
}

/** Up to so many days of a list become comparisons of their own, each with its range of an index; more stay a list. */
const FEW_DAYS = 8;

/** Equality with any of the literals, for `in`. */
export function equalsAny(operand: Operand, values: readonly Literal[]): Condition {
  const type = typeOfOperand(operand);
  const dates = type.family === 'instant' ? values.filter((value) => value.family === 'date') : [];
  const days = dates.length > FEW_DAYS ? [] : dates;
  const rest = values.filter((value) => !days.includes(value));
  const children: Condition[] = days.map((day) => compared('==', operand, type, day));
  // The average is compared without division, which only a comparison can do.
  if (isQuotient(operand)) children.push(...rest.map((value) => compared('==', operand, type, value)));
  else if (rest.length > 0) children.push({ kind: 'in', operand, values: rest });
  const [only] = children;
  return only !== undefined && children.length === 1 ? only : { kind: 'or', children };
}

/** `== null` or `!= null`. */
function missing(c: Check, operator: Comparison, operand: Operand, type: ValueType, at: string): Condition | undefined {
  if (comparisons[operator].needsOrder) return noOrderOfNull(c, at);
  const condition: Condition = { kind: 'missing', operand };
  switch (missingOfOperand(operand)) {
    case 'offered':
      return signed(operator, () => condition);
    case 'never missing':
      return c.issues.report(
        'never-missing',
        at,
        rowsOfOperand(operand) ? `${type.called} of no rows is 0, never missing.` : `${type.called} is never missing.`,
        'compare it with 0',
      );
    case 'by its field':
      return c.issues.report(
        'null-value',
        at,
        `${type.called} is not compared with null.`,
        `use {"==": [{"var": "${nameOf(sourceOfOperand(operand))}"}, null]}`,
      );
  }
}

const nameOf = (field: Field | undefined): string => (field ? writtenName(field) : '');

function hasOrder({ family }: ValueType): boolean {
  return family === 'number' || family === 'date' || family === 'instant';
}

function isComparable(c: Check, operator: Comparison, type: ValueType, at: string): boolean {
  if (type.array) {
    c.issues.report(
      'wrong-type',
      at,
      `${type.called} is an array; arrays are not compared as a whole.`,
      offeredFor(type),
    );
    return false;
  }
  if (type.family === 'json' || type.family === 'other') {
    c.issues.report('not-comparable', at, `${type.called} has a type that is not compared.`, offeredFor(type));
    return false;
  }
  if (!comparisons[operator].needsOrder || hasOrder(type)) return true;
  const hint =
    type.family === 'text' ? 'use `==`, `in`, `starts_with`; the order of text depends on a collation' : 'use `==`';
  c.issues.report('no-order', at, `${type.called} is ${type.family}, which has no order.`, hint);
  return false;
}
