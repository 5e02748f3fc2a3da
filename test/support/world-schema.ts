/**
 * The team's tables of the small world: contacts, their orders, the items of those (two hops away). `plainCapture` is a
 * capture of our own, one row at a time and slow, so that what is tested does not lean on the triggers it is tested with.
 */
import type pg from 'pg';
import { install } from '../../src/capture/install.ts';
import type { CaptureKind, Catalogue } from '../../src/catalogue/catalogue.ts';
import { CAPTURE_SETTINGS } from '../../src/catalogue/config.ts';

export const TABLES = `
  create table public.contacts (id bigint primary key, country text, age integer, vip boolean, last_seen_at timestamptz);
  create table public.orders (id bigint primary key, contact_id bigint, status text, total numeric(10, 2), placed_at timestamptz);
  create table public.order_items (id bigint primary key, order_id bigint, sku text, created_at timestamptz);
  create index on public.orders (contact_id);
  create index on public.order_items (order_id);`;

/** Source, link column and kind of each table. */
const SOURCES = [
  { table: 'contacts', link: 'id', kind: 'contact' },
  { table: 'orders', link: 'contact_id', kind: 'direct' },
  { table: 'order_items', link: 'order_id', kind: 'through' },
] as const;

const CAPTURE = `
  create function public.plain_capture() returns trigger language plpgsql as $$
  declare
    own constant smallint := tg_argv[0]::smallint;
    link constant text := tg_argv[1];
    o constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    n constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    seen bigint;
  begin
    if tg_op = 'UPDATE' and o ->> link is not distinct from n ->> link then
      select bit_or(1::bigint << c.bit) into seen from segmentd_internal.source_column c
      where c.source_id = own and o -> c.column_name is distinct from n -> c.column_name;
      if seen is null then return null; end if;
    end if;
    insert into segmentd_internal.change (shard, source, contact_id, link, mask)
    select distinct case when tg_argv[2] = 'through' then segmentd_internal.link_shard(key) else segmentd_internal.shard(key) end, own, case when tg_argv[2] <> 'through' then key::segmentd.contact_key end,
      case when tg_argv[2] = 'through' then key end, seen
    from unnest(array[o ->> link, n ->> link]) as key where key is not null;
    return null;
  end $$;
  create function public.plain_truncate() returns trigger language plpgsql as $$
  begin
    insert into segmentd_internal.change (shard, source) values (64, tg_argv[0]::smallint);
    return null;
  end $$;`;

/** Ways of capturing that lose changes or hurt the team; each replaces the trigger's INSERT or comes before it. */
export const naiveCapture = {
  /** Looks the contact of a second hop up at once. */
  resolving: (body: string) =>
    body
      .replace(
        "case when tg_argv[2] <> 'through' then key::segmentd.contact_key end",
        `case when tg_argv[2] <> 'through' then key::bigint else (select r.contact_id from public.orders r where r.id = key::bigint) end`,
      )
      .replace(`case when tg_argv[2] = 'through' then key end`, 'null')
      .replace('segmentd_internal.link_shard(key)', 'segmentd_internal.shard(key)'),
  /** Writes only what some segment reads at that moment. */
  watched: (body: string) =>
    body.replace('begin\n', `begin\n    if not exists (select from segmentd.segment) then return null; end if;\n`),
  /** One row a contact, kept by an upsert. */
  coalescing: (body: string) =>
    `create unique index coalesced on segmentd_internal.change (contact_id) where contact_id is not null; ${body.replace('key is not null;', 'key is not null on conflict (contact_id) where contact_id is not null do update set mask = null;')}`,
  /** Stops when too much waits. */
  bounded: (body: string) =>
    body.replace(
      'begin\n',
      `begin\n    if (select count(*) from segmentd_internal.change) > 100 then return null; end if;\n`,
    ),
} satisfies Record<string, (body: string) => string>;

/** Registers the sources and captures their changes. */
export async function plainCapture(client: pg.Pool, change: (body: string) => string = (body) => body): Promise<void> {
  const body = change(CAPTURE);
  await client.query(body);
  for (const { table, link, kind } of SOURCES) {
    const { rows } = await client.query<{ id: number }>(
      `insert into segmentd_internal.source (key, schema_name, table_name, link_column, link_type, kind, via_source, via_column, installed_at)
       values ($1, 'public', $2, $3, 'bigint', $4, $5, $6, clock_timestamp()) returning id`,
      [
        `public.${table}(${link})`,
        table,
        link,
        kind,
        ...(kind === 'through' ? ['public.orders(contact_id)', 'id'] : [null, null]),
      ],
    );
    const id = rows[0]?.id ?? 0;
    await client.query(
      `insert into segmentd_internal.source_column (source_id, column_name, bit)
       select $1, a.attname, a.attnum - 1 from pg_catalog.pg_attribute a where a.attrelid = $2::regclass and a.attnum > 0`,
      [id, `public.${table}`],
    );
    await client.query(`
      create trigger plain_row after insert or update or delete on public.${table}
        for each row execute function public.plain_capture(${id}, ${link}, ${kind});
      create trigger plain_all after truncate on public.${table}
        for each statement execute function public.plain_truncate(${id})`);
  }
}

/** The capture that teams get. `TEST_CAPTURE` names the kind of triggers; default the one that capture chooses. */
export async function installedCapture(client: pg.Pool, catalogue: Catalogue, kind?: CaptureKind): Promise<void> {
  const setting = CAPTURE_SETTINGS.find((one) => one === process.env['TEST_CAPTURE']);
  await install(client, catalogue, { capture: kind ?? setting });
}
