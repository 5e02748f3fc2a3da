/**
 * Exact decimals with infinities, the numbers of the evaluator: Postgres' numeric without its NaN, which counts as a
 * missing value. Only what comparing, summing and multiplying by a count need.
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

/** Times a positive whole number. */
export function times(a: Decimal, count: number): Decimal {
  return typeof a === 'string' ? a : { units: a.units * BigInt(count), scale: a.scale };
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
