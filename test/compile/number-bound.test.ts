/** Folding is exact: checked against brute force over values near the literal. */
import { describe, expect, test } from 'vitest';
import { floatBound, integerBound, integerOf, type Bound } from '../../src/compile/number-bound.ts';
import type { Comparison } from '../../src/condition/ast.ts';
import { compareDecimals, parseDecimal, type Decimal } from '../../src/condition/decimal.ts';

const OPERATORS: readonly Comparison[] = ['==', '!=', '<', '<=', '>', '>='];

function holds(operator: Comparison, order: number): boolean {
  return { '==': order === 0, '!=': order !== 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[
    operator
  ];
}

function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(text);
  return value;
}

const verdict = (bound: Bound, compare: (value: string) => number): boolean =>
  typeof bound === 'boolean' ? bound : holds(bound.operator, compare(bound.value));

describe('integers', () => {
  const literals = ['18', '18.5', '-18.5', '-0.1', '0.1', '0', '17.999999999999999999999999999999'];
  test.each(literals)('against %s', (literal) => {
    for (const operator of OPERATORS) {
      for (let value = -20; value <= 20; value += 1) {
        const wanted = holds(operator, compareDecimals(decimal(String(value)), decimal(literal)));
        expect(
          verdict(integerBound(operator, literal), (bound) => value - Number(bound)),
          `${value} ${operator} ${literal}`,
        ).toBe(wanted);
      }
    }
  });
  test('a literal that no int8 reaches is a constant', () => {
    expect(integerBound('<', '1e30')).toBe(true);
    expect(integerBound('>=', '9223372036854775808')).toBe(false);
    expect(integerBound('<=', '9223372036854775807')).toEqual({ operator: '<=', value: '9223372036854775807' });
    expect(integerBound('>', '-99999999999999999999')).toBe(true);
    expect(integerBound('==', '99999999999999999999')).toBe(false);
    expect(integerBound('!=', '99999999999999999999')).toBe(true);
    expect(integerBound('<', '9223372036854775807.5')).toBe(true);
  });
  test('which literals are integers', () => {
    expect([integerOf('5'), integerOf('5.0'), integerOf('5.5'), integerOf('9223372036854775808')]).toEqual([
      5n,
      5n,
      undefined,
      undefined,
    ]);
  });
});

describe('floats are their shortest text', () => {
  const bits = new DataView(new ArrayBuffer(8));
  const neighbours = {
    float8(value: number): number[] {
      bits.setFloat64(0, value);
      const at = bits.getBigInt64(0);
      return [-2n, -1n, 0n, 1n, 2n]
        .map((step) => (bits.setBigInt64(0, at + step), bits.getFloat64(0)))
        .filter(Number.isFinite);
    },
    float4(value: number): number[] {
      bits.setFloat32(0, value);
      const at = bits.getInt32(0);
      return [-2, -1, 0, 1, 2].map((step) => (bits.setInt32(0, at + step), bits.getFloat32(0))).filter(Number.isFinite);
    },
  };
  /** float4 as Postgres prints it. */
  const print = (value: number, type: 'float4' | 'float8'): string => {
    if (type === 'float8') return String(value);
    const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((count) => Math.fround(Number(value.toPrecision(count))) === value);
    return value.toPrecision(digits);
  };
  const literals = [
    '0.1',
    '0.10000000000000000555',
    '0.3',
    '16777217',
    '16777216',
    '9007199254740993',
    '1.5',
    '-2.675',
    '123456.789',
    '0.1000000014901161',
  ];
  for (const type of ['float8', 'float4'] as const) {
    test.each(literals)(`${type} against %s`, (literal) => {
      const near = type === 'float8' ? Number(literal) : Math.fround(Number(literal));
      for (const operator of OPERATORS) {
        for (const value of neighbours[type](near)) {
          const wanted = holds(operator, compareDecimals(decimal(print(value, type)), decimal(literal)));
          expect(
            verdict(floatBound(operator, literal, type), (bound) => value - Number(bound)),
            `${value} ${operator} ${literal}`,
          ).toBe(wanted);
        }
      }
    });
  }
  test('beyond the range', () => {
    const huge = `1${'0'.repeat(400)}`;
    expect(floatBound('<', huge, 'float8')).toEqual({ operator: '<', value: 'Infinity' });
    expect(floatBound('>', huge, 'float8')).toEqual({ operator: '>=', value: 'Infinity' });
    expect(floatBound('>', `-${huge}`, 'float4')).toEqual({ operator: '>', value: '-Infinity' });
    expect(floatBound('<', `0.${'0'.repeat(400)}1`, 'float8')).toEqual({ operator: '<=', value: '0' });
  });
});
