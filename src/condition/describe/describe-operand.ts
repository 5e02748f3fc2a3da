/** Values, lists and operands in plain English. describe.ts passes in how a filter reads. */
import type { Field } from '../../catalogue/catalogue.ts';
import type { Condition, FieldAggregateOperand, Literal, Operand, PickName } from '../ast.ts';
import { byKind, type PerKind } from '../kind.ts';

/** So many values of a list are written out. */
const written = 20;

export type DescribeWhere = (where: Condition, relation: string) => string;

/** Inside a relation its own columns are bare; those of a row in between carry its name. */
export function nameOf(field: Field, relation: string | undefined): string {
  return relation === undefined || field.owner === relation
    ? quoted(field.name)
    : `${quoted(field.owner)}.${quoted(field.name)}`;
}

/** Words in lower case. A sentence begins with a capital, which would change any other name. */
const PLAIN_NAME = /^[\p{Ll}\p{Lo}_][\p{Ll}\p{Lo}\p{M}\p{N}_]*(\.[\p{Ll}\p{Lo}\p{M}\p{N}_]+)*$/u;
/** Words of the sentences around a name. */
const OUR_WORDS: ReadonlySet<string> = new Set([
  'and',
  'or',
  'not',
  'is',
  'has',
  'yes',
  'no',
  'every',
  'contact',
  'today',
  'rows',
  'where',
]);

/** A name that reads like something else stands in backquotes, which no value has. */
function quoted(name: string): string {
  return PLAIN_NAME.test(name) && !OUR_WORDS.has(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}

/** The words before the aggregate's field. */
const aggregateWords: Readonly<Record<FieldAggregateOperand['function'], string>> = {
  sum: 'the sum of',
  avg: 'the average of',
  min: 'the least',
  max: 'the greatest',
};

const pickWords: Readonly<Record<PickName, string>> = { first: 'the first', last: 'the last' };

const words: PerKind<Operand, [string | undefined, DescribeWhere], string> = {
  field: ({ field }, relation) => nameOf(field, relation),
  age: ({ field }, relation) => `the age by ${nameOf(field, relation)}`,
  weekday: ({ field }, relation) => `the weekday (Monday is 1) of ${nameOf(field, relation)}`,
  anniversary_month: ({ field }, relation) => `the month of ${nameOf(field, relation)}`,
  aggregate(operand, _, where) {
    const rows = `${describeRows(operand.relation)}${where(operand.where, operand.relation)}`;
    if (operand.function === 'count') return `the number of ${rows}`;
    return `${aggregateWords[operand.function]} ${nameOf(operand.field, operand.relation)} over ${rows}`;
  },
  pick({ which, relation, field, time, where: filter }, _, where) {
    const rows = `${describeRows(relation)}${where(filter, relation)}`;
    return `${pickWords[which]} ${nameOf(field, relation)} (by ${quoted(time.name)}) over ${rows}`;
  },
};

/** An operand in words. @param relation whose rows names are read in; absent for the contact's */
export function describeOperand(operand: Operand, relation: string | undefined, where: DescribeWhere): string {
  return byKind(words, operand, relation, where);
}

export function describeRows(relation: string): string {
  return `rows of ${quoted(relation)}`;
}

const asItIs = (value: string): string => value;

const valueWords: Readonly<Record<Literal['family'], (value: string) => string>> = {
  text: (value) => JSON.stringify(value),
  number: asItIs,
  boolean: (value) => (value === 'true' ? 'yes' : 'no'),
  date: asItIs,
  instant: (value) => value.replace(/\.0{6}Z$/, 'Z'),
  uuid: asItIs,
};

export function describeValue({ family, value }: Literal): string {
  return valueWords[family](value);
}

/** One value, or any of several. */
export function describeValues(values: readonly Literal[]): string {
  const [only] = values;
  return only && values.length === 1 ? describeValue(only) : `one of [${describeList(values)}]`;
}

export function describeList(values: readonly Literal[]): string {
  const shown = values.slice(0, written).map(describeValue).join(', ');
  const more = values.length - written;
  return more > 0 ? `${shown} … and ${more} more` : shown;
}
