/**
 * Values that are computed: parts of a date, aggregates over rows, and the value of the first or last row. Missing values
 * do not enter an aggregate. Each aggregate and each derived value has one row in its table. Pure.
 */
import type { AggregateName, DerivedName, LimitName, PickName } from '../ast.ts';
import { civil, weekday } from '../civil.ts';
import { add, type Decimal, decimal, zero } from '../decimal.ts';
import type { DocumentRow } from './document.ts';
import { movedBy } from './instant.ts';
import { compareOperands } from './leaf-verdict.ts';
import { md5Head } from './md5.ts';
import { ageOf, dayOf, type Moment } from './moment.ts';
import { isList, orderOf, singleValue, type OperandValue, type TypedValue } from './typed-value.ts';

const derivations: Readonly<Record<DerivedName, (day: number, moment: Moment) => Decimal | undefined>> = {
  age: ageOf,
  weekday: (day) => (Number.isFinite(day) ? decimal(weekday(day)) : undefined),
  anniversary_month: (day) => (Number.isFinite(day) ? decimal(civil(day).month) : undefined),
};

/** Age, weekday or month of a date or an instant; missing for other values. */
export function derivedValue(kind: DerivedName, of: OperandValue, moment: Moment): OperandValue {
  const value = singleValue(of);
  const day = value && dayOf(value, moment);
  const derived = day === undefined ? undefined : derivations[kind](day, moment);
  return derived === undefined ? undefined : { family: 'number', value: derived };
}

/** Characters (code points) of a text. */
export function lengthOf(of: OperandValue): OperandValue {
  const value = singleValue(of);
  return value?.family === 'text' ? { family: 'number', value: decimal([...value.value].length) } : undefined;
}

/** Elements of a list, missing ones included. */
export function sizeOf(of: OperandValue): OperandValue {
  return isList(of) ? { family: 'number', value: decimal(of.length) } : undefined;
}

/** An instant moved by so many seconds; missing for other values. */
export function movedValue(of: OperandValue, seconds: number, { timestamps }: Moment): OperandValue {
  const value = singleValue(of);
  if (value?.family !== 'instant') return undefined;
  return { family: 'instant', value: movedBy(value.value, BigInt(seconds) * 1_000_000n, timestamps) };
}

/** The bucket of the contact with that key. A document without its key has no bucket. */
export function bucketOf(seed: string, of: number, key: string | undefined): OperandValue {
  return key === undefined ? undefined : { family: 'number', value: decimal(md5Head(`${seed}:${key}`) % of) };
}

/**
 * Each row once, however many ways lead to it. With fields of rows in between, each way to the farthest of these counts once.
 * @param owners whose fields are read
 */
export function distinctRows(rows: readonly DocumentRow[], owners: readonly string[]): readonly DocumentRow[] {
  const seen = new Set<string>();
  return rows.filter(({ identity }) => {
    if (!identity) return true;
    const farthest = identity.findLastIndex(({ relation }) => owners.includes(relation));
    const key = JSON.stringify(identity.slice(0, farthest + 1));
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

export function rowCount(rows: readonly DocumentRow[]): OperandValue {
  return { family: 'number', value: decimal(rows.length) };
}

type FieldAggregate = Exclude<AggregateName, 'count'>;

/** `countsRowOnce`: the aggregate of a row that stands several times differs from that of the row alone. */
interface Aggregate {
  readonly countsRowOnce: boolean;
  of(present: readonly TypedValue[], moment: Moment): OperandValue;
}

export const aggregates: Readonly<Record<FieldAggregate, Aggregate>> = {
  count_distinct: {
    countsRowOnce: false,
    of: (present, moment) => ({ family: 'number', value: decimal(differentValues(present, moment).length) }),
  },
  sum: {
    countsRowOnce: true,
    of(present) {
      const sum = sumOf(present);
      return sum === undefined ? undefined : { family: 'number', value: sum };
    },
  },
  avg: {
    countsRowOnce: true,
    of(present) {
      const sum = sumOf(present);
      return sum === undefined || present.length === 0
        ? undefined
        : { family: 'average', sum, count: BigInt(present.length) };
    },
  },
  min: { countsRowOnce: false, of: (present, moment) => extreme(present, 1, moment) },
  max: { countsRowOnce: false, of: (present, moment) => extreme(present, -1, moment) },
};

/** One of each group of values that are equal, as `==` compares two fields. */
function differentValues(values: readonly TypedValue[], moment: Moment): readonly TypedValue[] {
  return values.reduce<readonly TypedValue[]>(
    (found, value) => (found.some((one) => compareOperands('==', one, value, moment)) ? found : [...found, value]),
    [],
  );
}

/** `undefined` is NaN: a sum of both infinities. */
function sumOf(values: readonly TypedValue[]): Decimal | undefined {
  let sum: Decimal | undefined = zero;
  for (const value of values) sum = sum && value.family === 'number' ? add(sum, value.value) : undefined;
  return sum;
}

/** The least value with `sign` 1, the greatest with -1. */
function extreme(values: readonly TypedValue[], sign: 1 | -1, { timestamps }: Moment): OperandValue {
  return values.reduce<TypedValue | undefined>(
    (best, value) => (best && sign * (orderOf(value, best, timestamps) ?? 0) >= 0 ? best : value),
    undefined,
  );
}

/** The aggregate of a field's values. A sum of no values is 0, the others are missing. */
export function aggregateValue(name: FieldAggregate, values: readonly OperandValue[], moment: Moment): OperandValue {
  const present = values.map(singleValue).filter((value) => value !== undefined);
  return aggregates[name].of(present, moment);
}

/** A row's time and the value that is picked. */
export interface Picked {
  readonly time: TypedValue | undefined;
  readonly value: TypedValue | undefined;
}

/** A row with what decides its place among others. */
export interface Ranked {
  readonly row: DocumentRow;
  readonly time: TypedValue | undefined;
  readonly key: readonly (TypedValue | undefined)[];
}

/** The so many newest or oldest rows, each with all its ways. Rows without a time come last in both. */
export function limitedRows(
  which: LimitName,
  count: number,
  rows: readonly Ranked[],
  { timestamps }: Moment,
): readonly DocumentRow[] {
  const sign = which === 'newest' ? -1 : 1;
  const order = (a: TypedValue | undefined, b: TypedValue | undefined): number => {
    if (!a || !b) return Number(b !== undefined) - Number(a !== undefined);
    return sign * (orderOf(a, b, timestamps) ?? 0);
  };
  const compare = (a: Ranked, b: Ranked): number =>
    a.key.reduce((found, value, n) => found || order(value, b.key[n]), order(a.time, b.time));
  let rank = 0;
  return rows
    .toSorted(compare)
    .filter((row, n, sorted) => {
      const before = sorted[n - 1];
      if (!before || compare(before, row) !== 0) rank += 1;
      return rank <= count;
    })
    .map(({ row }) => row);
}

const pickSigns: Readonly<Record<PickName, 1 | -1>> = { first: 1, last: -1 };

/**
 * The value of the first or last row by time. A row without a time comes last. Of rows at the same time, `first` takes
 * the least value and `last` the greatest; a missing value comes last.
 */
export function pickedValue(which: PickName, rows: readonly Picked[], moment: Moment): OperandValue {
  const order = (a: TypedValue | undefined, b: TypedValue | undefined): number => {
    if (!a || !b) return Number(b !== undefined) - Number(a !== undefined);
    return (orderOf(a, b, moment.timestamps) ?? 0) * pickSigns[which];
  };
  return rows.toSorted((a, b) => order(a.time, b.time) || order(a.value, b.value))[0]?.value;
}
