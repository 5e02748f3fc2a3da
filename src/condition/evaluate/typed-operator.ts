/**
 * The typed operators that the evaluator adds to json-logic-js. Arguments arrive evaluated, as values of document.ts;
 * every verdict is true or false, and false for a missing value. Independent of the compiler on purpose: it is what the
 * compiler is tested against.
 */
import type { Comparison, Unit } from '../ast.ts';
import { civil, weekday } from '../civil.ts';
import { add, compareDecimals, type Decimal, decimal, times, zero } from '../decimal.ts';
import type { DocumentRow, Typed, Value } from './document.ts';
import { age, asClock, compareInstants, dayOf, hasAnniversary, inPeriod, inWindow, type Moment } from './moment.ts';

/** An average is kept as its parts: it is compared by multiplying, never divided. */
export interface Average {
  readonly family: 'average';
  readonly sum: Decimal;
  readonly count: number;
}

export type Operated = Value | Average;

/** A list of literals. An object with more than one key, which json-logic-js hands on untouched. */
export interface Literals {
  readonly kind: 'literals';
  readonly values: readonly Typed[];
}

function isList(value: Operated): value is readonly (Typed | undefined)[] {
  return Array.isArray(value);
}

function single(value: Operated): Typed | undefined {
  return value === undefined || value === null || isList(value) || value.family === 'average' ? undefined : value;
}

function holds(operator: Comparison, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Order of two values of one family; `undefined` when they have none. Text by code point. */
function order(a: Typed, b: Typed, timestamps: string): number | undefined {
  if (a.family === 'number' && b.family === 'number') return compareDecimals(a.value, b.value);
  if (a.family === 'date' && b.family === 'date') return a.value === b.value ? 0 : a.value - b.value;
  if (a.family === 'instant' && b.family === 'instant') return compareInstants(a.value, b.value, timestamps);
  if (a.family === 'boolean' && b.family === 'boolean') return Number(a.value) - Number(b.value);
  if ((a.family === 'text' && b.family === 'text') || (a.family === 'uuid' && b.family === 'uuid'))
    return compareText(a.value, b.value);
  return undefined;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < x.length && i < y.length; i += 1) {
    const difference = (x[i]?.codePointAt(0) ?? 0) - (y[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

/** citext: beside a literal, or beside another, case does not count; beside text it does, as in Postgres. */
function isCaseless(value: Typed): value is Typed & { readonly family: 'text' } {
  return value.family === 'text' && value.caseless === true;
}

/** An instant literal meets a wall-clock value as the clock of that zone, so that the column stays bare. */
function meet(value: Typed, literal: Typed, timestamps: string): Typed {
  if (value.family !== 'instant' || literal.family !== 'instant' || !value.value.wall || literal.value.wall)
    return literal;
  return { family: 'instant', value: asClock(literal.value.micros, timestamps) };
}

export const verdict = {
  compare(operator: Comparison, left: Operated, right: Operated, isLiteral: boolean, moment: Moment): boolean {
    const other = single(right);
    if (!other) return false;
    if (left !== undefined && !isList(left) && left.family === 'average') {
      return other.family === 'number' && holds(operator, compareDecimals(left.sum, times(other.value, left.count)));
    }
    const value = single(left);
    if (value && isCaseless(value) && (isLiteral || isCaseless(other)))
      return (
        other.family === 'text' && holds(operator, compareText(value.value.toLowerCase(), other.value.toLowerCase()))
      );
    const found = value && order(value, isLiteral ? meet(value, other, moment.timestamps) : other, moment.timestamps);
    return found !== undefined && holds(operator, found);
  },

  compare_day(operator: Comparison, left: Operated, day: number, moment: Moment): boolean {
    const value = single(left);
    const own = value && dayOf(value, moment);
    return own !== undefined && holds(operator, own === day ? 0 : own - day);
  },

  is_missing(value: Operated): boolean {
    return value === undefined || value === null;
  },

  is_empty(value: Operated): boolean {
    if (value === undefined || value === null) return true;
    if (isList(value)) return value.length === 0;
    return (value.family === 'text' && value.value === '') || (value.family === 'opaque' && value.value.empty);
  },

  is_in(value: Operated, list: Literals, moment: Moment): boolean {
    const isInstant = single(value)?.family === 'instant';
    return list.values.some((item) =>
      isInstant && item.family === 'date'
        ? verdict.compare_day('==', value, item.value, moment)
        : verdict.compare('==', value, item, true, moment),
    );
  },

  text(
    operator: string,
    fold: boolean,
    left: Operated,
    needles: { readonly kind: string; readonly values: readonly string[] },
  ): boolean {
    const value = single(left);
    if (value?.family !== 'text') return false;
    const caseless = fold || value.caseless === true;
    const subject = caseless ? value.value.toLowerCase() : value.value;
    return needles.values.some((written) => {
      const needle = caseless ? written.toLowerCase() : written;
      if (operator === 'contains') return subject.includes(needle);
      if (operator === 'starts_with') return subject.startsWith(needle);
      if (operator === 'ends_with') return subject.endsWith(needle);
      return subject === needle;
    });
  },

  array(operator: string, left: Operated, list: Literals, moment: Moment): boolean {
    if (!isList(left)) return false;
    const has = (item: Typed): boolean => left.some((element) => verdict.compare('==', element, item, true, moment));
    return operator === 'has_all' ? list.values.every(has) : list.values.some(has);
  },

  window(operator: string, left: Operated, seconds: number, moment: Moment): boolean {
    const value = single(left);
    return value !== undefined && inWindow(operator, value, seconds, moment);
  },

  period(left: Operated, unit: Unit, offset: number, moment: Moment): boolean {
    const value = single(left);
    return value !== undefined && inPeriod(value, unit, offset, moment);
  },

  anniversary(left: Operated, days: number, moment: Moment): boolean {
    const value = single(left);
    return value?.family === 'date' && hasAnniversary(value.value, days, moment);
  },

  derived(kind: string, left: Operated, moment: Moment): Operated {
    const value = single(left);
    const day = value && dayOf(value, moment);
    if (day === undefined) return undefined;
    if (kind === 'age') return { family: 'number', value: age(day, moment) };
    if (!Number.isFinite(day)) return undefined;
    return { family: 'number', value: decimal(kind === 'weekday' ? weekday(day) : civil(day).month) };
  },

  aggregate(name: string, values: readonly Operated[], moment: Moment): Operated {
    const present = values.map(single).filter((value) => value !== undefined);
    if (name === 'min' || name === 'max') {
      return present.reduce<Typed | undefined>(
        (best, value) => (best && sign(name) * (order(value, best, moment.timestamps) ?? 0) >= 0 ? best : value),
        undefined,
      );
    }
    let sum: Decimal | undefined = zero;
    for (const value of present) sum = sum && value.family === 'number' ? add(sum, value.value) : undefined;
    if (sum === undefined) return undefined;
    if (name === 'sum') return { family: 'number', value: sum };
    return present.length === 0 ? undefined : { family: 'average', sum, count: present.length };
  },

  /** The rows, each once; with a field of a row in between, each way to that row once. */
  once(rows: readonly Pick<DocumentRow, 'identity'>[], owner: string): readonly unknown[] {
    const seen = new Set<string>();
    return rows.filter(({ identity }) => {
      if (!identity) return true;
      const key = JSON.stringify(identity.slice(0, identity.findIndex(({ relation }) => relation === owner) + 1));
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    });
  },

  count(rows: readonly unknown[]): Operated {
    return { family: 'number', value: decimal(rows.length) };
  },

  pair(time: Operated, value: Operated): { readonly time: Typed | undefined; readonly value: Typed | undefined } {
    return { time: single(time), value: single(value) };
  },

  /** Rows without a time come last; of rows at the same time the least, the greatest value, and a missing one last. */
  pick(
    which: string,
    pairs: readonly { readonly time: Typed | undefined; readonly value: Typed | undefined }[],
    moment: Moment,
  ): Operated {
    const ahead = (a: Typed | undefined, b: Typed | undefined): number => {
      if (!a || !b) return Number(b !== undefined) - Number(a !== undefined);
      return (order(a, b, moment.timestamps) ?? 0) * (which === 'first' ? 1 : -1);
    };
    return pairs.toSorted((a, b) => ahead(a.time, b.time) || ahead(a.value, b.value))[0]?.value;
  },
} as const;

function sign(name: 'min' | 'max'): 1 | -1 {
  return name === 'min' ? 1 : -1;
}
