/**
 * Which columns may be the key of a contact: one list for the config and for `init`, so that what one proposes the other accepts. And
 * the type of `segmentd.contact_key`: that of the contacts' key, a text key with the collation of its column, so that joins between
 * the two go through the team's index.
 */
import type { Catalogue, KeyType } from './catalogue.ts';
import type { ColumnInfo, TableInfo } from './table-info.ts';

/** A smallint is kept as integer: both have one order, and Postgres compares them by either's index. */
const KEY_TYPES: Readonly<Record<string, KeyType>> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'bigint',
  uuid: 'uuid',
  text: 'text',
  varchar: 'text',
};

export const KEY_TYPE_NAMES = 'smallint, integer, bigint, uuid, text or varchar';

/** Types that people do take for keys, and why their values do not name one contact the same everywhere. */
const WHY_NOT: Readonly<Record<string, string>> = {
  numeric: ' (of numeric 1 and 1.0 are one number and two texts)',
  bpchar: ' (char is filled up with spaces, which do not count when it is compared)',
};

export function keyTypeOf({ base }: ColumnInfo): KeyType | undefined {
  return base.array || base.schema !== 'pg_catalog' ? undefined : KEY_TYPES[base.name];
}

/** Why the column cannot be the key of its table's contacts, as the end of a sentence about `"column"`; undefined when it can. */
export function keyRefusal(info: TableInfo, column: ColumnInfo, written: string): string | undefined {
  const { name, base, collation } = column;
  if (!keyTypeOf(column))
    return `is ${column.sqlType}; a key must be ${KEY_TYPE_NAMES}${base.array ? '' : (WHY_NOT[base.name] ?? '')}`;
  if (!info.unique.some((columns) => columns.length === 1 && columns[0] === name)) {
    const composite = info.unique.find((columns) => columns.includes(name));
    return composite
      ? `alone does not identify a contact, ${written} is unique only by (${composite.join(', ')}); composite keys are not supported`
      : `does not identify a contact: ${written} has no primary key or unique index on it`;
  }
  if (!column.notNull) return 'may be null; a key needs NOT NULL';
  if (collation && !collation.deterministic)
    return `has the nondeterministic collation ${collation.name}, under which different keys count as equal`;
  return undefined;
}

export interface KeyTypeOptions {
  readonly keyType: KeyType;
  readonly keyCollation?: { readonly schema: string; readonly name: string };
}

export function keyTypeOptions(catalogue: Catalogue): KeyTypeOptions {
  const { type, collation } = catalogue.contacts.key;
  return { keyType: type, ...(collation === undefined ? {} : { keyCollation: collation }) };
}
