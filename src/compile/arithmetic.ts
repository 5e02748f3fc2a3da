/**
 * Arithmetic in numeric: exact, and total. Each value that can have more than 1,000 digits before the point counts as
 * infinite from there on; the checker limits how many values a calculation has, so that no product of them leaves the range
 * of numeric. An average is kept as its sum and its count, and is never divided. NaN is missing.
 */
import type { ArithmeticName, ArithmeticOperand, Operand } from '../condition/ast.ts';
import { exactNumber } from './compare-leaf.ts';
import { sql, value, type Fragment } from './fragment.ts';
import type { Scalar } from './scalar-type.ts';

/** A number as `value` divided by `over`; without `over` the number itself. */
interface Quotient {
  readonly value: Fragment;
  readonly over?: Fragment;
  /** An aggregate or a subquery is in it. */
  readonly computed: boolean;
}

const SIGN = { '+': sql`+`, '-': sql`-`, '*': sql`*` } as const satisfies Record<ArithmeticName, Fragment>;

/** The value of a calculation. @param scalarOf the value of an operand where the calculation is read */
export function arithmeticScalar(operand: ArithmeticOperand, scalarOf: (operand: Operand) => Scalar): Scalar {
  const { value: number, over, computed } = quotientOf(operand, scalarOf);
  if (!computed) return { type: 'numeric', value: number, nullable: true };
  return {
    type: 'numeric',
    value: sql`nullif(${number}, 'NaN')`,
    nullable: true,
    computed: true,
    ...(over ? { over } : {}),
  };
}

function quotientOf({ operator, terms }: ArithmeticOperand, scalarOf: (operand: Operand) => Scalar): Quotient {
  const [first, ...others] = terms.map((term): Quotient => {
    if (term.kind === 'literal') return { value: value(term.value, 'numeric'), computed: false };
    return term.kind === 'arithmetic' ? quotientOf(term, scalarOf) : termOf(scalarOf(term));
  });
  if (!first) throw new Error('a calculation has terms');
  return others.reduce((left, right) => joined(operator, left, right), first);
}

function joined(operator: ArithmeticName, a: Quotient, b: Quotient): Quotient {
  const scaled = (of: Fragment, by: Fragment | undefined): Fragment =>
    operator === '*' || by === undefined ? of : sql`${of} * ${by}`;
  const over = a.over && b.over ? sql`(${a.over} * ${b.over})` : (a.over ?? b.over);
  return {
    value: sql`(${scaled(a.value, b.over)} ${SIGN[operator]} ${scaled(b.value, a.over)})`,
    ...(over ? { over } : {}),
    computed: a.computed || b.computed,
  };
}

/** From so many digits before the point on a number counts as infinite: condition/limit.ts says why. */
const INFINITE = sql`1e1000`;

function termOf(scalar: Scalar): Quotient {
  // A sum of integers is a bigint.
  const isNumeric = scalar.type === 'numeric' && !scalar.computed;
  const number = isNumeric ? scalar.value : sql`${exactNumber(scalar)}::numeric`;
  const isVast = scalar.vast === true || (scalar.computed === true && scalar.type === 'numeric');
  const bounded = isVast
    ? sql`(case when abs(${number}) < ${INFINITE} then ${number} else ${number} * 'Infinity' end)`
    : number;
  return {
    value: bounded,
    ...(scalar.over ? { over: sql`${scalar.over}::numeric` } : {}),
    computed: scalar.computed === true,
  };
}
