/** Tables that a config can be read in many ways from, segments that read all of it, and edits of every kind. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { canonical } from '../../src/catalogue/published-config.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, country text, home text, age integer, profile jsonb, created_at timestamptz, joined_at timestamptz, seen timestamp);
  create table public.orders (id bigint primary key, contact_id bigint, payer_id bigint, parent_id bigint, status text, total numeric, placed_at timestamptz, paid_at timestamptz);
  create table public.refunds (id bigint primary key, contact_id bigint, payer_id bigint, parent_id bigint, status text, total numeric, placed_at timestamptz, paid_at timestamptz);
  create table public.items (id bigint primary key, order_id bigint, parent_id bigint, sku text);
  create index on public.orders (contact_id); create index on public.orders (payer_id);
  create index on public.refunds (contact_id); create index on public.items (order_id); create index on public.items (parent_id); create index on public.orders (parent_id); create index on public.refunds (parent_id);
  insert into public.contacts select n, (array['ES', 'PT', 'FR'])[n % 3 + 1], (array['FR', 'ES'])[n % 2 + 1], n % 50,
    jsonb_build_object('score', n % 20, 'level', 20 - n % 20), now() - n * interval '1 day', now() - (60 - n) * interval '1 day', timestamp '2026-03-01 00:30' + n * interval '25 minutes'
  from generate_series(1, 60) n;
  insert into public.orders select n, 1 + n % 60, 1 + (n * 7) % 60, 1000 - n, case when n % 3 = 0 then 'paid' else 'open' end, n % 100, now() - n * interval '1 hour', now() - (200 - n) * interval '1 hour' from generate_series(1, 150) n;
  insert into public.refunds select n, 1 + (n * 11) % 60, 1 + (n * 13) % 60, n, case when n % 2 = 0 then 'paid' else 'open' end, n, now() - n * interval '2 hours', now() from generate_series(1, 40) n;
  insert into public.items select n, n, 1000 - (n * 3) % 150, case when n % 4 = 0 then 'A' else 'B' end from generate_series(1, 150) n`;

export interface ConfigText {
  contacts: { table: string; key: string; created?: string; where?: unknown; exclude?: string[] };
  fields?: Record<string, { column: string; path?: string[]; type?: 'integer' | 'number' }>;
  relations: Record<
    string,
    {
      table: string;
      contact?: string;
      through?: string;
      on?: Record<string, string>;
      time?: string;
      exclude?: string[];
    }
  >;
  timezone?: string;
  timestamps?: string;
}

export const CONFIG: ConfigText = {
  contacts: { table: 'public.contacts', key: 'id', created: 'created_at' },
  fields: { score: { column: 'profile', path: ['score'], type: 'integer' }, land: { column: 'country' } },
  relations: {
    orders: { table: 'public.orders', contact: 'contact_id', time: 'placed_at' },
    items: { table: 'public.items', through: 'orders', on: { order_id: 'id' } },
  },
  timezone: 'UTC',
  timestamps: 'UTC',
};

const paid = { '==': [{ var: 'status' }, 'paid'] };

export const SEGMENTS: Readonly<Record<string, unknown>> = {
  everybody: true,
  adults: { '>=': [{ var: 'age' }, 18] },
  scored: { '>': [{ var: 'score' }, 10] },
  spain: { '==': [{ var: 'land' }, 'ES'] },
  newcomers: { known_for: [30, 'day'] },
  payers: { some: [{ var: 'orders' }, paid] },
  last_paid: { '==': [{ last: [{ var: 'orders' }, { var: 'status' }] }, 'paid'] },
  sku: { some: [{ var: 'items' }, { '==': [{ var: 'sku' }, 'A'] }] },
  // A day of March in the segment's zone, of instants that the config may read in another.
  march: { '==': [{ var: 'seen' }, '2026-03-01'] },
  chained: { and: [{ in_segment: ['adults'] }, { '!': [{ in_segment: ['spain'] }] }] },
};

/** Each edit, and a segment whose members it must change. */
export const EDITS: Readonly<Record<string, { readonly edit: (config: ConfigText) => void; readonly moves: string }>> =
  {
    'contacts.where is added': {
      edit: (config) => void (config.contacts.where = { '<=': [{ var: 'age' }, 30] }),
      moves: 'everybody',
    },
    'contacts.where is another': {
      edit: (config) => void (config.contacts.where = { '==': [{ var: 'home' }, 'ES'] }),
      moves: 'picked',
    },
    'contacts.where goes': { edit: (config) => void delete config.contacts.where, moves: 'everybody' },
    timezone: { edit: (config) => void (config.timezone = 'America/New_York'), moves: 'march' },
    timestamps: { edit: (config) => void (config.timestamps = 'Pacific/Auckland'), moves: 'march' },
    "a field's path": {
      edit: (config) =>
        void (config.fields = { ...config.fields, score: { column: 'profile', path: ['level'], type: 'integer' } }),
      moves: 'scored',
    },
    "a field's type": {
      edit: (config) =>
        void (config.fields = { ...config.fields, score: { column: 'profile', path: ['score'], type: 'number' } }),
      moves: '',
    },
    "a field's column": {
      edit: (config) => void (config.fields = { ...config.fields, land: { column: 'home' } }),
      moves: 'spain',
    },
    "a relation's time": {
      edit: (config) =>
        void (config.relations['orders'] = { table: 'public.orders', contact: 'contact_id', time: 'paid_at' }),
      moves: 'last_paid',
    },
    "a relation's link": {
      edit: (config) =>
        void (config.relations['orders'] = { table: 'public.orders', contact: 'payer_id', time: 'paid_at' }),
      moves: 'payers',
    },
    "a relation's second hop": {
      edit: (config) =>
        void (config.relations['items'] = { table: 'public.items', through: 'orders', on: { parent_id: 'parent_id' } }),
      moves: 'sku',
    },
    "a relation's table": {
      edit: (config) =>
        void (config.relations['orders'] = { table: 'public.refunds', contact: 'contact_id', time: 'placed_at' }),
      moves: 'payers',
    },
    'contacts.created': { edit: (config) => void (config.contacts.created = 'joined_at'), moves: 'newcomers' },
  };

export interface PublicationWorld extends World {
  /** An API without a file: only the published catalogue. */
  readonly segmentd: Segmentd;
  config: ConfigText;
  /** Writes the file; nothing else. */
  write(): Promise<void>;
  /** Writes the file, and publishes it. */
  publish(...flags: string[]): Promise<void>;
  members(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Differences between stored and recomputed members, and segments that are not live. */
  wrong(): Promise<readonly string[]>;
}

export async function createPublicationWorld(): Promise<PublicationWorld> {
  const config = structuredClone(CONFIG);
  const world = await createWorld({ tables: TABLES, config: JSON.stringify(config) });
  const segmentd = createSegmentd({ databaseUrl: world.database.url });
  const self: PublicationWorld = {
    ...world,
    segmentd,
    config,
    write: () => writeFile(join(world.folder, 'segmentd.yaml'), JSON.stringify(self.config)),
    async publish(...flags) {
      await self.write();
      expect(await world.run('install', '--yes', ...flags)).toMatchObject({ code: 0, stderr: '' });
    },
    async members() {
      const rows = await world.database.query<{ key: string; contacts: string[] }>(
        `select s.key, array(select m.contact_id::text from segmentd.membership m where m.segment_id = s.id order by m.contact_id) as contacts from segmentd.segment s order by s.key`,
      );
      return Object.fromEntries(rows.map(({ key, contacts }) => [key, contacts]));
    },
    async wrong() {
      const states = await world.database.query<{ key: string; state: string }>(
        `select key, state from segmentd.segment where state not in ('live', 'deleted') order by key`,
      );
      const owed = await world.database.query<{ key: string }>(
        'select s.key from segmentd_internal.rebuild_request r join segmentd.segment s on s.id = r.segment_id',
      );
      const found = await segmentd.admin.verify();
      return [
        ...states.map(({ key, state }) => `${key} is ${state}`),
        ...owed.map(({ key }) => `${key} is owed a rebuild`),
        ...found
          .filter(({ missing, extra }) => missing.length + extra.length > 0)
          .map(({ key, missing, extra }) => `${key}: ${missing.length} missing, ${extra.length} extra`),
      ];
    },
    async end() {
      await segmentd.close();
      await world.end();
    },
  };
  expect(await world.run('migrate')).toMatchObject({ code: 0 });
  expect(await world.run('install')).toMatchObject({ code: 0 });
  for (const [key, condition] of Object.entries(SEGMENTS)) await segmentd.segments.create({ key, condition });
  await segmentd.segments.create({ key: 'picked', kind: 'static' });
  await segmentd.overrides.add('picked', ['1', '2', '3', '4', '5', '40']);
  await segmentd.segments.create({ key: 'snap', kind: 'snapshot', condition: { '>=': [{ var: 'age' }, 40] } });
  return self;
}

export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}
