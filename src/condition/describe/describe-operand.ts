/** Operands in plain English. describe.ts passes in how a condition reads. */
import type { Field } from '../../catalogue/catalogue.ts';
import { withoutAdmissions } from '../admission.ts';
import type { Condition, FieldAggregateOperand, Literal, MovedName, Operand, PickName } from '../ast.ts';
import { byKind, type PerKind } from '../kind.ts';
import { typeOfOperand } from '../operand.ts';
import { limitOf } from '../shape.ts';
import { nameOf, rowsName, type NamePlace } from './describe-name.ts';
import { describeText, plural, type ValueWords } from './describe-value.ts';

/** Whose rows names are read in, and how a condition over the rows of a relation reads there. */
export interface Reading extends NamePlace {
  /** The reading of the rows of a relation that stands here. */
  readonly inside: (relation: string) => Reading;
  /** A condition over the rows that are read, on its own. */
  readonly sentence: (condition: Condition) => string;
}

interface AggregateWords {
  /** Before the aggregate's field. */
  readonly before: string;
  /** The same of days and instants. */
  readonly ofTime?: string;
  /** Between the field and the rows: a value is computed across them, or stands among them. */
  readonly between: 'across' | 'among';
}

const aggregateWords: Readonly<Record<FieldAggregateOperand['function'], AggregateWords>> = {
  count_distinct: { before: 'the number of different values of', between: 'among' },
  sum: { before: 'the sum of', between: 'across' },
  avg: { before: 'the average', between: 'across' },
  min: { before: 'the lowest', ofTime: 'the earliest', between: 'among' },
  max: { before: 'the highest', ofTime: 'the latest', between: 'among' },
};

function isOfTime(operand: Operand): boolean {
  const { family } = typeOfOperand(operand);
  return family === 'date' || family === 'instant';
}

const pickWords: Readonly<Record<PickName, string>> = { first: 'the first', last: 'the last' };

const movedWords: Readonly<Record<MovedName, string>> = { plus: 'after', minus: 'before' };

const words: PerKind<Operand, [Reading], string> = {
  field: ({ field }, reading) => describeName(field, reading),
  age: ({ field }, reading) => `the age by ${describeName(field, reading)}`,
  weekday: ({ field }, reading) => `the weekday (Monday is 1) of ${describeName(field, reading)}`,
  anniversary_month: ({ field }, reading) => `the month of ${describeName(field, reading)}`,
  length: ({ field }, reading) => `the length of ${describeName(field, reading)}`,
  size: ({ field }, reading) => `the number of values in ${describeName(field, reading)}`,
  aggregate(operand, reading) {
    const rows = describeRows(operand, reading);
    if (operand.function === 'count') return `the number of ${rows}`;
    const of = operand.field
      ? describeName(operand.field, reading.inside(operand.relation))
      : describeOperand(operand.of, reading.inside(operand.relation));
    const { before, ofTime = before, between } = aggregateWords[operand.function];
    return `${isOfTime(operand) ? ofTime : before} ${of} ${between} ${rows}`;
  },
  arithmetic: ({ operator, terms }, reading) =>
    `(${terms.map((term) => describeTerm(term, reading)).join(` ${operator} `)})`,
  moved: ({ direction, operand, amount, unit }, reading) =>
    `(${plural(amount, unit)} ${movedWords[direction]} ${describeOperand(operand, reading)})`,
  bucket: ({ seed, of }) => `the bucket by ${describeText(seed)} (0 to ${of - 1})`,
  pick({ which, field, time, ...of }, reading) {
    const name = (one: Field): string => describeName(one, reading.inside(of.relation));
    return `${pickWords[which]} ${name(field)} (by ${name(time)}) among ${describeRows(of, reading)}`;
  },
};

/** What can stand in a calculation without brackets: its signs are in no such name. */
const PLAIN_TERM = /^(?:[\p{L}_][\p{L}\p{M}\p{N}_.]*|-?[\d.]+|`(?:[^`]|``)*`)$/u;

function describeTerm(term: Literal | Operand, reading: Reading): string {
  if (term.kind === 'literal') return term.value;
  const text = describeOperand(term, reading);
  return term.kind === 'arithmetic' || PLAIN_TERM.test(text) ? text : `(${text})`;
}

/** An operand in words. */
export function describeOperand(operand: Operand, reading: Reading): string {
  return byKind(words, operand, reading);
}

/** A field of the rows that are read. */
export function describeName(field: Field, reading: Reading): string {
  return nameOf(field, reading);
}

/** Whose rows they are: inside the rows of a relation people would take them for rows of that row. */
export function ownerWords({ relation }: Reading): string {
  return relation === undefined ? '' : 'the contact ';
}

/** The rows of a relation that satisfy a filter. */
export function describeRows(
  { relation, where }: { readonly relation: string; readonly where: Condition },
  reading: Reading,
): string {
  const name = rowsName(relation, reading.wording);
  const asked = (condition: Condition): string => ` where (${reading.inside(relation).sentence(condition)})`;
  // Which rows count is what the relation's name means.
  const written = withoutAdmissions(where);
  const { limit, rest } = limitOf(written);
  if (!limit) return isEvery(written) ? name : `${name}${asked(written)}`;
  const of = isEvery(withoutAdmissions(limit.where))
    ? name
    : `of (${describeRows({ relation, where: limit.where }, reading)})`;
  const limited = `the ${limit.count} ${limit.which} ${of}`;
  if (rest.length === 0) return limited;
  return `rows among (${limited})${asked({ kind: 'and', children: rest })}`;
}

function isEvery(where: Condition): boolean {
  return where.kind === 'constant' && where.value;
}

/** What people read in place of an operand's values, where its values are those of a field. */
export function wordsOfOperand(operand: Operand): ValueWords | undefined {
  const isOfField =
    operand.kind === 'field' ||
    operand.kind === 'pick' ||
    (operand.kind === 'aggregate' && (operand.function === 'min' || operand.function === 'max'));
  return isOfField ? operand.field?.about?.values : undefined;
}
