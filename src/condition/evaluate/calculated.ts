/**
 * Arithmetic of the evaluator, exact. A number is a sum over a count, because an average is: it is never divided. A value with
 * more than 1,000 digits before the point counts as infinite, as in Postgres. `undefined` is missing. Pure.
 */
import type { ArithmeticName } from '../ast.ts';
import { add, bounded, multiply, negated, times, type Decimal } from '../decimal.ts';
import { arithmeticDigits } from '../limit.ts';
import { quotientOf, type Average, type OperandValue } from './typed-value.ts';

type Quotient = Pick<Average, 'sum' | 'count'>;

/** A value as it enters a calculation. */
export function asTerm(value: OperandValue): OperandValue {
  const quotient = quotientOf(value);
  return quotient && valueOf({ ...quotient, sum: bounded(quotient.sum, arithmeticDigits) });
}

const steps: Readonly<Record<ArithmeticName, (a: Quotient, b: Quotient) => Quotient | undefined>> = {
  '+': plus,
  '-': (a, b) => plus(a, { ...b, sum: negated(b.sum) }),
  '*': (a, b) => over(multiply(a.sum, b.sum), a.count * b.count),
};

export function calculated(operator: ArithmeticName, terms: readonly OperandValue[]): OperandValue {
  const [first, ...others] = terms.map(quotientOf);
  const result = others.reduce((sum, term) => sum && term && steps[operator](sum, term), first);
  return result && valueOf(result);
}

function plus(a: Quotient, b: Quotient): Quotient | undefined {
  return over(add(times(a.sum, b.count), times(b.sum, a.count)), a.count * b.count);
}

function over(sum: Decimal | undefined, count: bigint): Quotient | undefined {
  return sum === undefined ? undefined : { sum, count };
}

function valueOf({ sum, count }: Quotient): OperandValue {
  return count === 1n ? { family: 'number', value: sum } : { family: 'average', sum, count };
}
