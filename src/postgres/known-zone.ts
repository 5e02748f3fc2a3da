/**
 * Time zones that the server knows by name. A lookup costs 25 ms (*m*), because Postgres opens every file of its zones.
 * So callers ask for several names at once, and not for the catalogue's own zone, which was checked with the catalogue.
 */
import { Failure } from '../base/error.ts';
import { masked } from '../base/mask.ts';
import type { Queryable } from './pool.ts';

/** The names among `names` that the server knows. */
export async function knownZones(database: Queryable, names: readonly string[]): Promise<ReadonlySet<string>> {
  const possible = names.filter((name) => !name.includes('\0'));
  if (possible.length === 0) return new Set();
  const { rows } = await database.query<{ name: string }>(
    'select z.name from pg_catalog.pg_timezone_names z where z.name = any ($1::text[])',
    [possible],
  );
  return new Set(rows.map(({ name }) => name));
}

/** @throws {Failure} `usage` */
export async function refuseUnknownZone(database: Queryable, name: string): Promise<void> {
  if ((await knownZones(database, [name])).has(name)) return;
  throw new Failure(
    'usage',
    `${JSON.stringify(masked(name))} is not a time zone that Postgres knows; use a name such as Europe/Madrid.`,
  );
}
