/**
 * The schemas of segmentd's own tables, as Drizzle sees them, and the types of their columns. `segmentd` holds what
 * callers and analysts use; `segmentd_internal` holds the rest. `contact_key` is a domain over the team's key type that
 * exists before the migrations run; in TypeScript a key is always a string. Instants are text with microseconds: a
 * JavaScript Date would cut them to milliseconds.
 */
import { sql, type SQL } from 'drizzle-orm';
import { customType, pgSchema, text, type AnyPgColumn } from 'drizzle-orm/pg-core';

export const segmentd = pgSchema('segmentd');
export const internal = pgSchema('segmentd_internal');

export const contactKey = customType<{ data: string; driverData: string }>({
  dataType: () => 'segmentd.contact_key',
  toDriver: (key) => key,
});
export const instant = customType<{ data: string; driverData: string }>({ dataType: () => 'timestamptz' });
export const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' });
export const snapshot = customType<{ data: string; driverData: string }>({ dataType: () => 'pg_snapshot' });

/** The person of the session (postgres/acting-pool.ts), stored beside `session_user`; null: not known. */
export const actor = (name = 'actor') => text(name).default(sql`nullif(current_setting('segmentd.actor', true), '')`);

const PLAIN_NAME = /^[a-z]+$/;

/**
 * `column in ('a', 'b')` for a check or an index, whose DDL takes no parameters. @throws {TypeError} for anything but
 * lower-case words
 */
export function inNames(column: AnyPgColumn, names: readonly string[]): SQL {
  if (!names.every((name) => PLAIN_NAME.test(name))) throw new TypeError(`not plain names: ${names.join(', ')}`);
  return sql`${column} in (${sql.raw(names.map((name) => `'${name}'`).join(', '))})`;
}
