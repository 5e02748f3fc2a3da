/**
 * Times as query builders write them: UTC midnight for a day, a local time without an offset, and comparisons with the clock (`now`,
 * `today`, so much before or after them). A comparison with the clock becomes the operators that have edges of time.
 */
import type { Family } from '../../catalogue/catalogue.ts';
import type { Comparison } from '../ast.ts';
import { isObject, quote } from '../check/check-context.ts';
import { formatInstant, isDate, isOutsideYears, parseInstant } from '../literal.ts';
import { instantOfWall } from '../local-time.ts';
import { isZone } from '../zone.ts';
import { type Foreign, foreignCall } from './foreign-node.ts';

const MIDNIGHT = /^(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0{1,6})?)?(?:Z|\+00:?00)?$/;
const LOCAL = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?$/;

/** A fixed value for a value of that family: the same, or what the builder means with it. */
export function timeLiteral(f: Foreign, raw: unknown, family: Family | undefined, at: string): unknown {
  if (typeof raw !== 'string') return raw;
  if (family === 'date') {
    const day = MIDNIGHT.exec(raw)?.[1];
    if (day === undefined || !isDate(day)) return raw;
    f.note(at, `${quote(raw)} is read as the day ${day}.`);
    return day;
  }
  if (family !== 'instant' || !LOCAL.test(raw) || !isZone(f.timezone)) return raw;
  const wall = parseInstant(`${raw}Z`);
  if (wall === undefined) return raw;
  const micros = instantOfWall(f.timezone, wall);
  if (isOutsideYears(micros)) return raw;
  const instant = formatInstant(micros).replace(/\.?0*Z$/, 'Z');
  f.note(at, `${quote(raw)} is read in ${f.timezone}: ${instant}.`);
  return instant;
}

/** The present, or so much before (negative) or after it. */
export interface Clock {
  readonly word: string;
  readonly base: 'now' | 'today' | 'start_of_today';
  readonly amount: number;
  readonly unit: string;
}

const BASES: ReadonlySet<string> = new Set<Clock['base']>(['now', 'today', 'start_of_today']);
const UNITS: ReadonlySet<string> = new Set(['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']);

/** `{"now": []}`, `{"datetime_add": [{"now": []}, -30, "day"]}` and their like. */
export function clockIn(node: unknown): Clock | undefined {
  const call = isObject(node) ? foreignCall(node, '') : undefined;
  if (!call) return undefined;
  const { name, args } = call;
  if (BASES.has(name) && args.length === 0) return { word: name, base: name as Clock['base'], amount: 0, unit: 'day' };
  if (name !== 'datetime_add' && name !== 'date_add') return undefined;
  const [from, amount, unit] = args.map(({ value }) => value);
  const base = clockIn(from);
  if (args.length !== 3 || !base || base.amount !== 0 || base.base === 'start_of_today') return undefined;
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || typeof unit !== 'string') return undefined;
  const one = unit.replace(/s$/, '');
  return UNITS.has(one) ? { word: name, base: base.base, amount, unit: one } : undefined;
}

type Node = Readonly<Record<string, readonly unknown[]>>;

/** The condition of a value against the clock; `undefined` where no operator says it. */
export function clockLeaf(
  sign: Comparison,
  value: unknown,
  family: Family | undefined,
  clock: Clock,
): Node | undefined {
  if (family !== 'date' && family !== 'instant') return undefined;
  if (clock.base === 'now') return clock.amount === 0 ? againstNow(sign, value) : aroundNow(sign, value, clock);
  if (clock.amount === 0) return againstToday(sign, value, clock);
  return family === 'date' ? aroundToday(sign, value, clock) : undefined;
}

const not = (node: Node): Node => ({ '!': [node] });
const both = (one: Node, other: Node): Node => ({ and: [one, other] });
const either = (one: Node, other: Node): Node => ({ or: [one, other] });
const past = (value: unknown): Node => ({ is_past: [value] });
const future = (value: unknown): Node => ({ is_future: [value] });

function againstNow(sign: Comparison, value: unknown): Node | undefined {
  if (sign === '<' || sign === '<=') return past(value);
  return sign === '>' || sign === '>=' ? future(value) : undefined;
}

/** Before or after an instant that moves with now. */
function aroundNow(sign: Comparison, value: unknown, { amount, unit }: Clock): Node | undefined {
  if (sign === '==' || sign === '!=') return undefined;
  const isBefore = sign === '<' || sign === '<=';
  if (amount < 0) {
    if (isBefore) return { before_last: [value, -amount, unit] };
    return either({ in_last: [value, -amount, unit] }, future(value));
  }
  const next: Node = { in_next: [value, amount, unit] };
  return isBefore ? either(past(value), next) : both(future(value), not(next));
}

/** A day against today, or an instant against its local day. */
function againstToday(sign: Comparison, value: unknown, { base }: Clock): Node | undefined {
  const today: Node = { in_period: [value, 'day', 0] };
  // The midnight that begins today is an instant, and only these two signs say the same of it and of the day.
  if (base === 'start_of_today' && sign !== '<' && sign !== '>=') return undefined;
  switch (sign) {
    case '==':
      return today;
    case '!=':
      return not(today);
    case '<':
      return both(past(value), not(today));
    case '<=':
      return either(past(value), today);
    case '>':
      return both(future(value), not(today));
    case '>=':
      return either(future(value), today);
  }
}

/** A day against one that is so many days, weeks, months or years from today. A day begins with its local midnight. */
function aroundToday(sign: Comparison, value: unknown, clock: Clock): Node | undefined {
  const { amount, unit } = clock.unit === 'week' ? { amount: 7 * clock.amount, unit: 'day' } : clock;
  if (unit === 'minute' || unit === 'hour') return undefined;
  if (sign === '==' || sign === '!=') {
    if (unit !== 'day') return undefined;
    const then: Node = { in_period: [value, 'day', amount] };
    return sign === '==' ? then : not(then);
  }
  if (sign === '<=' || sign === '>') return aroundNow(sign, value, { ...clock, amount, unit });
  // Before a day is on or before the day before it.
  if (unit !== 'day') return undefined;
  const turned = sign === '<' ? '<=' : '>';
  return amount === 1 ? againstNow(turned, value) : aroundNow(turned, value, { ...clock, amount: amount - 1, unit });
}
