/** How large a value is: the characters of a text, the elements of an array. Whole numbers; NULL where the value is missing. */
import type { Field } from '../catalogue/catalogue.ts';
import { arrayValue } from './array-leaf.ts';
import { sql, type Fragment } from './fragment.ts';
import { computedOf, fieldScalar } from './scalar.ts';
import type { Scalar } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';

const whole = (value: Fragment): Scalar => ({ type: 'integer', value, nullable: true });

/** Code points of a text field. */
export function lengthScalar(scope: SqlScope, field: Field): Scalar {
  const text = fieldScalar(scope, field);
  const length = sql`length(${text.value}${text.citext ? sql`::text` : sql``})`;
  return whole(computedOf(scope, text, length));
}

/** Elements of an array field, NULL ones included. */
export function sizeScalar(scope: SqlScope, field: Field): Scalar {
  const isStored = field.path === undefined && field.split === undefined;
  const array = isStored ? scope.column(field) : arrayValue(scope, field).scalar.value;
  return whole(sql`cardinality(${array})`);
}
