/**
 * An even and lasting share of the contacts: the first eight hex digits of `md5(seed || ':' || key)` as an unsigned number, modulo the
 * number of buckets. It depends on the key alone, so it is the same in each statement, on every machine, for ever.
 */
import { CONTACT, type Catalogue, type Field } from '../catalogue/catalogue.ts';
import type { BucketOperand } from '../condition/ast.ts';
import { integer, sql, value } from './fragment.ts';
import type { Scalar } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';

/** The contact's key as a column of the scope. The config may leave it out of the fields. */
function keyField({ contacts: { key } }: Catalogue): Field {
  const family = key.type === 'uuid' || key.type === 'text' ? key.type : 'number';
  return {
    name: key.column,
    owner: CONTACT,
    column: key.column,
    family,
    array: false,
    sqlType: key.sqlType,
    integer: family === 'number',
    castText: false,
    collate: false,
  };
}

/** A whole number from 0 to one less than the number of buckets; never missing. */
export function bucketScalar(scope: SqlScope, { seed, of }: BucketOperand): Scalar {
  const key = scope.column(keyField(scope.catalogue));
  // A cast of 32 bits to bigint has no sign.
  const hash = sql`('x' || left(md5(${value(seed, 'text')} || ':' || ${key}::text), 8))::bit(32)::bigint`;
  return { type: 'integer', value: scope.once(sql`(${hash} % ${integer(of)})`), nullable: false };
}
