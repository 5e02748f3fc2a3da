/**
 * A team with contacts and orders for exports. Segments are made live by SQL and members moved as the worker does it, in
 * transactions that the test orders as it likes: no worker runs.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import type { Catalogue, KeyType } from '../../src/catalogue/catalogue.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { openPool, type Pool, type Queryable } from '../../src/postgres/pool.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { CONFIG } from './config.ts';

const TABLES = (key: string): string => `
  create table public.contacts (id ${key} primary key, email text, country text, age integer, vip boolean, balance numeric(12, 2), score double precision,
    born date, seen_at timestamptz, local_at timestamp, tags text[], attributes jsonb, notes json, address inet);
  create table public.orders (id bigint generated always as identity primary key, contact_id ${key}, status text, total numeric(10, 2), placed_at timestamptz);
  create index on public.orders (contact_id);`;

export interface ExportWorld {
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly catalogue: Catalogue;
  /** An empty folder that goes with the world. */
  readonly folder: string;
  /** A live segment without members. Returns its id. */
  segment(key: string): Promise<number>;
  /** Moves contacts in and out as one transaction of the worker's would, with events; a member that enters again stays. */
  move(
    client: Queryable,
    segment: number,
    enter: readonly (string | number)[],
    leave?: readonly (string | number)[],
  ): Promise<void>;
  members(segment: number): Promise<string[]>;
  files(): Promise<string[]>;
  read(file: string): Promise<string>;
  end(): Promise<void>;
}

export async function exportWorld(keyType: KeyType = 'bigint'): Promise<ExportWorld> {
  const database = await createDatabase({ template: 'migrated', keyType });
  const pool = await openPool(database.url, { max: 12, applicationName: 'export world' });
  await pool.query(TABLES(keyType));
  const catalogue = await resolveCatalogue(pool, parseConfig(CONFIG, 'segmentd.yaml'));
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-export-'));
  return {
    database,
    pool,
    catalogue,
    folder,
    async segment(key) {
      const rows = await database.query<{ id: number }>(
        `with worker as (select set_config('segmentd.worker', 'on', false))
         insert into segmentd.segment (key, condition, state, live_version) select $1, 'true', 'live', 1 from worker returning id`,
        [key],
      );
      return rows[0]?.id ?? 0;
    },
    async move(client, segment, enter, leave = []) {
      await client.query(
        `with come as (
           insert into segmentd.membership (segment_id, contact_id, entered_at)
           select $1, c::segmentd.contact_key, date_trunc('milliseconds', clock_timestamp()) from unnest($2::text[]) c on conflict do nothing returning *
         ), leaving as (
           delete from segmentd.membership where segment_id = $1 and contact_id = any (select c::segmentd.contact_key from unnest($3::text[]) c) returning *
         ), counted as (
           insert into segmentd_internal.member_count as n (segment_id, shard, members, day)
           -- a shard a session: transactions of this world never wait for each other
           select $1, pg_backend_pid() % 32000, (select count(*) from come) - (select count(*) from leaving), current_date
           on conflict (segment_id, shard) do update set members = n.members + excluded.members
         )
         insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
         select segment_id, contact_id, 'entered', 'contact', 1, entered_at from come
         union all select segment_id, contact_id, 'left', 'contact', 1, clock_timestamp() from leaving`,
        [segment, enter.map(String), leave.map(String)],
      );
    },
    async members(segment) {
      const rows = await database.query<{ contact: string }>(
        'select m.contact_id::text as contact from segmentd.membership m where m.segment_id = $1 order by m.contact_id',
        [segment],
      );
      return rows.map(({ contact }) => contact);
    },
    files: async () => (await readdir(folder)).sort(),
    read: (file) => readFile(join(folder, file), 'utf8'),
    async end() {
      await rm(folder, { recursive: true, force: true });
      await pool.end();
      await database.drop();
    },
  };
}

/** Reads CSV as RFC 4180 has it; throws where it is not. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const row: string[] = [];
    for (;;) {
      const quoted = /^"((?:[^"]|"")*)"/.exec(text.slice(at));
      const plain = quoted ?? /^[^",\r\n]*/.exec(text.slice(at));
      row.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : (plain?.[0] ?? ''));
      at += plain?.[0].length ?? 0;
      if (text[at] === ',') {
        at += 1;
        continue;
      }
      if (text.slice(at, at + 2) !== '\r\n')
        throw new Error(`no line end at ${at}: ${JSON.stringify(text.slice(at, at + 20))}`);
      at += 2;
      break;
    }
    rows.push(row);
  }
  return rows;
}
