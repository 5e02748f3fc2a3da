/**
 * One leaf in plain English, or its complement, which says that it holds for a missing value too. describe.ts passes in
 * how a filter reads.
 */
import type { Field } from '../../catalogue/catalogue.ts';
import type {
  ArrayOperator,
  Comparison,
  Condition,
  LeafCondition,
  Literal,
  Operand,
  OverrideKind,
  TextOperator,
  Unit,
  WindowOperator,
} from '../ast.ts';
import { byKind, type PerKind } from '../kind.ts';
import { missingOfOperand, typeOfOperand } from '../operand.ts';
import {
  describeList,
  describeOperand,
  describeRows,
  describeValue,
  describeValues,
  nameOf,
  type DescribeWhere,
} from './describe-operand.ts';

/** A constant is a sentence of its own: describe.ts. */
export type DescribedLeaf = Exclude<LeafCondition, { readonly kind: 'constant' }>;

/** Whose rows names are read in, and how a filter reads. */
export interface Reading {
  readonly relation: string | undefined;
  readonly where: DescribeWhere;
  /** A condition over the rows of a relation, on its own. */
  readonly sentence: (condition: Condition, relation: string) => string;
}

/** Whether the leaf is described, or its complement. */
export type Side = 'holds' | 'complement';

type BothSides = Readonly<Record<Side, string>>;

const is: BothSides = { holds: 'is', complement: 'is not' };

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

const textVerb: Readonly<Record<TextOperator, BothSides>> = {
  contains: { holds: 'contains', complement: 'does not contain' },
  starts_with: { holds: 'starts with', complement: 'does not start with' },
  ends_with: { holds: 'ends with', complement: 'does not end with' },
  equals: is,
};

const arrayVerb: Readonly<Record<ArrayOperator, BothSides>> = {
  has_any: { holds: 'has any of', complement: 'does not have any of' },
  has_all: { holds: 'has all of', complement: 'does not have all of' },
};

const windowWords: Readonly<Record<WindowOperator, (span: string) => string>> = {
  in_last: (span) => `within the last ${span}`,
  before_last: (span) => `at least ${span} ago`,
  in_next: (span) => `within the next ${span}`,
};

const overrideVerb: Readonly<Record<OverrideKind, BothSides>> = {
  member: { holds: 'was added to the segment', complement: 'was not added to the segment' },
  include: { holds: 'is included by an override', complement: 'is not included by an override' },
  exclude: { holds: 'is excluded by an override', complement: 'is not excluded by an override' },
};

const words: PerKind<DescribedLeaf, [Side, Reading], string> = {
  compare({ left, operator, right }, side, reading) {
    const { family } = typeOfOperand(left);
    const isTime = family === 'date' || family === 'instant';
    const verb = isTime && operator !== '==' ? timeOrder[operator] : order[operator];
    const none = right.kind === 'literal' || side === 'holds' ? orMissing(left, side) : ' (or either has no value)';
    return `${value(left, reading)} ${is[side]} ${verb}${describeSide(right, reading)}${none}`;
  },
  compare_day: ({ left, operator, day }, side, reading) =>
    `${value(left, reading)} ${is[side]} ${timeOrder[operator]}${day}${orMissing(left, side)}`,
  missing: ({ operand }, side, reading) => `${value(operand, reading)} has ${side === 'holds' ? 'no' : 'a'} value`,
  empty: ({ field }, side, reading) =>
    `${name(field, reading)} is ${side === 'holds' ? 'empty or missing' : 'not empty'}`,
  in: ({ operand, values }, side, reading) =>
    `${value(operand, reading)} ${is[side]} ${describeValues(values)}${orMissing(operand, side)}`,
  text({ operand, operator, fold, needles }, side, reading) {
    const texts = describeValues(needles.map((needle) => ({ kind: 'literal', family: 'text', value: needle })));
    const anyCase = fold ? ' (upper or lower case)' : '';
    return `${value(operand, reading)} ${textVerb[operator][side]} ${texts}${anyCase}${orMissing(operand, side)}`;
  },
  array: ({ field, operator, values }, side, reading) =>
    `${name(field, reading)} ${arrayVerb[operator][side]} [${describeList(values)}]${orMissingField(side)}`,
  window: ({ operand, operator, amount, unit }, side, reading) =>
    `${value(operand, reading)} ${is[side]} ${windowWords[operator](plural(amount, unit))}${orMissing(operand, side)}`,
  period: ({ operand, unit, offset }, side, reading) =>
    `${value(operand, reading)} ${is[side]} in ${describePeriod(unit, offset)}${orMissing(operand, side)}`,
  anniversary({ field, days }, side, reading) {
    const of = name(field, reading);
    const none = orMissingField(side, `${of} `);
    if (days === 0) return `today ${is[side]} an anniversary of ${of}${none}`;
    const any = side === 'holds' ? 'an' : 'no';
    return `${any} anniversary of ${of} is today or in the next ${plural(days, 'day')}${none}`;
  },
  some: ({ relation, where }, side, reading) =>
    side === 'holds'
      ? `has ${describeRows(relation)}${reading.where(where, relation)}`
      : describeNoRow(relation, where, reading),
  segment: ({ key }, side) => `${is[side]} in the segment ${JSON.stringify(key)}`,
  override: ({ override }, side) => overrideVerb[override][side],
};

export function describeLeaf(leaf: DescribedLeaf, side: Side, reading: Reading): string {
  return byKind(words, leaf, side, reading);
}

/** The right side of a comparison. */
export function describeSide(side: Literal | Operand, reading: Reading): string {
  return side.kind === 'literal' ? describeValue(side) : value(side, reading);
}

function value(operand: Operand, { relation, where }: Reading): string {
  return describeOperand(operand, relation, where);
}

function name(field: Field, { relation }: Reading): string {
  return nameOf(field, relation);
}

/** A complement holds for a missing value too, and says so where the operand can be missing. */
function orMissing(operand: Operand, side: Side): string {
  return side === 'holds' || missingOfOperand(operand) === 'never missing' ? '' : ' (or has no value)';
}

function orMissingField(side: Side, who = ''): string {
  return side === 'holds' ? '' : ` (or ${who}has no value)`;
}

/** "No row that does not satisfy it" reads better as what every row does. */
function describeNoRow(relation: string, where: Condition, reading: Reading): string {
  if (where.kind === 'not')
    return `every one of ${describeRows(relation)}, if any, satisfies (${reading.sentence(where.child, relation)})`;
  return `has no ${describeRows(relation)}${reading.where(where, relation)}`;
}

function describePeriod(unit: Unit, offset: number): string {
  if (offset === 0) return unit === 'day' ? 'today' : `this ${unit}`;
  if (offset === -1) return unit === 'day' ? 'yesterday' : `last ${unit}`;
  if (offset === 1) return unit === 'day' ? 'tomorrow' : `next ${unit}`;
  return `the ${unit} ${plural(Math.abs(offset), unit)} ${offset < 0 ? 'ago' : 'from now'}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
