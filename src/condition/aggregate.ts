/**
 * The functions over the rows of a relation, one row each: aggregates of all matching rows, and picks of one of them.
 * Pure data. The SQL of each is in compile/aggregate.ts, the words are in describe/describe-operand.ts.
 */
import type { Family } from '../catalogue/catalogue.ts';
import type { AggregateName, PickName } from './ast.ts';

export interface AggregateShape {
  /** Its operator in the language. */
  readonly word: 'count' | 'count_distinct' | 'sum' | 'avg' | 'min_of' | 'max_of';
  /** Families of the field that it is over; empty for the count, which is over rows. */
  readonly families: readonly Family[];
  /** Family of its value: a number, or that of the field. */
  readonly value: 'number' | 'of the field';
  /** Its value when no row matches. Zero is a value: such an aggregate is never missing. */
  readonly onNoRows: 'zero' | 'missing';
  /** A value that comes twice changes the result, so each row is taken once, however many ways lead to it. */
  readonly countsRepeats: boolean;
  /** A sum over a count. It is compared by multiplying the other side and never divided. */
  readonly isQuotient: boolean;
}

const ordered: readonly Family[] = ['number', 'date', 'instant'];
const comparable: readonly Family[] = ['text', 'number', 'boolean', 'date', 'instant', 'uuid'];

export const aggregates = {
  count: {
    word: 'count',
    families: [],
    value: 'number',
    onNoRows: 'zero',
    countsRepeats: true,
    isQuotient: false,
  },
  // As equality compares them; a value that comes twice is one.
  count_distinct: {
    word: 'count_distinct',
    families: comparable,
    value: 'number',
    onNoRows: 'zero',
    countsRepeats: false,
    isQuotient: false,
  },
  sum: {
    word: 'sum',
    families: ['number'],
    value: 'number',
    onNoRows: 'zero',
    countsRepeats: true,
    isQuotient: false,
  },
  avg: {
    word: 'avg',
    families: ['number'],
    value: 'number',
    onNoRows: 'missing',
    countsRepeats: true,
    isQuotient: true,
  },
  min: {
    word: 'min_of',
    families: ordered,
    value: 'of the field',
    onNoRows: 'missing',
    countsRepeats: false,
    isQuotient: false,
  },
  max: {
    word: 'max_of',
    families: ordered,
    value: 'of the field',
    onNoRows: 'missing',
    countsRepeats: false,
    isQuotient: false,
  },
} as const satisfies Readonly<Record<AggregateName, AggregateShape>>;

export interface PickShape {
  /** Its operator in the language. */
  readonly word: 'first' | 'last';
  /** Families of the field whose value it is. */
  readonly families: readonly Family[];
  /** Which of the rows in order of time it takes. */
  readonly takes: 'earliest' | 'latest';
}

export const picks = {
  first: { word: 'first', families: comparable, takes: 'earliest' },
  last: { word: 'last', families: comparable, takes: 'latest' },
} as const satisfies Readonly<Record<PickName, PickShape>>;

/** The shape of an aggregate, seen without what is special to its name. */
export function aggregateShape(name: AggregateName): AggregateShape {
  return aggregates[name];
}

export function pickShape(name: PickName): PickShape {
  return picks[name];
}
