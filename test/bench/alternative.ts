/**
 * What else a team could do to keep one segment, measured on the same data as segmentd: a materialized view, a query that a
 * cron job runs, row triggers of its own, and pg_ivm where the server has it (`BENCH_DATABASE_URL`). README's "Why not" cites it.
 *
 * The segment has no window of time, because only segmentd can keep one without a schedule.
 */
import type pg from 'pg';
import { createWorld, type World } from './bench-world.ts';
import type { Context, Figure, Row } from './figure.ts';
import { lateness } from './lateness.ts';
import { alternate, median, percentile, ratio, timed } from './measure.ts';
import { benchSegments } from './segments.ts';
import { load } from './update-load.ts';

const PAID = `select o.contact_id from public.orders o where o.status = 'paid' group by o.contact_id having count(*) >= 3`;
const MEMBERS = `select c.id from public.contacts c where c.country in ('ES', 'PT') and c.id in (${PAID})`;
const ORDER = `insert into public.orders (contact_id, status, total, placed_at) values (:id, 'paid', 10, clock_timestamp())`;

/** Rows that differ between what a table holds and what the condition says now. */
async function wrongRows(pool: pg.Pool, table: string): Promise<number> {
  const { rows } = await pool.query<{ wrong: number }>(
    `select count(*)::int as wrong from ((${MEMBERS} except all select id from ${table}) union all (select id from ${table} except all ${MEMBERS})) d`,
  );
  return rows[0]?.wrong ?? NaN;
}

/** As teams write it first: evaluate the contact of the row, then insert or delete its membership. */
const OWN_TRIGGER = `
  create table public.own_member (id bigint primary key);
  insert into public.own_member ${MEMBERS};
  create function public.own_member() returns trigger language plpgsql as $$
  begin
    if exists (select from public.contacts c where c.id = new.contact_id and c.country in ('ES', 'PT'))
      and (select count(*) from public.orders o where o.contact_id = new.contact_id and o.status = 'paid') >= 3
    then insert into public.own_member values (new.contact_id) on conflict do nothing;
    else delete from public.own_member m where m.id = new.contact_id;
    end if;
    return null;
  end $$;
  create trigger own_member after insert or update on public.orders for each row execute function public.own_member();`;

async function createIvm(pool: pg.Pool): Promise<boolean> {
  const { rowCount } = await pool.query(`select from pg_catalog.pg_available_extensions where name = 'pg_ivm'`);
  if (rowCount === 0) return false;
  await pool.query('create extension pg_ivm');
  // HAVING is not supported: the view keeps the counts, and a reader filters them.
  await pool.query(`select pgivm.create_immv('public.ivm_paid', $$
    select o.contact_id, count(*) as paid from public.contacts c join public.orders o on o.contact_id = c.id
    where o.status = 'paid' and c.country in ('ES', 'PT') group by o.contact_id $$)`);
  return true;
}

export const alternative: Figure = {
  title: 'Alternatives to segmentd, one segment of two tables',
  long: true,
  async run(context: Context) {
    const contacts = context.quick ? 100_000 : 1_000_000;
    const size = { contacts, orders: contacts * 3 };
    const seconds = context.quick ? 2 : 6;
    const rounds = context.quick ? 2 : 5;
    // Few contacts, so that two of 16 clients often write for the same one, as one customer's two devices do.
    const busy = 100;
    const insert = (world: World) => () =>
      load({ url: world.url, contacts: busy, clients: 16, seconds, statement: ORDER });
    const bare = await createWorld(context, size, { set: 'bare' });
    const own = await createWorld(context, size, { set: 'bare' });
    const ivm = await createWorld(context, size, { set: 'bare' });
    const ours = await createWorld(context, size);
    try {
      for (const { pool } of [bare, own, ivm, ours]) await pool.query('vacuum analyze');
      await bare.pool.query(
        `create materialized view public.mat_member as ${MEMBERS}; create unique index on public.mat_member (id)`,
      );
      const refresh: number[] = [];
      const query: number[] = [];
      for (let round = 0; round < rounds; round++) {
        refresh.push(await timed(() => bare.pool.query('refresh materialized view concurrently public.mat_member')));
        query.push(await timed(() => bare.pool.query(`select count(*) from (${MEMBERS}) m`)));
      }
      await own.pool.query(OWN_TRIGGER);
      const hasIvm = await createIvm(ivm.pool);
      await ours.startWorker();
      await ours.createSegments(benchSegments(20));
      const late = await lateness({ url: ours.url, contacts, perSecond: 200, seconds });
      // Two paid orders each: the third makes a member.
      for (const { pool } of [bare, own, ivm, ours]) {
        await pool.query('delete from public.orders where contact_id <= $1', [busy]);
      }
      const tps = await alternate(rounds, {
        bare: insert(bare),
        own: insert(own),
        ...(hasIvm ? { ivm: insert(ivm) } : {}),
        ours: insert(ours),
      } as Record<'bare' | 'own' | 'ivm' | 'ours', () => Promise<number>>);
      const wrong = await raceOwnTrigger(own, busy, context.quick ? 20 : 100);
      const row = (measure: string, values: readonly number[]): Row => ({
        measure,
        value: ratio(values, tps.bare),
        unit: 'x',
        beside: `${median(values).toFixed(0)} / ${median(tps.bare).toFixed(0)} tps`,
      });
      return [
        { measure: 'materialized view, refresh concurrently', value: median(refresh), unit: 'ms' },
        { measure: 'the query of a cron job, one run', value: median(query), unit: 'ms' },
        { measure: 'segmentd, commit → visible, p50, 20 segments', value: percentile(late, 0.5), unit: 'ms' },
        row('own row trigger, orders inserted / bare', tps.own),
        {
          measure: 'own row trigger, wrong contacts after two orders at once',
          value: wrong,
          unit: 'rows',
          beside: `${busy} contacts`,
        },
        ...(hasIvm ? [row('pg_ivm, orders inserted / bare', tps.ivm)] : []),
        row('segmentd with its worker, 20 segments, orders inserted / bare', tps.ours),
      ];
    } finally {
      for (const world of [bare, own, ivm, ours]) await world.drop();
    }
  },
};

/**
 * Contacts that the own trigger gets wrong when the second and third order of each arrive in two overlapping transactions:
 * neither sees the other's row (READ COMMITTED), so neither counts three.
 */
async function raceOwnTrigger({ pool }: World, contacts: number, rounds: number): Promise<number> {
  const a = await pool.connect();
  const b = await pool.connect();
  try {
    await pool.query(`delete from public.orders where contact_id <= $1`, [contacts]);
    await pool.query(`delete from public.own_member where id <= $1`, [contacts]);
    await pool.query(`update public.contacts set country = 'ES' where id <= $1`, [contacts]);
    for (let id = 1; id <= Math.min(contacts, rounds); id++) {
      const order = ORDER.replaceAll(':id', '$1');
      await a.query(order, [id]);
      await a.query('begin');
      await b.query('begin');
      await a.query(order, [id]);
      await b.query(order, [id]);
      await a.query('commit');
      await b.query('commit');
    }
    return await wrongRows(pool, 'public.own_member');
  } finally {
    a.release();
    b.release();
  }
}
