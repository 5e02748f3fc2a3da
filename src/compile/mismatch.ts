/**
 * Values under a jsonb path, and texts of a column, that cannot be read as the config declares: conditions take them for missing.
 * The predicate is true or false on every row. JSON's own null is a missing value and no mismatch, and so is blank text.
 */
import type { Field } from '../catalogue/catalogue.ts';
import { arrayValue } from './array-leaf.ts';
import { list, sql, type Fragment } from './fragment.ts';
import { fieldScalar, jsonScalar } from './scalar.ts';
import type { SqlScope } from './scope.ts';

/** Only values under a path with a type of its own, and text that is read as another type, can mismatch. */
export function canMismatch(field: Field): boolean {
  if (field.reading !== undefined) return true;
  return field.path !== undefined && field.family !== 'json' && field.family !== 'other';
}

/** The row's value is of another type; of an array, also one of its elements. */
export function mismatch(scope: SqlScope, field: Field): Fragment {
  if (field.path === undefined) {
    const text = sql`coalesce(${scope.column(field)}::text, '')`;
    return sql`(${text} ~ ('[^ \\t\\r\\n]' collate pg_catalog."C") and ${fieldScalar(scope, field).value} is null)`;
  }
  const path = list(field.path ?? [], 'text');
  const column = scope.column(field);
  const isValue = (of: Fragment): Fragment => sql`coalesce(jsonb_typeof(${of}), 'null') <> 'null'`;
  const at = sql`(${column} #> ${path})`;
  if (!field.array) return sql`(${isValue(at)} and ${jsonScalar(field, column, path).value} is null)`;
  const elements = sql`jsonb_array_elements(case when jsonb_typeof(${at}) = 'array' then ${at} else '[]' end) as element(e)`;
  const wrong = sql`${isValue(sql`e`)} and ${jsonScalar(field, sql`e`, sql`'{}'::text[]`).value} is null`;
  return sql`(${isValue(at)} and (${arrayValue(scope, field).scalar.value} is null or exists (select from ${elements} where ${wrong})))`;
}
