/**
 * The form of each operator: how its row is laid out, the words of its opposite, whether it is offered. An operator that the
 * language gains does not compile without its line here. What stands in a row comes from the operator table. Pure.
 */
import { operators, type ArgumentForm, type ConditionName, type Operator } from '../../condition/operator.ts';
import type { Argument, CallRow, FieldRow, Negation, Row } from './builder-node.ts';
import type { ValueWords } from './builder-vocabulary.ts';

/**
 * `group`: rows in a frame. `parts`: named places, a row in each. `comparison`: a value, a word, what it is compared with.
 * `relation`: a word over rows of a relation. `fixed`: a word over fixed values.
 */
export type Layout = 'group' | 'parts' | 'comparison' | 'relation' | 'fixed';

interface Form {
  readonly layout: Layout;
  /** In words, what `!` around it says. */
  readonly opposite: string;
  /** Which of the two are offered at once; the others come under "More", or only where a condition has them. */
  readonly offers: 'both' | 'itself' | 'more' | 'never';
  /** What the select says of the operator itself, where the subject beside it says a part of the operator's words. */
  readonly word?: string;
  /** Other words where values are days or instants. */
  readonly timed?: readonly [itself: string, opposite: string];
}

export const conditionForms = {
  and: { layout: 'group', opposite: 'not all of', offers: 'both' },
  or: { layout: 'group', opposite: 'none of', offers: 'both' },
  '!': { layout: 'parts', opposite: 'not not', offers: 'never' },
  '!!': { layout: 'parts', opposite: 'is not true', offers: 'never' },
  if: { layout: 'parts', opposite: 'not: if, then, else', offers: 'never' },
  '==': { layout: 'comparison', opposite: 'is not', offers: 'itself' },
  '===': { layout: 'comparison', opposite: 'is not', offers: 'never' },
  '!=': { layout: 'comparison', opposite: 'is', offers: 'itself' },
  '!==': { layout: 'comparison', opposite: 'is', offers: 'never' },
  '<': {
    layout: 'comparison',
    opposite: 'is not less than, or has no value',
    offers: 'itself',
    timed: ['is before', 'is not before, or has no value'],
  },
  '<=': {
    layout: 'comparison',
    opposite: 'is not at most, or has no value',
    offers: 'itself',
    timed: ['is on or before', 'is not on or before, or has no value'],
  },
  '>': {
    layout: 'comparison',
    opposite: 'is not greater than, or has no value',
    offers: 'itself',
    timed: ['is after', 'is not after, or has no value'],
  },
  '>=': {
    layout: 'comparison',
    opposite: 'is not at least, or has no value',
    offers: 'itself',
    timed: ['is on or after', 'is not on or after, or has no value'],
  },
  in: { layout: 'comparison', opposite: 'is none of', offers: 'both' },
  has_any: { layout: 'comparison', opposite: 'has none of', offers: 'both' },
  has_all: { layout: 'comparison', opposite: 'does not have all of', offers: 'both' },
  has_only: { layout: 'comparison', opposite: 'has no values, or others than', offers: 'itself' },
  starts_with: { layout: 'comparison', opposite: 'does not start with', offers: 'more' },
  ends_with: { layout: 'comparison', opposite: 'does not end with', offers: 'more' },
  ieq: { layout: 'comparison', opposite: 'is not, in any case', offers: 'more' },
  icontains: { layout: 'comparison', opposite: 'does not contain, in any case', offers: 'both' },
  istarts_with: { layout: 'comparison', opposite: 'does not start with, in any case', offers: 'itself' },
  iends_with: { layout: 'comparison', opposite: 'does not end with, in any case', offers: 'itself' },
  iin: { layout: 'comparison', opposite: 'is none of, in any case', offers: 'more' },
  is_empty: { layout: 'comparison', opposite: 'is not empty', offers: 'both' },
  in_last: { layout: 'comparison', opposite: 'is not within the last', offers: 'both' },
  before_last: { layout: 'comparison', opposite: 'is not longer ago than', offers: 'itself' },
  in_next: { layout: 'comparison', opposite: 'is not within the next', offers: 'both' },
  is_past: { layout: 'comparison', opposite: 'is not in the past', offers: 'itself' },
  is_future: { layout: 'comparison', opposite: 'is not in the future', offers: 'itself' },
  known_for: { layout: 'fixed', opposite: 'is not at least', offers: 'both', word: 'is at least' },
  in_period: { layout: 'comparison', opposite: 'is not in the period', offers: 'both' },
  anniversary_in_next: {
    layout: 'comparison',
    opposite: 'has no anniversary within the next days',
    offers: 'itself',
  },
  anniversary_in_last: {
    layout: 'comparison',
    opposite: 'had no anniversary within the last days',
    offers: 'itself',
  },
  anniversary_in_period: { layout: 'comparison', opposite: 'has no anniversary in the period', offers: 'both' },
  anniversary_today: { layout: 'comparison', opposite: 'has no anniversary today', offers: 'itself' },
  within_km: {
    layout: 'comparison',
    opposite: 'is not the latitude of a place near another, with the longitude',
    offers: 'more',
  },
  some: { layout: 'relation', opposite: 'does not have any', offers: 'itself', word: 'has any' },
  none: { layout: 'relation', opposite: 'does not have none', offers: 'itself', word: 'has none' },
  all: { layout: 'relation', opposite: 'does not have only', offers: 'both', word: 'has only' },
  in_segment: { layout: 'fixed', opposite: 'is not in', offers: 'both', word: 'is in' },
  member_for: {
    layout: 'fixed',
    opposite: 'is not a member for at least',
    offers: 'both',
    word: 'is a member for at least',
  },
  entered_in_last: {
    layout: 'fixed',
    opposite: 'did not enter within the last',
    offers: 'both',
    word: 'entered within the last',
  },
  left_in_last: {
    layout: 'fixed',
    opposite: 'did not leave within the last',
    offers: 'both',
    word: 'left within the last',
  },
} as const satisfies Readonly<Record<ConditionName, Form>>;

export function conditionForm(name: ConditionName): Form {
  return conditionForms[name];
}

/**
 * Where the value stands that a row is about. `second`: behind what it is compared with, as in "contains". `between`: in the middle
 * of its bounds.
 */
export type Order = 'first' | 'second' | 'between';

/** A word that a person chooses for a row, with all that it says about how the row is written. */
export interface Comparison {
  readonly id: string;
  /** `var`: a field that stands alone. */
  readonly name: ConditionName | 'var';
  readonly negated: boolean;
  readonly order: Order;
  /** It compares with null: nothing is left to fill in. */
  readonly missing: boolean;
  readonly label: string;
  readonly seldom: boolean;
}

type OfRow = Pick<Comparison, 'name' | 'negated' | 'order' | 'missing'>;

function idOf({ name, negated, order, missing }: OfRow): string {
  return `${negated ? '! ' : ''}${name}${order === 'first' ? '' : ` ${order}`}${missing ? ' null' : ''}`;
}

/** The word that a row has now. */
export function comparisonOf(row: CallRow | FieldRow, value: ValueWords | undefined): Comparison {
  const negated = row.negation !== 'none';
  if (row.kind === 'field') return comparison({ name: 'var', negated, order: 'first', missing: false }, value);
  const order = orderOf(row);
  const other = row.arguments[order === 'second' ? 0 : 1];
  const missing =
    EQUAL.has(row.name) && row.arguments.length === 2 && other?.kind === 'constant' && other.json === null;
  return comparison({ name: row.name, negated, order, missing }, value);
}

export function orderOf({ name, arguments: of }: CallRow): Order {
  const form: Operator = operators[name];
  if (form.range !== undefined && of.length === form.range.length) return 'between';
  const takesSides = name === 'in' || form.arguments[1]?.type === 'literal';
  return takesSides && of[0]?.kind === 'constant' && of[1] !== undefined && of[1].kind !== 'constant'
    ? 'second'
    : 'first';
}

/** The place of the value that a row is about. */
export function subjectIndex(order: Order): 0 | 1 {
  return order === 'first' ? 0 : 1;
}

const EQUAL: ReadonlySet<string> = new Set(['==', '===', '!=', '!==']);

function comparison(of: OfRow, value: ValueWords | undefined, seldom = true): Comparison {
  return { ...of, id: idOf(of), label: labelOf(of, value), seldom };
}

function labelOf({ name, negated, order, missing }: OfRow, value: ValueWords | undefined): string {
  if (name === 'var') return negated ? 'is not yes' : 'is yes';
  const form = conditionForm(name);
  if (missing) return (name === '!=' || name === '!==') !== negated ? 'has a value' : 'has no value';
  if (name === 'in' && order === 'second')
    return value?.array ? (negated ? 'does not have' : 'has') : negated ? 'does not contain' : 'contains';
  const bounds = name === '<' ? ', bounds excluded' : '';
  if (order === 'between') return negated ? `is not between${bounds}, or has no value` : `is between${bounds}`;
  const timed = value?.family === 'date' || value?.family === 'instant' ? form.timed : undefined;
  const label = negated ? (timed?.[1] ?? form.opposite) : (timed?.[0] ?? form.word ?? operators[name].label);
  if (order === 'second' && form.timed) return `${label} (turned round)`;
  return EQUAL.has(name) && negated ? `${label} (written the other way)` : label;
}

/** Words for values of that type: those that people look for first, then those that they seldom need. */
export function comparisonsFor(value: ValueWords | undefined, argument: Argument['kind']): readonly Comparison[] {
  const found: Comparison[] = [];
  for (const name of Object.keys(conditionForms) as ConditionName[]) {
    const { layout, offers } = conditionForm(name);
    if (layout !== 'comparison' || offers === 'never' || !takes(operators[name], value, argument)) continue;
    const add = (negated: boolean, order: Order, missing: boolean, seldom: boolean): void => {
      found.push(comparison({ name, negated, order, missing }, value, seldom));
    };
    add(false, 'first', false, offers === 'more');
    if (offers === 'both') add(true, 'first', false, false);
    else if (offers === 'more') add(true, 'first', false, true);
    if (name === '<=') add(false, 'between', false, false);
  }
  if (value?.family === 'boolean' && !value.array && argument === 'field')
    for (const negated of [false, true])
      found.push(comparison({ name: 'var', negated, order: 'first', missing: false }, value));
  if (value?.missing === true && argument !== 'value') found.push(missingOf('==', value), missingOf('!=', value));
  if (value?.family === 'text' && !value.array) {
    const contains = { name: 'in', order: 'second', missing: false } as const;
    found.push(comparison({ ...contains, negated: false }, value), comparison({ ...contains, negated: true }, value));
  }
  return found;
}

function missingOf(name: '==' | '!=', value: ValueWords): Comparison {
  return comparison({ name, negated: false, order: 'first', missing: true }, value);
}

/** Whether an operator's first argument takes such a value. Of a value that is not known everything is offered. */
function takes(of: Operator, value: ValueWords | undefined, argument: Argument['kind']): boolean {
  const [first] = of.arguments;
  if (!first) return false;
  if (first.type === 'field') {
    if (argument !== 'field') return false;
    if (!value) return true;
    if (first.array === true && !value.array) return false;
    if (first.array !== true && first.families !== undefined && value.array) return false;
    return first.families?.includes(value.family) ?? true;
  }
  if (first.type !== 'value') return false;
  return value === undefined || (!value.array && first.families.includes(value.family));
}

/** The row is about another segment. */
export function isOfSegment(name: ConditionName): boolean {
  return operators[name].arguments[0]?.type === 'segment';
}

/** The operators over fixed values among which a person chooses: all that are about a segment, or the one itself. */
function fixedBeside(name: ConditionName): readonly ConditionName[] {
  return isOfSegment(name) ? (Object.keys(conditionForms) as ConditionName[]).filter(isOfSegment) : [name];
}

/** The words for a relation's rows, and for fixed values, each with its opposite. */
export function comparisonsOfLayout(row: CallRow): readonly Comparison[] {
  const { layout } = conditionForm(row.name);
  const names =
    layout === 'relation' ? (['some', 'none', 'all'] as const) : layout === 'fixed' ? fixedBeside(row.name) : [];
  return names.flatMap((name) => {
    const itself = comparison({ name, negated: false, order: 'first', missing: false }, undefined, false);
    const opposite = comparison({ name, negated: true, order: 'first', missing: false }, undefined, false);
    return conditionForm(name).offers === 'both' ? [itself, opposite] : [itself];
  });
}

export function negationFor(negated: boolean, before: Negation): Negation {
  if (!negated) return 'none';
  return before === 'none' ? 'list' : before;
}

/** What an operator takes behind the value that it is about. @param value that value: a text holds any of several texts */
export function formsBeside(
  { name, order }: Pick<Comparison, 'name' | 'order'>,
  value?: ValueWords,
): readonly ArgumentForm[] {
  if (name === 'var') return [];
  const form: Operator = operators[name];
  if (order === 'between') return (form.range ?? []).filter((_, n) => n !== 1);
  if (order === 'second')
    return name === 'in'
      ? [{ type: value?.family === 'text' && !value.array ? 'needles' : 'literal' }]
      : form.arguments.slice(1);
  return form.arguments.slice(1);
}

export function isNegated(row: Row): boolean {
  return row.kind !== 'raw' && row.negation !== 'none';
}
