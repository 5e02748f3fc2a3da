/**
 * Folds the comparison of a column with an exact decimal literal into one in the column's own type, so that the column
 * stays bare and the verdict stays exact: `int < 18.5` is `int < 19`, a literal that no int8 reaches is a constant. A
 * float's value is by definition its shortest text (what Postgres prints), so `float8 == 0.1` holds although no binary
 * fraction is a tenth. Pure; knows no SQL.
 */
import type { Comparison } from '../condition/ast.ts';

/** `digits` × 10^-`scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** A comparison with `value`, or a verdict that is the same for every value that is not missing. */
export type Bound = { readonly operator: Comparison; readonly value: string } | boolean;

export type FloatType = 'float4' | 'float8';

const INT8_MIN = -(2n ** 63n);
const INT8_MAX = 2n ** 63n - 1n;

function parse(text: string): Decimal {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text);
  if (!match) throw new Error(`not a decimal: ${text}`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${whole}${fraction}` || '0');
  const scale = fraction.length - Number(exponent);
  return { digits: sign === '-' ? -digits : digits, scale };
}

function order(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const difference = a.digits * 10n ** BigInt(scale - a.scale) - b.digits * 10n ** BigInt(scale - b.scale);
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** Greatest integer ≤ the decimal, and whether it equals it. */
function floor(decimal: Decimal): { value: bigint; exact: boolean } {
  if (decimal.scale <= 0) return { value: decimal.digits * 10n ** BigInt(-decimal.scale), exact: true };
  const unit = 10n ** BigInt(decimal.scale);
  const quotient = decimal.digits / unit;
  const rest = decimal.digits % unit;
  if (rest === 0n) return { value: quotient, exact: true };
  return { value: rest < 0n ? quotient - 1n : quotient, exact: false };
}

/** The integer that a literal is, or `undefined`. */
export function integerOf(literal: string): bigint | undefined {
  const { value, exact } = floor(parse(literal));
  return exact && value >= INT8_MIN && value <= INT8_MAX ? value : undefined;
}

function clamp(operator: Comparison, value: bigint): Bound {
  const above = operator === '>' || operator === '>=' || operator === '!=';
  const below = operator === '<' || operator === '<=' || operator === '!=';
  if (value > INT8_MAX) return below;
  if (value < INT8_MIN) return above;
  return { operator, value: String(value) };
}

/** `integer op literal` as a comparison with an integer that int8 can hold. */
export function integerBound(operator: Comparison, literal: string): Bound {
  const { value, exact } = floor(parse(literal));
  if (exact) return clamp(operator, value);
  switch (operator) {
    case '==':
      return false;
    case '!=':
      return true;
    case '<':
      return clamp('<', value + 1n);
    case '>=':
      return clamp('>=', value + 1n);
    case '<=':
    case '>':
      return clamp(operator, value);
  }
}

/** The shortest decimal that reads back as the same float: what Postgres 12 and later prints. */
function shortest(value: number, type: FloatType): string {
  if (type === 'float8') return String(value);
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
}

/**
 * `float op literal` as a comparison with a float. Printing is strictly monotone, so only the float nearest to the
 * literal needs a look: its own text is the literal, or lies on one side of it and every other float keeps its side.
 */
export function floatBound(operator: Comparison, literal: string, type: FloatType): Bound {
  const nearest = type === 'float8' ? Number(literal) : Math.fround(Number(literal));
  const value = Number.isFinite(nearest) ? String(nearest) : nearest > 0 ? 'Infinity' : '-Infinity';
  const side = Number.isFinite(nearest) ? order(parse(shortest(nearest, type)), parse(literal)) : Math.sign(nearest);
  if (side === 0) return { operator, value };
  switch (operator) {
    case '==':
      return false;
    case '!=':
      return true;
    case '<':
    case '<=':
      return { operator: side < 0 ? '<=' : '<', value };
    case '>':
    case '>=':
      return { operator: side < 0 ? '>' : '>=', value };
  }
}
