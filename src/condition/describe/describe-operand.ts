/** Values, lists and aggregates in plain English. How a filter reads is handed in by describe.ts. */
import { unreachable } from '../../base/unreachable.ts';
import type { Family, Field } from '../../catalogue/catalogue.ts';
import type { Condition, Literal, Operand } from '../ast.ts';

/** Values of a list that are written out. */
const written = 20;

export type DescribeWhere = (where: Condition, relation: string) => string;

/** Inside a relation its own columns are bare; those of a row in between carry its name. */
export function nameOf(field: Field, relation: string | undefined): string {
  return relation === undefined || field.owner === relation
    ? quoted(field.name)
    : `${quoted(field.owner)}.${quoted(field.name)}`;
}

/** Words in lower case: the first letter of a sentence is made a capital, so any other name would be told by it. */
const PLAIN_NAME = /^[\p{Ll}\p{Lo}_][\p{Ll}\p{Lo}\p{M}\p{N}_]*(\.[\p{Ll}\p{Lo}\p{M}\p{N}_]+)*$/u;
/** Words of the sentences around. */
const OUR_WORDS: ReadonlySet<string> = new Set([
  'and',
  'or',
  'not',
  'is',
  'has',
  'yes',
  'no',
  'every',
  'everybody',
  'nobody',
  'today',
  'rows',
  'where',
]);

/** A name that could be read otherwise, in quotes that no value has. */
function quoted(name: string): string {
  return PLAIN_NAME.test(name) && !OUR_WORDS.has(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}

export function familyOf(operand: Operand): Family {
  if (operand.kind === 'field' || operand.kind === 'pick') return operand.field.family;
  const isValue = operand.kind === 'aggregate' && (operand.function === 'min' || operand.function === 'max');
  return isValue ? (operand.field?.family ?? 'number') : 'number';
}

export function describeOperand(operand: Operand, relation: string | undefined, where: DescribeWhere): string {
  switch (operand.kind) {
    case 'field':
      return nameOf(operand.field, relation);
    case 'age':
      return `the age by ${nameOf(operand.field, relation)}`;
    case 'weekday':
      return `the weekday (Monday is 1) of ${nameOf(operand.field, relation)}`;
    case 'anniversary_month':
      return `the month of ${nameOf(operand.field, relation)}`;
    case 'aggregate': {
      const rows = `${describeRows(operand.relation)}${where(operand.where, operand.relation)}`;
      if (!operand.field) return `the number of ${rows}`;
      const name = { count: 'number', sum: 'sum', avg: 'average', min: 'least', max: 'greatest' }[operand.function];
      const of = operand.function === 'min' || operand.function === 'max' ? '' : ' of';
      return `the ${name}${of} ${nameOf(operand.field, operand.relation)} over ${rows}`;
    }
    case 'pick': {
      const rows = `${describeRows(operand.relation)}${where(operand.where, operand.relation)}`;
      return `the ${operand.which} ${nameOf(operand.field, operand.relation)} (by ${quoted(operand.time.name)}) over ${rows}`;
    }
    default:
      return unreachable(operand);
  }
}

export function describeRows(relation: string): string {
  return `rows of ${quoted(relation)}`;
}

export function describeValue(literal: Literal): string {
  switch (literal.family) {
    case 'text':
      return JSON.stringify(literal.value);
    case 'boolean':
      return literal.value === 'true' ? 'yes' : 'no';
    case 'instant':
      return literal.value.replace(/\.0{6}Z$/, 'Z');
    default:
      return literal.value;
  }
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
