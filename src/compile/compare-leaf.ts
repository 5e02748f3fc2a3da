/**
 * Comparisons of a typed value with a literal, a list or another value. Exact: numbers as decimals, text by its bytes,
 * never a NaN. `!=` is the complement of `==` (so it holds where a side is missing) and is made by the caller.
 */
import { unreachable } from '../base/unreachable.ts';
import type { Comparison, Literal } from '../condition/ast.ts';
import { list, sql, value, type Fragment } from './fragment.ts';
import { all, any, anyOf, complement, never, type LeafSql } from './leaf.ts';
import { floatBound, integerBound, integerOf } from './number-bound.ts';
import { equality, hasNan, instantOf, isNan, test } from './scalar.ts';
import type { Scalar } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';

const SIGN = {
  '==': sql`=`,
  '!=': sql`<>`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
} as const satisfies Record<Comparison, Fragment>;

/** Holds for every value that is not missing: a bound that nothing can miss. */
function presentLeaf(scalar: Scalar): LeafSql {
  return complement(missingLeaf(scalar));
}

/** `json` keeps its text and has no equality; a cast to jsonb could raise (\\u0000). */
const JSON_NULL = sql`'^[ \\t\\n\\r]*null[ \\t\\n\\r]*$'`;

/** The value is missing: NULL, NaN, or the null of JSON. */
export function missingLeaf(scalar: Scalar): LeafSql {
  if (!scalar.nullable) return never;
  const of = scalar.value;
  const also = (): Fragment | undefined => {
    if (scalar.type === 'jsonb') return sql`${of} = 'null'`;
    if (scalar.type === 'json') return sql`${of}::text ~ ${JSON_NULL}`;
    return hasNan(scalar) ? isNan(of) : undefined;
  };
  const blank = also();
  if (blank === undefined) return { positive: sql`${of} is null`, negative: sql`${of} is not null` };
  return { positive: sql`(${of} is null or ${blank})`, negative: sql`(${of} is not null and not (${blank}))` };
}

/** NaN sorts above every number, so only `>` and `>=` would let it in. */
function numberTest(scalar: Scalar, operator: Comparison, operand: Fragment): LeafSql {
  const guarded = hasNan(scalar) && (operator === '>' || operator === '>=');
  return test(scalar, (of) => {
    const holds = sql`${of} ${SIGN[operator]} ${operand}`;
    return guarded ? sql`(${holds} and not (${isNan(of)}))` : holds;
  });
}

function numberLeaf(scalar: Scalar, operator: Comparison, literal: string): LeafSql {
  if (scalar.over) return numberTest(scalar, operator, sql`${value(literal, 'numeric')} * ${scalar.over}`);
  if (scalar.type === 'numeric') return numberTest(scalar, operator, value(literal, 'numeric'));
  const float = scalar.type === 'float4' || scalar.type === 'float8' ? scalar.type : undefined;
  const bound = float ? floatBound(operator, literal, float) : integerBound(operator, literal);
  if (typeof bound === 'boolean') return bound ? presentLeaf(scalar) : never;
  return numberTest(scalar, bound.operator, value(bound.value, float ?? 'bigint'));
}

/** A literal as the scalar's type. */
function parameter(scope: SqlScope, scalar: Scalar, literal: Literal): Fragment {
  if (scalar.type === 'timestamp') {
    return sql`(${value(literal.value, 'timestamptz')} at time zone ${value(scope.catalogue.timestamps, 'text')})`;
  }
  return value(literal.value, scalar.type === 'integer' ? 'bigint' : scalar.type);
}

/** `scalar operator literal`; an instant against a date literal is `dayLeaf`'s, not this. */
export function literalLeaf(scope: SqlScope, scalar: Scalar, operator: Comparison, literal: Literal): LeafSql {
  if (operator === '!=') return complement(literalLeaf(scope, scalar, '==', literal));
  switch (scalar.type) {
    case 'integer':
    case 'numeric':
    case 'float4':
    case 'float8':
      return numberLeaf(scalar, operator, literal.value);
    case 'boolean':
      // Bare, as an index on a boolean column wants it.
      return test(scalar, (of) => (literal.value === 'true' ? of : sql`(not ${of})`));
    case 'text':
      // Text has no order: what is not `==` was refused.
      return test(scalar, (of) => equality(scalar, of, value(literal.value, scalar.citext?.type ?? 'text')));
    case 'uuid':
    case 'date':
    case 'timestamptz':
    case 'timestamp':
      return test(scalar, (of) => sql`${of} ${SIGN[operator]} ${parameter(scope, scalar, literal)}`);
    case 'jsonb':
    case 'json':
    case 'opaque':
      throw new Error('a value of unknown type cannot be compared');
    default:
      return unreachable(scalar.type);
  }
}

/** Instants as timestamps without zone: one parameter, however many they are. Made once a statement, not once a row. */
export function timestampList(scope: SqlScope, texts: readonly string[]): Fragment {
  return sql`array(select literal.at at time zone ${value(scope.catalogue.timestamps, 'text')} from unnest(${list(texts, 'timestamptz')}) as literal(at))`;
}

/** Members of a list that the scalar's type can equal, as one array; `undefined` when there are none. */
function arrayOf(scope: SqlScope, scalar: Scalar, literals: readonly Literal[]): Fragment | undefined {
  const texts = literals.map((literal) => literal.value);
  switch (scalar.type) {
    case 'integer': {
      const whole = texts.map(integerOf).filter((number) => number !== undefined);
      return whole.length === 0 ? undefined : list(whole.map(String), 'bigint');
    }
    case 'float4':
    case 'float8': {
      const { type } = scalar;
      const bounds = texts.map((text) => floatBound('==', text, type)).filter((bound) => typeof bound !== 'boolean');
      return bounds.length === 0
        ? undefined
        : list(
            bounds.map((bound) => bound.value),
            type,
          );
    }
    case 'timestamp':
      return timestampList(scope, texts);
    case 'text':
    case 'numeric':
    case 'boolean':
    case 'date':
    case 'timestamptz':
    case 'uuid':
      return list(texts, scalar.citext?.type ?? scalar.type);
    case 'jsonb':
    case 'json':
    case 'opaque':
      throw new Error('a value of unknown type cannot be compared');
    default:
      return unreachable(scalar.type);
  }
}

/** The value is one of the literals. */
export function inLeaf(scope: SqlScope, scalar: Scalar, literals: readonly Literal[]): LeafSql {
  const [first] = literals;
  if (first === undefined) return never;
  if (literals.length === 1 || scalar.over) {
    return anyOf(literals.map((literal) => literalLeaf(scope, scalar, '==', literal)));
  }
  const values = arrayOf(scope, scalar, literals);
  return values === undefined ? never : test(scalar, (of) => equality(scalar, of, sql`any(${values})`));
}

function isFloat(scalar: Scalar): boolean {
  return scalar.type === 'float4' || scalar.type === 'float8';
}

/** A number as an exact decimal. `float8::numeric` would round to 15 digits; its text does not. */
export function exactNumber(scalar: Scalar): Fragment {
  return isFloat(scalar) ? sql`${scalar.value}::text::numeric` : scalar.value;
}

/** A number that can be added up whatever it is: from 10^100000 on it counts as infinite. */
export function summable(scalar: Scalar): Fragment {
  const exact = exactNumber(scalar);
  return scalar.vast ? sql`(case when abs(${exact}) < 1e100000 then ${exact} else ${exact} * 'Infinity' end)` : exact;
}

/** Both sides in one type, times the other side's divisor where a side is an average. */
function sides(scope: SqlScope, left: Scalar, right: Scalar): readonly [Fragment, Fragment] {
  if (left.type === 'text' && left.citext && right.citext) return [left.value, right.value];
  // Beside text, citext is text: so says Postgres.
  if (left.type === 'text')
    return [
      left.citext ? sql`${left.value}::text` : left.value,
      sql`(${right.value}${right.citext ? sql`::text` : sql``} collate "C")`,
    ];
  if (left.type === 'timestamp' && right.type === 'timestamptz') return [instantOf(scope, left.value), right.value];
  if (left.type === 'timestamptz' && right.type === 'timestamp') return [left.value, instantOf(scope, right.value)];
  const mixed = left.type !== right.type || left.over !== undefined || right.over !== undefined;
  const [a, b] = mixed ? [exactNumber(left), exactNumber(right)] : [left.value, right.value];
  // A bigint times a count may be none.
  const scaled = (of: Fragment, by: Fragment | undefined): Fragment => (by ? sql`${of}::numeric * ${by}` : of);
  return [scaled(a, right.over), scaled(b, left.over)];
}

/** `left operator right`, two values of one family. */
export function pairLeaf(scope: SqlScope, left: Scalar, operator: Comparison, right: Scalar): LeafSql {
  if (operator === '!=') return complement(pairLeaf(scope, left, '==', right));
  const [a, b] = sides(scope, left, right);
  const upper = operator === '<' || operator === '<=' ? right : left;
  const holds = all([
    left.citext && right.citext ? equality(left, a, b) : sql`${a} ${SIGN[operator]} ${b}`,
    ...(hasNan(upper) ? [sql`not (${isNan(upper.value)})`] : []),
  ]);
  if (left.computed || right.computed) return { positive: holds, negative: sql`(${holds}) is not true` };
  const missing = [left, right].filter((side) => side.nullable).map((side) => sql`${side.value} is null`);
  return { positive: holds, negative: any([...missing, sql`not (${holds})`]) };
}
