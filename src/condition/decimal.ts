/**
 * Exact decimals with infinities, the numbers of the evaluator: Postgres' numeric without its NaN, which counts as a
 * missing value. Only what comparing, adding and multiplying need.
 */

export type Decimal = { readonly units: bigint; readonly scale: number } | 'infinity' | '-infinity';

export const zero: Decimal = { units: 0n, scale: 0 };

/** Text as Postgres prints numbers (`-1.50`, `1e+20`, `Infinity`); `undefined` for NaN and for what is no number. */
export function parseDecimal(text: string): Decimal | undefined {
  if (text === 'Infinity') return 'infinity';
  if (text === '-Infinity') return '-infinity';
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return undefined;
  const fraction = match[3] ?? '';
  const units = BigInt(`${match[2] ?? '0'}${fraction}`) * (match[1] === '-' ? -1n : 1n);
  const scale = fraction.length - Number(match[4] ?? 0);
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale };
}

export function decimal(whole: number | bigint): Decimal {
  return { units: BigInt(whole), scale: 0 };
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (typeof a === 'string' || typeof b === 'string') return rank(a) - rank(b);
  const scale = Math.max(a.scale, b.scale);
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** `undefined` is NaN: infinity less infinity. */
export function add(a: Decimal, b: Decimal): Decimal | undefined {
  if (typeof a === 'string') return typeof b === 'string' && a !== b ? undefined : a;
  if (typeof b === 'string') return b;
  const scale = Math.max(a.scale, b.scale);
  return { units: scaled(a, scale) + scaled(b, scale), scale };
}

/** Postgres keeps so many digits behind the point, and rounds a product to them. */
const MOST_SCALE = 16_383;

/** `undefined` is NaN: infinity times 0. */
export function multiply(a: Decimal, b: Decimal): Decimal | undefined {
  if (typeof a === 'string' || typeof b === 'string') {
    const sign = signOf(a) * signOf(b);
    return sign === 0 ? undefined : sign > 0 ? 'infinity' : '-infinity';
  }
  return rounded({ units: a.units * b.units, scale: a.scale + b.scale }, MOST_SCALE);
}

/** At most so many digits behind the point, halves away from zero. */
function rounded(a: Exclude<Decimal, string>, most: number): Exclude<Decimal, string> {
  if (a.scale <= most) return a;
  const unit = 10n ** BigInt(a.scale - most);
  const half = a.units < 0n ? -unit / 2n : unit / 2n;
  return { units: (a.units + half) / unit, scale: most };
}

/** The nearest double. Smaller numbers than 10^-30 count as 0. */
export function doubleOf(a: Decimal): number {
  if (typeof a === 'string') return a === 'infinity' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const { units, scale } = rounded(a, 30);
  return Number(`${units}e-${scale}`);
}

export function negated(a: Decimal): Decimal {
  if (typeof a === 'string') return a === 'infinity' ? '-infinity' : 'infinity';
  return { units: -a.units, scale: a.scale };
}

/** The number, or infinity where it has more than so many digits before the point. */
export function bounded(a: Decimal, digits: number): Decimal {
  if (typeof a === 'string') return a;
  const size = a.units < 0n ? -a.units : a.units;
  if (size < 10n ** BigInt(digits + a.scale)) return a;
  return a.units < 0n ? '-infinity' : 'infinity';
}

function signOf(a: Decimal): number {
  if (typeof a === 'string') return rank(a);
  return a.units === 0n ? 0 : a.units > 0n ? 1 : -1;
}

/** Times a positive whole number. */
export function times(a: Decimal, count: bigint): Decimal {
  return typeof a === 'string' ? a : { units: a.units * count, scale: a.scale };
}

export function isWhole(a: Decimal): boolean {
  return typeof a !== 'string' && a.units % 10n ** BigInt(a.scale) === 0n;
}

function scaled(a: { readonly units: bigint; readonly scale: number }, scale: number): bigint {
  return a.units * 10n ** BigInt(scale - a.scale);
}

function rank(a: Decimal): number {
  return a === 'infinity' ? 1 : a === '-infinity' ? -1 : 0;
}
