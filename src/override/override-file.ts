/**
 * Overrides for very many contacts: keys from a stream, one for each line, in constant memory. COPY reads them into a temporary table, then
 * one statement writes the overrides. Contacts that do not exist are counted, not rejected.
 */
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { Failure, sqlState, UNIQUE_VIOLATION } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { empty, render, param, sql, type Fragment } from '../compile/fragment.ts';
import type { Client } from '../postgres/pool.ts';
import {
  checkNote,
  contactExists,
  expiry,
  KIND_OF,
  overrideTarget,
  type Overridden,
  type OverrideOptions,
  type OverrideVerb,
} from './override.ts';

export interface OverriddenByFile extends Omit<Overridden, 'unknown'> {
  /** Number of keys without a contact; nothing is written for them. */
  readonly unknown: number;
  /** The first five of them, in order of the keys. */
  readonly unknownKeys: readonly string[];
}

/** A line is a value whatever it holds: neither character occurs in a key that people type. */
const COPY = `copy pg_temp.segmentd_keys (contact_id) from stdin with (format csv, delimiter E'\\x1f', quote E'\\x1e')`;

/**
 * @param client in a transaction
 * @throws {Failure} `not-found`, `conflict` for the segment; `usage` with the number of a line that cannot be a key
 */
export async function writeOverrideFile(
  client: Client,
  catalogue: Catalogue,
  key: string,
  verb: OverrideVerb,
  keys: Readable,
  options: OverrideOptions = {},
): Promise<OverriddenByFile> {
  const id = await overrideTarget(client, key, verb);
  const until = await expiry(client, options.until);
  checkNote(options.note);
  await client.query(
    'create temporary table if not exists segmentd_keys (contact_id segmentd.contact_key) on commit drop',
  );
  await client.query('truncate pg_temp.segmentd_keys');
  const copy = client.query(copyFrom(COPY));
  try {
    await pipeline(keys, oneLineEnd(), copy);
  } catch (error) {
    throw wrongLine(error) ?? error;
  }
  const lines = copy.rowCount;
  // Without statistics the planner takes a million keys for two hundred, and looks up the contacts one by one.
  await client.query(`set local work_mem = '128MB'; analyze pg_temp.segmentd_keys`);
  const { asked, known, changed } =
    verb === 'remove' || verb === 'reset'
      ? await removeAll(client, id)
      : await addAll(client, catalogue, lines, { segment: id, kind: KIND_OF[verb], note: options.note ?? null, until });
  const unknown = asked - known;
  return { key, asked, changed, unknown, unknownKeys: unknown === 0 ? [] : await firstUnknown(client, catalogue) };
}

/** Lines end with `\n`, `\r\n` or `\r`, each as it comes: COPY takes one kind in a file. A `\r\n` may be cut in two by the stream. */
function oneLineEnd(): Transform {
  let cut = false;
  return new Transform({
    transform(chunk: Buffer | string, _encoding, done) {
      // Bytes, not characters, which the stream may cut too: neither byte is a part of another character in UTF-8.
      const text = Buffer.from(chunk).toString('latin1');
      const whole = (cut ? '\r' : '') + text;
      cut = whole.endsWith('\r');
      done(null, Buffer.from((cut ? whole.slice(0, -1) : whole).replace(/\r\n?/g, '\n'), 'latin1'));
    },
    flush(done) {
      done(null, cut ? Buffer.from('\n') : Buffer.alloc(0));
    },
  });
}

async function firstUnknown(client: Client, catalogue: Catalogue): Promise<readonly string[]> {
  const { text, bind } = render(
    sql`select k.contact_id::text as key from (${ASKED}) k where not ${contactExists(catalogue, sql`k.contact_id`)} order by k.contact_id limit 5`,
  );
  return (await client.query<{ key: string }>(text, bind())).rows.map((row) => row.key);
}

interface Counts {
  readonly asked: number;
  readonly known: number;
  readonly changed: number;
}

async function run(client: Client, query: Fragment, slots: Readonly<Record<string, unknown>>): Promise<number> {
  const { text, bind } = render(query);
  return (await client.query(text, bind(slots))).rowCount ?? 0;
}

async function count(client: Client, query: Fragment): Promise<number> {
  const { text, bind } = render(sql`select count(*) as keys from (${query}) k`);
  return Number((await client.query<{ keys: string }>(text, bind())).rows[0]?.keys ?? 0);
}

/** `on conflict` costs each row as much as the row itself (*m* 300,000 in 1.0 s or 2.2 s), so the first try goes without. */
async function addAll(
  client: Client,
  catalogue: Catalogue,
  lines: number,
  slots: Readonly<Record<string, unknown>>,
): Promise<Counts> {
  const known = await client.query('select from segmentd.override w where w.segment_id = $1 limit 1', [
    slots['segment'],
  ]);
  if (known.rowCount === 0) {
    await client.query('savepoint plain');
    try {
      const written = await run(client, addition(catalogue, empty), slots);
      // As many as there are lines: each is another contact, and counting them is spared.
      return { asked: written === lines ? lines : await count(client, ASKED), known: written, changed: written };
    } catch (error) {
      // Another caller added one of them at the same moment.
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      await client.query('rollback to savepoint plain');
    }
  }
  const changed = await run(client, addition(catalogue, REPLACE), slots);
  return { asked: await count(client, ASKED), known: await count(client, existing(catalogue)), changed };
}

/** An override that is as wanted keeps its row: the second import of a file changes nothing. */
const REPLACE = sql`on conflict (segment_id, contact_id) do update
  set kind = excluded.kind, note = excluded.note, expires_at = excluded.expires_at, created_by = excluded.created_by, actor = excluded.actor, created_at = excluded.created_at
  where (w.kind, w.note, w.expires_at) is distinct from (excluded.kind, excluded.note, excluded.expires_at)`;

const ASKED = sql`select distinct k.contact_id from pg_temp.segmentd_keys k where k.contact_id is not null`;

/** Each once, in order: sorting what a file mostly brings in order already costs a quarter of hashing it. */
function existing(catalogue: Catalogue): Fragment {
  return sql`select distinct on (k.contact_id) k.contact_id from pg_temp.segmentd_keys k where k.contact_id is not null and ${contactExists(catalogue, sql`k.contact_id`)} order by k.contact_id`;
}

function addition(catalogue: Catalogue, conflict: Fragment): Fragment {
  // The defaults, once for the statement: Postgres would compute each for every row (*m* 0.3 us of 3.5).
  return sql`insert into segmentd.override as w (segment_id, contact_id, kind, note, expires_at, created_by, actor, created_at)
  select ${param('segment', 'int')}, k.contact_id, ${param('kind', 'text')}, ${param('note', 'text')}, ${param('until', 'timestamptz')}, session_user, (select nullif(current_setting('segmentd.actor', true), '')), (select clock_timestamp()) from (${existing(catalogue)}) k
  ${conflict}`;
}

const removal = sql`delete from segmentd.override w using (${ASKED}) a where w.segment_id = ${param('segment', 'int')} and w.contact_id = a.contact_id`;

async function removeAll(client: Client, segment: number): Promise<Counts> {
  const changed = await run(client, removal, { segment });
  const asked = await count(client, ASKED);
  return { asked, known: asked, changed };
}

/** Postgres names the line; the value stands beside it and is not for a message. */
function wrongLine(error: unknown): Failure | undefined {
  if (!sqlState(error)?.startsWith('22')) return undefined;
  const where = typeof error === 'object' && error !== null && 'where' in error ? String(error.where) : '';
  const line = /line (\d+)/.exec(where)?.[1];
  return new Failure(
    'usage',
    `${line === undefined ? 'A line' : `Line ${line}`} of the keys cannot be the key of a contact here; nothing was changed.`,
  );
}
