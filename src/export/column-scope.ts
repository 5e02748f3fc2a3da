/**
 * How the compiler of conditions reads the columns of an export: fields of the contact `c` and of the one row that it refers to, and no
 * memberships. Pure.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { sql } from '../compile/fragment.ts';
import { rowAlone } from '../compile/row-alone.ts';
import type { SqlScope } from '../compile/scope.ts';
import { contactColumn } from '../compile/to-one-column.ts';

export function columnScope(catalogue: Catalogue): SqlScope {
  const reader = { catalogue, timezone: catalogue.timezone };
  const contact = sql`c`;
  return { ...rowAlone(reader, contact), column: (field) => contactColumn(reader, contact, field) };
}
