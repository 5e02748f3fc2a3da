/**
 * Decisions for very many contacts: keys from a stream, one a line, in constant memory. Postgres reads them by COPY into a
 * table of the transaction, then one statement writes the wishes. Contacts that do not exist are counted, not refused.
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { Failure, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { empty, render, slot, sql, type Fragment } from '../compile/fragment.ts';
import type { Client } from '../postgres/pool.ts';
import { checkNote, contactExists, expiry, KIND_OF, wishTarget, type Wished, type WishOptions, type WishVerb } from './wish.ts';

export interface WishedByFile extends Wished {
  /** Keys of contacts that do not exist; nothing was written for them. */
  readonly unknown: number;
}

/** A line is a value whatever it holds: neither character occurs in a key that people type. */
const COPY = `copy pg_temp.segmentd_keys (contact_id) from stdin with (format csv, delimiter E'\\x1f', quote E'\\x1e')`;

/**
 * @param client in a transaction
 * @throws {Failure} `not-found`, `conflict` for the segment; `usage` with the number of a line that cannot be a key
 */
export async function writeWishFile(client: Client, catalogue: Catalogue, key: string, verb: WishVerb, keys: Readable, options: WishOptions = {}): Promise<WishedByFile> {
  const id = await wishTarget(client, key, verb);
  const until = await expiry(client, options.until);
  checkNote(options.note);
  await client.query('create temporary table if not exists segmentd_keys (contact_id segmentd.contact_key) on commit drop');
  await client.query('truncate pg_temp.segmentd_keys');
  try {
    await pipeline(keys, client.query(copyFrom(COPY)));
  } catch (error) {
    throw wrongLine(error) ?? error;
  }
  // Without statistics the planner takes a million keys for two hundred, and looks up the contacts one by one.
  await client.query(`set local work_mem = '128MB'; analyze pg_temp.segmentd_keys`);
  const counts = verb === 'remove' || verb === 'reset' ? await run(client, removal, { segment: id }) : await addAll(client, catalogue, { segment: id, kind: KIND_OF[verb], note: options.note ?? null, until });
  const { asked = '0', known = '0', changed = '0' } = counts ?? {};
  return { key, asked: Number(asked), changed: Number(changed), unknown: Number(asked) - Number(known) };
}

const ASKED = sql`asked as materialized (select distinct k.contact_id from pg_temp.segmentd_keys k where k.contact_id is not null)`;

interface Counts {
  readonly asked: string;
  readonly known: string;
  readonly changed: string;
}

async function run(client: Client, query: Fragment, slots: Readonly<Record<string, unknown>>): Promise<Counts | undefined> {
  const { text, bind } = render(query);
  return (await client.query<Counts>(text, bind(slots))).rows[0];
}

const UNIQUE_VIOLATION = '23505';

/** A conflict that is foreseen costs each row as much as the row itself (*m* 300,000 in 1.0 s or 2.2 s), so it is tried without. */
async function addAll(client: Client, catalogue: Catalogue, slots: Readonly<Record<string, unknown>>): Promise<Counts | undefined> {
  const known = await client.query('select from segmentd.wish w where w.segment_id = $1 limit 1', [slots['segment']]);
  if (known.rowCount === 0) {
    await client.query('savepoint plain');
    try {
      return await run(client, addition(catalogue, empty), slots);
    } catch (error) {
      // Somebody else added one of them at the same moment.
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      await client.query('rollback to savepoint plain');
    }
  }
  return run(client, addition(catalogue, REPLACE), slots);
}

/** What stands already as it is asked for is left alone: the second import of a file changes nothing. */
const REPLACE = sql`on conflict (segment_id, contact_id) do update
  set kind = excluded.kind, note = excluded.note, expires_at = excluded.expires_at, created_by = excluded.created_by, created_at = excluded.created_at
  where (w.kind, w.note, w.expires_at) is distinct from (excluded.kind, excluded.note, excluded.expires_at)`;

function addition(catalogue: Catalogue, conflict: Fragment): Fragment {
  return sql`with ${ASKED},
known as materialized (select a.contact_id from asked a where ${contactExists(catalogue, sql`a.contact_id`)} order by a.contact_id),
written as (
  insert into segmentd.wish as w (segment_id, contact_id, kind, note, expires_at)
  select ${slot('segment', 'int')}, k.contact_id, ${slot('kind', 'text')}, ${slot('note', 'text')}, ${slot('until', 'timestamptz')} from known k order by k.contact_id
  ${conflict}
  returning 1
)
select (select count(*) from asked) as asked, (select count(*) from known) as known, (select count(*) from written) as changed`;
}

const removal = sql`with ${ASKED},
gone as (
  delete from segmentd.wish w using asked a where w.segment_id = ${slot('segment', 'int')} and w.contact_id = a.contact_id returning 1
)
select (select count(*) from asked) as asked, (select count(*) from asked) as known, (select count(*) from gone) as changed`;

/** Postgres names the line; the value stands beside it and is not for a message. */
function wrongLine(error: unknown): Failure | undefined {
  if (!sqlState(error)?.startsWith('22')) return undefined;
  const where = typeof error === 'object' && error !== null && 'where' in error ? String(error.where) : '';
  const line = /line (\d+)/.exec(where)?.[1];
  return new Failure('usage', `${line === undefined ? 'A line' : `Line ${line}`} of the keys cannot be the key of a contact here; nothing was changed.`);
}
