/**
 * One leaf in plain English, or its complement, which says that it holds where a value is missing too. How a filter reads
 * is handed in by describe.ts.
 */
import { unreachable } from '../../base/unreachable.ts';
import type { Field } from '../../catalogue/catalogue.ts';
import type { Comparison, Condition, Literal, Operand, OverrideKind } from '../ast.ts';
import {
  describeList,
  describeOperand,
  describeRows,
  describeValue,
  describeValues,
  familyOf,
  nameOf,
  type DescribeWhere,
} from './describe-operand.ts';

export type LeafCondition = Exclude<Condition, { readonly kind: 'and' | 'or' | 'not' | 'constant' }>;

/** Whose rows names are read in, and how a filter reads. */
export interface Reading {
  readonly relation: string | undefined;
  readonly where: DescribeWhere;
  /** A condition over the rows of a relation, on its own. */
  readonly sentence: (condition: Condition, relation: string) => string;
}

const order: Readonly<Record<Comparison, string>> = {
  '==': '',
  '!=': 'not ',
  '<': 'less than ',
  '<=': 'at most ',
  '>': 'greater than ',
  '>=': 'at least ',
};
const timeOrder: Readonly<Record<Comparison, string>> = {
  '==': 'on ',
  '!=': 'not on ',
  '<': 'before ',
  '<=': 'on or before ',
  '>': 'after ',
  '>=': 'on or after ',
};

const textVerb = {
  contains: { holds: 'contains', complement: 'does not contain' },
  starts_with: { holds: 'starts with', complement: 'does not start with' },
  ends_with: { holds: 'ends with', complement: 'does not end with' },
  equals: { holds: 'is', complement: 'is not' },
} as const;

const overrides: Readonly<Record<OverrideKind, { readonly holds: string; readonly complement: string }>> = {
  member: { holds: 'was added by hand', complement: 'was not added by hand' },
  include: { holds: 'is included by hand', complement: 'is not included by hand' },
  exclude: { holds: 'is excluded by hand', complement: 'is not excluded by hand' },
};

/** `side`: whether the leaf is said or its complement. */
export function describeLeaf(leaf: LeafCondition, side: 'holds' | 'complement', reading: Reading): string {
  const holds = side === 'holds';
  const is = holds ? 'is' : 'is not';
  const value = (operand: Operand): string => describeOperand(operand, reading.relation, reading.where);
  const name = (field: Field): string => nameOf(field, reading.relation);
  /** What a complement says of missing values; nothing of a number that never is. */
  const unless = (operand: Operand): string => (holds || isNumberOfRows(operand) ? '' : ' (or has no value)');
  const unlessField = (who = ''): string => (holds ? '' : ` (or ${who}has no value)`);
  switch (leaf.kind) {
    case 'compare': {
      const { left, operator, right } = leaf;
      const isTime = familyOf(left) === 'date' || familyOf(left) === 'instant';
      const verb = isTime && operator !== '==' ? timeOrder[operator] : order[operator];
      return `${value(left)} ${is} ${verb}${describeSide(right, reading)}${right.kind === 'literal' || holds ? unless(left) : ' (or either has no value)'}`;
    }
    case 'compare_day':
      return `${value(leaf.left)} ${is} ${timeOrder[leaf.operator]}${leaf.day}${unless(leaf.left)}`;
    case 'missing':
      return `${value(leaf.operand)} has ${holds ? 'no' : 'a'} value`;
    case 'empty':
      return `${name(leaf.field)} is ${holds ? 'empty or missing' : 'not empty'}`;
    case 'in':
      return `${value(leaf.operand)} ${is} ${describeValues(leaf.values)}${unless(leaf.operand)}`;
    case 'text': {
      const needles = describeValues(
        leaf.needles.map((needle) => ({ kind: 'literal', family: 'text', value: needle })),
      );
      return `${value(leaf.operand)} ${textVerb[leaf.operator][side]} ${needles}${leaf.fold ? ' (upper or lower case)' : ''}${unless(leaf.operand)}`;
    }
    case 'array':
      return `${name(leaf.field)} ${holds ? 'has' : 'does not have'} ${leaf.operator === 'has_all' ? 'all' : 'any'} of [${describeList(leaf.values)}]${unlessField()}`;
    case 'window':
      return `${value(leaf.operand)} ${is} ${window(leaf)}${unless(leaf.operand)}`;
    case 'period':
      return `${value(leaf.operand)} ${is} in ${period(leaf.unit, leaf.offset)}${unless(leaf.operand)}`;
    case 'anniversary': {
      const of = name(leaf.field);
      const missing = unlessField(`${of} `);
      return leaf.days === 0
        ? `today ${is} an anniversary of ${of}${missing}`
        : `${holds ? 'an' : 'no'} anniversary of ${of} is today or in the next ${plural(leaf.days, 'day')}${missing}`;
    }
    case 'some':
      return holds
        ? `has ${describeRows(leaf.relation)}${reading.where(leaf.where, leaf.relation)}`
        : noRow(leaf, reading);
    case 'segment':
      return `${is} in the segment ${JSON.stringify(leaf.key)}`;
    case 'override':
      return overrides[leaf.override][side];
    default:
      return unreachable(leaf);
  }
}

/** The right side of a comparison. */
export function describeSide(side: Literal | Operand, { relation, where }: Reading): string {
  return side.kind === 'literal' ? describeValue(side) : describeOperand(side, relation, where);
}

/** Of no rows it is 0. */
function isNumberOfRows(operand: Operand): boolean {
  return operand.kind === 'aggregate' && (operand.function === 'count' || operand.function === 'sum');
}

/** No row that is not C reads better as what holds for every row. */
function noRow(
  { relation, where }: { readonly relation: string; readonly where: Condition },
  reading: Reading,
): string {
  if (where.kind === 'not')
    return `every one of ${describeRows(relation)}, if any, satisfies (${reading.sentence(where.child, relation)})`;
  return `has no ${describeRows(relation)}${reading.where(where, relation)}`;
}

function window({
  operator,
  amount,
  unit,
}: {
  operator: 'in_last' | 'before_last' | 'in_next';
  amount: number;
  unit: string;
}): string {
  const span = plural(amount, unit);
  if (operator === 'in_last') return `within the last ${span}`;
  return operator === 'in_next' ? `within the next ${span}` : `at least ${span} ago`;
}

function period(unit: string, offset: number): string {
  if (offset === 0) return unit === 'day' ? 'today' : `this ${unit}`;
  if (offset === -1) return unit === 'day' ? 'yesterday' : `last ${unit}`;
  if (offset === 1) return unit === 'day' ? 'tomorrow' : `next ${unit}`;
  return `the ${unit} ${plural(Math.abs(offset), unit)} ${offset < 0 ? 'ago' : 'from now'}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
