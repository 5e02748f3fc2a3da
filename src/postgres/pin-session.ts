/**
 * Pins the settings that change what our SQL means (pinned-setting.ts); every session of ours passes through here.
 * Settings are made after connecting, never as startup parameters, which poolers refuse or drop. `search_path` comes
 * first, and statements before it name their schemas: until then a function or operator of another schema could be
 * called.
 */
import type { ClientBase, QueryResult } from 'pg';
import { join, literal, render, sql } from '../compile/fragment.ts';
import { PATH, SESSION_SETTINGS, TRANSACTION_SETTINGS, type Setting } from './pinned-setting.ts';

/** As `Queryable` of pool.ts, which imports this file. */
type Queryable = Pick<ClientBase, 'query'>;

/** A setting as it was before. */
export interface Former {
  readonly name: string;
  readonly was: string;
}

/** The setting that keeps the former path: a table that a config names without a schema is looked up on it. */
export const PATH_BEFORE = 'segmentd.path';

interface PinOptions {
  readonly path?: string;
  /** For the current transaction only. */
  readonly local?: boolean;
  readonly settings: readonly Setting[];
}

function pinText({ path = PATH, local = false, settings }: PinOptions): string {
  const forTransaction = local ? sql`true` : sql`false`;
  const rows = settings.map(({ name, value }) => sql`(${literal(name)}, ${literal(value)})`);
  return render(sql`select 'search_path' as name, pg_catalog.current_setting('search_path') as was,
  pg_catalog.set_config(${literal(PATH_BEFORE)}, pg_catalog.array_to_json(pg_catalog.current_schemas(false))::pg_catalog.text, ${forTransaction});
select pg_catalog.set_config('search_path', ${literal(path)}, ${forTransaction});
select w.name, current_setting(w.name, true) as was, set_config(w.name, w.value, ${forTransaction})
from (values ${join(rows, sql`, `)}) as w(name, value) where current_setting(w.name, true) <> w.value`).text;
}

const SESSION = pinText({ settings: SESSION_SETTINGS });
const TRANSACTION = pinText({ local: true, settings: TRANSACTION_SETTINGS });

async function run(client: Queryable, text: string): Promise<readonly Former[]> {
  // Several statements in one text give a list of results.
  const results = (await client.query(text)) as unknown as readonly QueryResult<Former>[];
  return results
    .flatMap(({ rows }) => rows.filter(({ was }) => was !== undefined))
    .map(({ name, was }) => ({ name, was }));
}

/** Pins a session. Returns the settings that it changed. */
export function pinSession(client: Queryable): Promise<readonly Former[]> {
  return run(client, SESSION);
}

/** Pins a session whose names are in one schema of ours. `also` has settings beside the pinned ones. */
export async function pinSessionTo(client: Queryable, schema: string, also: readonly Setting[]): Promise<void> {
  const set = new Set(also.map(({ name }) => name));
  await run(
    client,
    pinText({
      path: `pg_catalog, ${schema}, pg_temp`,
      settings: [...SESSION_SETTINGS.filter(({ name }) => !set.has(name)), ...also],
    }),
  );
}

/** Pins the open transaction of a client. Returns the settings that it changed. */
export function pinTransaction(client: Queryable): Promise<readonly Former[]> {
  return run(client, TRANSACTION);
}

/** Restores the settings that `pinSession` returned, or with `local` those of `pinTransaction`. */
export async function unpin(client: Queryable, former: readonly Former[], local: boolean): Promise<void> {
  await client.query({
    text: 'select set_config(f.name, f.was, $3::bool) from unnest($1::text[], $2::text[]) as f(name, was)',
    values: [[...former.map(({ name }) => name), PATH_BEFORE], [...former.map(({ was }) => was), ''], local],
  });
}
