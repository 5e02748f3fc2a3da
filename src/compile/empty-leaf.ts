/** `is_empty`: missing, or a value that holds nothing ('', an empty array, jsonb null, "", [] and {}). Never NULL. */
import type { Field } from '../catalogue/catalogue.ts';
import { arrayValue } from './array-leaf.ts';
import { missingLeaf } from './compare-leaf.ts';
import { sql, type Fragment } from './fragment.ts';
import { anyOf, type LeafSql } from './leaf.ts';
import { fieldScalar, test } from './scalar.ts';
import type { SqlScope } from './scope.ts';

/** `json` keeps its text and has no equality; casting it to jsonb could raise (\u0000). */
const EMPTY_JSON: Fragment = sql`'^[ \\t\\n\\r]*(null|""|\\[[ \\t\\n\\r]*\\]|\\{[ \\t\\n\\r]*\\})[ \\t\\n\\r]*$'`;

export function emptyLeaf(scope: SqlScope, field: Field): LeafSql {
  if (field.array) {
    const { scalar } = arrayValue(scope, field);
    return anyOf([missingLeaf(scalar), test(scalar, (of) => sql`cardinality(${of}) = 0`)]);
  }
  const scalar = fieldScalar(scope, field);
  const missing = missingLeaf(scalar);
  if (field.family === 'text')
    return anyOf([missing, test(scalar, (of) => sql`${of}${scalar.citext ? sql`::text` : sql``} = ''`)]);
  if (field.family !== 'json' && field.family !== 'other') return missing;
  if (scalar.type === 'opaque') return missing;
  const holdsNothing =
    scalar.type === 'json'
      ? test(scalar, (of) => sql`${of}::text ~ ${EMPTY_JSON}`)
      : test(scalar, (of) => sql`${of} in ('null', '""', '[]', '{}')`);
  return anyOf([missing, holdsNothing]);
}
