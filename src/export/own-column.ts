/** The columns that the rows of an export carry themselves, beside the fields of the contacts. Pure. */
import type { KeyType } from '../catalogue/catalogue.ts';
import type { ScalarType } from '../compile/scalar-type.ts';

/** By name; each is read as `r.name`. */
export type OwnColumns = Readonly<Record<string, ScalarType>>;

const KEY_TYPE: Readonly<Record<KeyType, ScalarType>> = {
  integer: 'integer',
  bigint: 'integer',
  uuid: 'uuid',
  text: 'text',
};

/** Of an export of all members. */
export function memberColumns(keyType: KeyType): OwnColumns {
  return { contact_id: KEY_TYPE[keyType], entered_at: 'timestamptz' };
}

/** Of a delta. */
export function deltaColumns(keyType: KeyType): OwnColumns {
  return { contact_id: KEY_TYPE[keyType], change: 'text', at: 'timestamptz', reason: 'text', version: 'integer' };
}
