/**
 * The values that the evaluator compares, and their order. Missing is `undefined`. Numbers are exact decimals and instants
 * microseconds: a JavaScript number would lose digits. Each family has one row in `orders`. Pure.
 */
import type { Comparison } from '../ast.ts';
import { compareDecimals, type Decimal } from '../decimal.ts';
import { asClock, compareInstants, type Instant } from './instant.ts';

/** What a value of each family is. */
interface FamilyValues {
  readonly text: string;
  readonly uuid: string;
  readonly boolean: boolean;
  readonly number: Decimal;
  /** Day number (days since 1970-01-01), ±Infinity included. */
  readonly date: number;
  readonly instant: Instant;
  /** A value that is only present or missing, and maybe empty. */
  readonly opaque: { readonly empty: boolean };
}

type ValueFamily = keyof FamilyValues;

interface ValueOf<F extends ValueFamily> {
  readonly family: F;
  readonly value: FamilyValues[F];
}

/** `caseless`: the value is of a citext column. */
type TextValue = ValueOf<'text'> & { readonly caseless?: true };

export type TypedValue = TextValue | { [F in Exclude<ValueFamily, 'text'>]: ValueOf<F> }[Exclude<ValueFamily, 'text'>];

/** What a field holds: a value, a list of values (elements may be missing), or `undefined` when missing. */
export type FieldValue = TypedValue | readonly (TypedValue | undefined)[] | undefined;

/** An average is kept as its parts: it is compared by multiplying, never divided. */
export interface Average {
  readonly family: 'average';
  readonly sum: Decimal;
  /** At least 1. */
  readonly count: bigint;
}

/** What an operand yields. */
export type OperandValue = FieldValue | Average;

export function isList(value: OperandValue): value is readonly (TypedValue | undefined)[] {
  return Array.isArray(value);
}

/** The value when it is one value; `undefined` for a missing value, a list and an average. */
export function singleValue(value: OperandValue): TypedValue | undefined {
  return value === undefined || isList(value) || value.family === 'average' ? undefined : value;
}

/** A number as a sum over a count; `undefined` for other values. */
export function quotientOf(value: OperandValue): Pick<Average, 'sum' | 'count'> | undefined {
  if (value === undefined || isList(value)) return undefined;
  if (value.family === 'average') return value;
  return value.family === 'number' ? { sum: value.value, count: 1n } : undefined;
}

const comparisons: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Whether a comparison holds for two values in that order (negative, zero, positive). */
export function holdsInOrder(operator: Comparison, order: number): boolean {
  return comparisons[operator](order);
}

/** Families whose values have an order. */
type OrderedFamily = Exclude<ValueFamily, 'opaque'>;

const orders: {
  readonly [F in OrderedFamily]: (a: FamilyValues[F], b: FamilyValues[F], timestamps: string) => number;
} = {
  text: compareText,
  uuid: compareText,
  boolean: (a, b) => Number(a) - Number(b),
  number: compareDecimals,
  date: (a, b) => (a === b ? 0 : a - b), // equal infinities have the difference NaN
  instant: compareInstants,
};

/** Order of two values; `undefined` when they have none. @param timestamps zone of wall clocks */
export function orderOf(a: TypedValue, b: TypedValue, timestamps: string): number | undefined {
  if (a.family !== b.family || a.family === 'opaque') return undefined;
  const order = orders[a.family] as (a: unknown, b: unknown, timestamps: string) => number;
  return order(a.value, b.value, timestamps);
}

/** By code point, as Postgres' collation "C" does. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < x.length && i < y.length; i += 1) {
    const difference = (x[i]?.codePointAt(0) ?? 0) - (y[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

/** Beside a literal or another citext value, a citext value ignores case; beside text it does not, as in Postgres. */
export function isCaseless(value: TypedValue): value is TextValue {
  return value.family === 'text' && value.caseless === true;
}

/** The literal that a value is compared with: beside a wall clock, an instant is the clock of that zone at that instant. */
export function literalBeside(value: TypedValue, literal: TypedValue, timestamps: string): TypedValue {
  if (value.family !== 'instant' || literal.family !== 'instant' || !value.value.wall || literal.value.wall)
    return literal;
  return { family: 'instant', value: asClock(literal.value.micros, timestamps) };
}
