/**
 * Operators on arrays, native or jsonb. Elements compare as literals do: text by its bytes, numbers exactly. A NULL element
 * equals nothing. A literal that no element can equal is left out; with such a literal `has_all` never holds.
 */
import type { Field } from '../catalogue/catalogue.ts';
import type { ArrayOperator, Literal } from '../condition/ast.ts';
import { timestampList } from './compare-leaf.ts';
import { ident, keyword, list, sql, value, type Fragment } from './fragment.ts';
import { never, type LeafSql } from './leaf.ts';
import { floatBound, integerOf } from './number-bound.ts';
import { citextOf, jsonScalar, test, typeOf } from './scalar.ts';
import type { Scalar, ScalarType } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';

/** An array field's value and the type of the array that it is compared with. */
interface ArrayValue {
  readonly scalar: Scalar;
  readonly element: ScalarType;
  /** Element type of the parameter: the operators of arrays want exactly the column's. */
  readonly sqlType: string;
}

/** Widths of int2, int4, int8 arrays: a literal beyond is left out. */
const INTEGER_BITS: ReadonlyMap<string, bigint> = new Map([
  ['smallint', 15n],
  ['integer', 31n],
  ['bigint', 63n],
]);

/** Without a precision, to which a literal would be rounded before it is compared. */
function elementSqlType(field: Field): string {
  return field.sqlType.replace(/\(\d+(,-?\d+)?\)/, '').replace(/(\[\])+$/, '');
}

/** jsonb: an array built of its elements that have the declared type; NULL when the path holds no array. */
function jsonArray(scope: SqlScope, field: Field, path: readonly string[]): Fragment {
  const at = sql`(${scope.column(field)} #> ${list(path, 'text')})`;
  const isArray = sql`jsonb_typeof(${at}) = 'array'`;
  const { value: element } = jsonScalar(field, sql`e`, sql`'{}'::text[]`);
  // The set-returning function raises on a non-array, whatever the outer CASE decides first.
  const elements = sql`jsonb_array_elements(case when ${isArray} then ${at} else '[]' end) as element(e)`;
  return sql`(case when ${isArray} then array(select ${element} from ${elements} where ${element} is not null) end)`;
}

/** Postgres refuses to search in text of a nondeterministic collation. */
function splittable(field: Field, column: Fragment): Fragment {
  return field.collate ? sql`(${column}::text collate "C")` : sql`${column}::text`;
}

export function arrayValue(scope: SqlScope, field: Field): ArrayValue {
  const element = typeOf(field);
  if (field.path !== undefined) {
    const once = scope.once(jsonArray(scope, field, field.path));
    return { scalar: { type: 'opaque', value: once, nullable: true }, element, sqlType: element };
  }
  const column = scope.column(field);
  if (field.split !== undefined) {
    const elements = sql`string_to_array(${splittable(field, column)}, ${value(field.split, 'text')})`;
    return { scalar: { type: 'opaque', value: scope.once(elements), nullable: true }, element, sqlType: 'text' };
  }
  const sqlType = elementSqlType(field);
  // Operators of arrays compare elements by their type's own equality.
  if (citextOf(field))
    return {
      scalar: { type: 'opaque', value: sql`${column}::${keyword(`${sqlType}[]`)}`, nullable: true },
      element,
      sqlType,
    };
  const varying = sqlType.startsWith('character varying');
  const text = field.family === 'text' && (field.castText || !(varying || sqlType === 'text'));
  const domains = field.castArray ? sql`${column}::${keyword(`${sqlType}[]`)}` : column;
  const cast = text ? sql`${column}::text[]` : domains;
  const of = field.family === 'text' && field.collate ? sql`(${cast} collate ${ident('C')})` : cast;
  const scalar: Scalar = { type: 'opaque', value: of, nullable: true };
  if (field.family === 'text') return { scalar, element, sqlType: varying && !text ? 'character varying' : 'text' };
  return { scalar, element, sqlType: element === 'numeric' ? 'numeric' : sqlType };
}

/** The literals that an element can equal, as texts of the element's type. */
function possible(target: ArrayValue, literals: readonly Literal[]): string[] {
  const { element } = target;
  return literals.flatMap((literal) => {
    if (element === 'integer') {
      const whole = integerOf(literal.value);
      const bits = INTEGER_BITS.get(target.sqlType) ?? 63n;
      return whole !== undefined && whole < 1n << bits && whole >= -(1n << bits) ? [String(whole)] : [];
    }
    if (element !== 'float4' && element !== 'float8') return [literal.value];
    const bound = floatBound('==', literal.value, element);
    return typeof bound === 'boolean' ? [] : [bound.value];
  });
}

function parameter(scope: SqlScope, target: ArrayValue, texts: readonly string[]): Fragment {
  return target.element === 'timestamp' ? timestampList(scope, texts) : list(texts, target.sqlType);
}

const arrayTests: Readonly<Record<ArrayOperator, (of: Fragment, values: Fragment) => Fragment>> = {
  has_any: (of, values) => sql`${of} && ${values}`,
  has_all: (of, values) => sql`${of} @> ${values}`,
  // An empty array is contained in every array.
  has_only: (of, values) => sql`(${of} <@ ${values} and cardinality(${of}) > 0)`,
};

/** The array holds any, or all, of the literals, or elements that are all among them. */
export function arrayLeaf(
  scope: SqlScope,
  operator: ArrayOperator,
  field: Field,
  literals: readonly Literal[],
): LeafSql {
  const target = arrayValue(scope, field);
  const texts = possible(target, literals);
  if (texts.length === 0 || (operator === 'has_all' && texts.length < literals.length)) return never;
  const values = parameter(scope, target, texts);
  return test(target.scalar, (of) => arrayTests[operator](of, values));
}
