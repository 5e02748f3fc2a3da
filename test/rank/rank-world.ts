/** A shop whose config names ranks, and the same ranks computed a second way: in JavaScript, from the rows alone. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import type { RankContext } from '../../src/rank/compute-rank.ts';
import { createWorker, type Worker } from '../../src/worker/worker.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, country text, age integer, score double precision, born date, seen timestamptz);
  create table public.orders (id bigint generated always as identity primary key, contact_id bigint not null, status text, total numeric(10, 2), placed_at timestamptz);
  create index on public.orders (contact_id);
  insert into public.contacts select n, (array['ES', 'PT', 'FR'])[n % 3 + 1], n % 7, case n % 10 when 0 then float8 'NaN' when 1 then null when 2 then 'Infinity' else n % 4 end,
    date '2000-01-01' + n % 9, case when n % 5 > 0 then timestamptz '2026-01-01 00:00+00' - n % 6 * interval '1 day' end from generate_series(1, 60) n;
  insert into public.orders (contact_id, status, total, placed_at)
    select 1 + n * 7 % 50, case when n % 3 = 0 then 'open' else 'paid' end, n % 12 * 10, timestamptz '2026-01-01 00:00+00' - n * interval '1 hour' from generate_series(1, 200) n`;

const paid = { filter: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] };

export const RANKS: Readonly<Record<string, RankText>> = {
  monetary: { by: { sum: [{ map: [paid, { var: 'total' }] }] }, into: 5, every: '1h' },
  frequency: { by: { count: [paid] }, into: 3, every: '1h', among: { in_segment: ['buyers'] } },
  recency: { by: { max_of: [{ map: [{ var: 'orders' }, { var: 'placed_at' }] }] }, into: 5 },
  basket: { by: { avg: [{ map: [paid, { var: 'total' }] }] } },
  score: { by: { var: 'score' }, into: 4, among: { '!=': [{ var: 'country' }, 'FR'] } },
  born: { by: { var: 'born' }, into: 2 },
};

export interface RankText {
  readonly by: unknown;
  readonly into?: number;
  readonly every?: string;
  readonly among?: unknown;
}

/** What the definitions of `RANKS` say, of one contact; null: no value, or not among those who have a rank. */
const MEANING: Readonly<Record<string, string>> = {
  monetary: `(select coalesce(sum(o.total), 0) from public.orders o where o.contact_id = c.id and o.status = 'paid')`,
  frequency: `case when exists (select from public.orders o where o.contact_id = c.id) then (select count(*) from public.orders o where o.contact_id = c.id and o.status = 'paid') end`,
  recency: `(select max(extract(epoch from o.placed_at)) from public.orders o where o.contact_id = c.id)`,
  basket: `(select avg(o.total) from public.orders o where o.contact_id = c.id and o.status = 'paid')`,
  score: `case when c.country is distinct from 'FR' and c.score <> 'NaN' then c.score end`,
  born: `c.born - date '2000-01-01'`,
};

/** Where a worker comes from: our code, or a copy of it with a mistake. */
export interface WorkerCode {
  readonly createWorker: typeof createWorker;
}

export interface RankWorld extends World {
  readonly segmentd: Segmentd;
  /** Publishes these ranks. */
  publish(ranks: Readonly<Record<string, RankText>>): Promise<void>;
  /** A worker that does everything that is owed, and ends. */
  once(at?: RankContext['at'], code?: WorkerCode): Promise<void>;
  worker(at?: RankContext['at'], code?: WorkerCode): Worker;
  /** Stored ranks that the rows do not say, and the other way round, of these ranks. */
  wrongRanks(names?: readonly string[]): Promise<readonly string[]>;
  /** Ends the session that computes a rank. */
  killComputation(): Promise<void>;
  /** Stored ranks: `contact=rank`, in order. */
  stored(name: string): Promise<readonly string[]>;
  /** The ranks that the rows say. */
  expected(name: string): Promise<readonly string[]>;
  /** Stored less recomputed members, both ways, and what is not live. */
  wrong(): Promise<readonly string[]>;
}

export async function createRankWorld(): Promise<RankWorld> {
  const config = (ranks: Readonly<Record<string, RankText>>): string =>
    JSON.stringify({
      contacts: { table: 'public.contacts', key: 'id' },
      relations: { orders: { table: 'public.orders', contact: 'contact_id', time: 'placed_at' } },
      ...(Object.keys(ranks).length === 0 ? {} : { ranks }),
      timezone: 'UTC',
    });
  const world = await createWorld({ tables: TABLES, config: config({}) });
  const segmentd = createSegmentd({ databaseUrl: world.database.url });
  const { database } = world;
  const worker = (at?: RankContext['at'], code: WorkerCode = { createWorker }): Worker =>
    code.createWorker({
      databaseUrl: database.url,
      queue: null,
      pollInterval: 20,
      ...(at ? { failpoint: { rank: at } } : {}),
    });
  const self: RankWorld = {
    ...world,
    segmentd,
    worker,
    async publish(ranks) {
      await writeFile(join(world.folder, 'segmentd.yaml'), config(ranks));
      expect(await world.run('install', '--yes')).toMatchObject({ code: 0, stderr: '' });
    },
    async once(at, code) {
      const one = worker(at, code);
      try {
        await one.once();
      } finally {
        await one.stop();
      }
    },
    async stored(name) {
      const rows = await database.query<{ line: string }>(
        `select r.contact_id || '=' || (r.rank ->> $1) as line from segmentd.contact_rank r where r.rank ? $1 order by r.contact_id`,
        [name],
      );
      return rows.map(({ line }) => line);
    },
    async expected(name) {
      const rows = await database.query<{ id: string; value: string | null }>(
        `select c.id::text, (${MEANING[name] ?? ''})::text as value from public.contacts c order by c.id`,
      );
      return ranksOf(rows, RANKS[name]?.into);
    },
    async wrongRanks(names = Object.keys(RANKS)) {
      const found: string[] = [];
      for (const name of names) {
        const [stored, expected] = [new Set(await self.stored(name)), new Set(await self.expected(name))];
        for (const line of stored) if (!expected.has(line)) found.push(`${name}: ${line} is stored`);
        for (const line of expected) if (!stored.has(line)) found.push(`${name}: ${line} is missing`);
      }
      return found;
    },
    async killComputation() {
      await database.query(
        `select pg_terminate_backend(l.pid) from pg_catalog.pg_locks l where l.locktype = 'advisory' and l.classid = 7361 and l.objid = 6 and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())`,
      );
    },
    async wrong() {
      const states = await database.query<{ key: string; state: string }>(
        `select key, state from segmentd.segment where state not in ('live', 'deleted') order by key`,
      );
      const found = await segmentd.admin.verify();
      return [
        ...states.map(({ key, state }) => `${key} is ${state}`),
        ...found
          .filter(({ missing, extra }) => missing.length + extra.length > 0)
          .map(({ key, missing, extra }) => `${key}: ${missing.join()} missing, ${extra.join()} extra`),
      ];
    },
    async end() {
      await segmentd.close();
      await world.end();
    },
  };
  expect(await world.run('migrate')).toMatchObject({ code: 0, stderr: '' });
  expect(await world.run('install')).toMatchObject({ code: 0 });
  await segmentd.segments.create({ key: 'buyers', condition: { some: [{ var: 'orders' }, true] } });
  await self.once();
  return self;
}

/** The rule in words: the place from below, equal values sharing the lowest, in `into` equal parts; else the place from above. */
function ranksOf(rows: readonly { id: string; value: string | null }[], into: number | undefined): readonly string[] {
  const valued = rows.flatMap(({ id, value }) => (value === null ? [] : [{ id, value: Number(value) }]));
  return valued.map(({ id, value }) => {
    const below = valued.filter((other) => other.value < value).length;
    const above = valued.filter((other) => other.value > value).length;
    return `${id}=${into === undefined ? above + 1 : 1 + Math.floor((into * below) / valued.length)}`;
  });
}
