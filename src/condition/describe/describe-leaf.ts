/**
 * One leaf in plain English, or its complement, which says that it holds for a missing value too. describe.ts passes in
 * how a filter reads.
 */
import type {
  AnniversaryDirection,
  ArrayOperator,
  Comparison,
  ConditionOf,
  LeafCondition,
  Literal,
  Operand,
  OverrideKind,
  PastOperator,
  TextOperator,
  Unit,
  WindowOperator,
} from '../ast.ts';
import { withoutAdmissions } from '../admission.ts';
import { byKind, type PerKind } from '../kind.ts';
import { missingOfOperand, typeOfOperand } from '../operand.ts';
import { describeCount } from './describe-count.ts';
import {
  describeName,
  describeOperand,
  describeRows,
  ownerWords,
  wordsOfOperand,
  type Reading,
} from './describe-operand.ts';
import { describeList, describeNone, describeText, describeValue, plural, type ValueWords } from './describe-value.ts';

/** A constant is a sentence of its own: describe.ts. */
export type DescribedLeaf = Exclude<LeafCondition, { readonly kind: 'constant' }>;

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

/** The words of a test of text. */
export const textVerb: Readonly<Record<Exclude<TextOperator, 'equals'>, BothSides>> = {
  contains: { holds: 'contains', complement: 'does not contain' },
  starts_with: { holds: 'starts with', complement: 'does not start with' },
  ends_with: { holds: 'ends with', complement: 'does not end with' },
};

/** The words of a test of a list. */
export const arrayWords: Readonly<
  Record<ArrayOperator, { readonly of: string; readonly last: 'or' | 'and'; readonly ofOne?: string }>
> = {
  has_any: { of: 'any of ', last: 'or' },
  has_all: { of: 'all of ', last: 'and' },
  has_only: { of: 'only ', last: 'or', ofOne: 'only ' },
};

const windowWords: Readonly<Record<WindowOperator, (span: string) => string>> = {
  in_last: (span) => `within the last ${span}`,
  before_last: (span) => `at least ${span} ago`,
  in_next: (span) => `within the next ${span}`,
};

const anyOrNo: BothSides = { holds: 'an', complement: 'no' };

const anniversaryWords: Readonly<Record<AnniversaryDirection, string>> = {
  next: 'in the next',
  last: 'was in the last',
};

const pastWords: Readonly<Record<PastOperator, (segment: string, span: string) => BothSides>> = {
  member_for: (segment, span) => ({
    holds: `has been in the segment ${segment} for at least ${span}`,
    complement: `has not been in the segment ${segment} for ${span}`,
  }),
  entered_in_last: (segment, span) => ({
    holds: `entered the segment ${segment} within the last ${span}`,
    complement: `did not enter the segment ${segment} within the last ${span}`,
  }),
  left_in_last: (segment, span) => ({
    holds: `left the segment ${segment} within the last ${span}`,
    complement: `did not leave the segment ${segment} within the last ${span}`,
  }),
};

const overrideVerb: Readonly<Record<OverrideKind, BothSides>> = {
  member: { holds: 'was added to the segment', complement: 'was not added to the segment' },
  include: { holds: 'is included by an override', complement: 'is not included by an override' },
  exclude: { holds: 'is excluded by an override', complement: 'is not excluded by an override' },
};

const words: PerKind<DescribedLeaf, [Side, Reading], string> = {
  compare({ left, operator, right }, side, reading) {
    const count = describeCount({ left, operator, right }, side, reading);
    if (count !== undefined) return count;
    const verb = orderWords(left, operator);
    const none = right.kind === 'literal' || side === 'holds' ? orMissing(left, side) : ' (or either has no value)';
    return `${value(left, reading)} ${is[side]} ${verb}${describeSide(right, reading, wordsOfOperand(left))}${none}`;
  },
  compare_day: ({ left, operator, day }, side, reading) =>
    `${value(left, reading)} ${is[side]} ${timeOrder[operator]}${day}${orMissing(left, side)}`,
  missing: ({ operand }, side, reading) => `${value(operand, reading)} has ${side === 'holds' ? 'no' : 'a'} value`,
  empty: ({ field }, side, reading) =>
    `${name(field, reading)} is ${side === 'holds' ? 'empty or missing' : 'not empty'}`,
  in: ({ operand, values }, side, reading) =>
    `${value(operand, reading)} ${isAnyOf(values, side, wordsOfOperand(operand))}${orMissing(operand, side)}`,
  text({ operand, operator, fold, needles }, side, reading) {
    const texts: readonly Literal[] = needles.map((needle) => ({ kind: 'literal', family: 'text', value: needle }));
    const anyCase = fold ? ' (upper or lower case)' : '';
    const says =
      operator === 'equals'
        ? isAnyOf(texts, side, wordsOfOperand(operand))
        : `${textVerb[operator][side]} ${describeList(texts, 'or')}`;
    return `${value(operand, reading)} ${says}${anyCase}${orMissing(operand, side)}`;
  },
  array({ field, operator, values }, side, reading) {
    const { of, last, ofOne = '' } = arrayWords[operator];
    const isNone = side === 'complement' && operator === 'has_any' && values.length > 1;
    const verb = side === 'holds' || isNone ? 'has' : 'does not have';
    const list = describeList(values, last, field.about?.values);
    return `${name(field, reading)} ${verb} ${values.length > 1 ? (isNone ? 'none of ' : of) : ofOne}${list}${orMissingField(side)}`;
  },
  tense: ({ operand, tense }, side, reading) =>
    `${value(operand, reading)} ${is[side]} in the ${tense}${orMissing(operand, side)}`,
  window: describeWindow,
  calendar_window: describeWindow,
  period: ({ operand, unit, offset }, side, reading) =>
    `${value(operand, reading)} ${is[side]} in ${describePeriod(unit, offset)}${orMissing(operand, side)}`,
  anniversary({ field, direction, days }, side, reading) {
    const of = name(field, reading);
    const none = orMissingField(side, `${of} `);
    if (days === 0) return `today ${is[side]} an anniversary of ${of}${none}`;
    return `${anyOrNo[side]} anniversary of ${of} is today or ${anniversaryWords[direction]} ${plural(days, 'day')}${none}`;
  },
  anniversary_period({ field, unit, offset }, side, reading) {
    const of = name(field, reading);
    return `${anyOrNo[side]} anniversary of ${of} is in ${describePeriod(unit, offset)}${orMissingField(side, `${of} `)}`;
  },
  within_km: ({ latitude, longitude, center, km }, side, reading) =>
    `the place (${name(latitude, reading)}, ${name(longitude, reading)}) ${is[side]} within ${km} km of (${center.join(', ')})${side === 'holds' ? '' : ' (or is no place)'}`,
  some: (leaf, side, reading) =>
    side === 'holds' ? `${ownerWords(reading)}has ${describeRows(leaf, reading)}` : describeNoRow(leaf, reading),
  among: (leaf, side, reading) => `${is[side]} one of ${describeRows({ relation: leaf.owner, where: leaf }, reading)}`,
  segment: ({ key }, side) => `${is[side]} in the segment ${describeText(key)}`,
  past: ({ operator, key, amount, unit }, side) => pastWords[operator](describeText(key), plural(amount, unit))[side],
  override: ({ override }, side) => overrideVerb[override][side],
};

/** The words between a value and what it is compared with. */
export function orderWords(left: Operand, operator: Comparison): string {
  const { family } = typeOfOperand(left);
  const isTime = family === 'date' || family === 'instant';
  return isTime && operator !== '==' ? timeOrder[operator] : order[operator];
}

export function describeLeaf(leaf: DescribedLeaf, side: Side, reading: Reading): string {
  return byKind(words, leaf, side, reading);
}

/** The right side of a comparison. A bare name would read as a text. */
export function describeSide(side: Literal | Operand, reading: Reading, labels?: ValueWords): string {
  if (side.kind === 'literal') return describeValue(side, labels);
  return side.kind === 'field' ? `the value of ${value(side, reading)}` : value(side, reading);
}

function isAnyOf(values: readonly Literal[], side: Side, labels: ValueWords | undefined): string {
  return `is ${side === 'holds' ? describeList(values, 'or', labels) : describeNone(values, labels)}`;
}

const value = describeOperand;
const name = describeName;

/** A complement holds for a missing value too, and says so where the operand can be missing. */
function orMissing(operand: Operand, side: Side): string {
  return side === 'holds' || missingOfOperand(operand) === 'never missing' ? '' : ' (or has no value)';
}

function orMissingField(side: Side, who = ''): string {
  return side === 'holds' ? '' : ` (or ${who}has no value)`;
}

/** "No row that does not satisfy it" reads better as what every row does. */
function describeNoRow({ relation, where: whole }: ConditionOf<'some'>, reading: Reading): string {
  const where = withoutAdmissions(whole);
  if (where.kind !== 'not') return `${ownerWords(reading)}has no ${describeRows({ relation, where }, reading)}`;
  const rows = describeRows({ relation, where: { kind: 'constant', value: true } }, reading);
  return `every one of ${rows}, if any, satisfies (${reading.inside(relation).sentence(where.child)})`;
}

function describeWindow(
  { operand, operator, amount, unit }: ConditionOf<'window' | 'calendar_window'>,
  side: Side,
  reading: Reading,
): string {
  return `${value(operand, reading)} ${is[side]} ${windowWords[operator](plural(amount, unit))}${orMissing(operand, side)}`;
}

function describePeriod(unit: Unit, offset: number): string {
  if (offset === 0) return unit === 'day' ? 'today' : `this ${unit}`;
  if (offset === -1) return unit === 'day' ? 'yesterday' : `last ${unit}`;
  if (offset === 1) return unit === 'day' ? 'tomorrow' : `next ${unit}`;
  return `the ${unit} ${plural(Math.abs(offset), unit)} ${offset < 0 ? 'ago' : 'from now'}`;
}
