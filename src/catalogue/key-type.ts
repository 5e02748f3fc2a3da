/**
 * The type of `segmentd.contact_key`: that of the contacts' key, a text key with the collation of its column, so that
 * joins between the two go through the team's index.
 */
import type { Catalogue, KeyType } from './catalogue.ts';
import type { Database } from './schema.ts';

export interface KeyTypeOptions {
  readonly keyType: KeyType;
  readonly keyCollation?: { readonly schema: string; readonly name: string };
}

const COLLATION = `
  select n.nspname::text as schema, c.collname::text as name
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class t on t.oid = a.attrelid
  join pg_catalog.pg_namespace s on s.oid = t.relnamespace
  join pg_catalog.pg_collation c on c.oid = a.attcollation
  join pg_catalog.pg_namespace n on n.oid = c.collnamespace
  where s.nspname = $1 and t.relname = $2 and a.attname = $3 and c.collname <> 'default'`;

export async function keyTypeOptions(database: Database, catalogue: Catalogue): Promise<KeyTypeOptions> {
  const { table, key } = catalogue.contacts;
  if (key.type !== 'text') return { keyType: key.type };
  const { rows } = await database.query<{ schema: string; name: string }>(COLLATION, [table.schema, table.name, key.column]);
  const collation = rows[0];
  return { keyType: key.type, ...(collation ? { keyCollation: collation } : {}) };
}
