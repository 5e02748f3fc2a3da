/**
 * The tables of the sweep tests with many contacts, a clock that is set, and sweeps and drains called one after the other
 * on connections that are kept, as a worker's are.
 */
import type pg from 'pg';
import { install } from '../../src/capture/install.ts';
import { keyTypeOptions } from '../../src/catalogue/key-type.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { probeGroup, probeQuery, type StoredEdge } from '../../src/compile/edge-probe.ts';
import { render, type Statement } from '../../src/compile/fragment.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { drain } from '../../src/recheck/drain.ts';
import { DrainSession } from '../../src/recheck/drain-session.ts';
import { Registry } from '../../src/followed/registry.ts';
import { sweep } from '../../src/sweep/sweep.ts';
import { publishConfig } from '../support/publish.ts';
import { createWorker } from '../../src/worker/worker.ts';
import type { Random } from '../support/random.ts';
import { setClock, TEST_CLOCK } from './clock.ts';
import { CONFIG, TABLES } from './world-table.ts';

const INDEXES = `
  create index on public.contacts (created_at); create index on public.contacts (local_at); create index on public.contacts (renews_on);
  create index on public.contacts (born); create index on public.contacts (segmentd.json_date(attributes #>> array['since']));
  create index on public.contacts (segmentd.json_instant(attributes #>> array['seen'])); create index on public.orders (due_on); create index on public.order_items (sent_at); create index on public.order_items (made_at);`;

export interface Move {
  readonly segment: number;
  readonly contact: string;
  readonly entered: boolean;
  /** Microseconds since 1970, as the event log says. */
  readonly at: number;
}

export interface YearWorld {
  readonly pool: pg.Pool;
  /** Creates segments, live when it returns; their ids. */
  create(
    segments: readonly { readonly key: string; readonly condition: unknown; readonly timezone: string }[],
  ): Promise<ReadonlyMap<string, number>>;
  /** Sets the clock, sweeps and drains until nothing is left. */
  step(at: string): Promise<void>;
  /** Who entered and left since the last call. */
  moved(): Promise<readonly Move[]>;
  /** Closes what it has open; the database stays. */
  end(): Promise<void>;
}

/** `url`: a database without tables, `begin`: what its clock shows. */
export async function createYearWorld(url: string, begin: string, contacts: number, r: Random): Promise<YearWorld> {
  const pool = await openPool(url, { max: 5 });
  await pool.query(TABLES);
  const config = parseConfig(CONFIG, 'segmentd.yaml');
  const catalogue = await resolveCatalogue(pool, config);
  await migrate(pool, keyTypeOptions(catalogue));
  await pool.query(`${TEST_CLOCK} ${INDEXES}`);
  await setClock(pool, begin);
  await fill(pool, contacts, r);
  await install(pool, catalogue);
  await publishConfig(pool, config);
  const [sweeper, drainer] = [await pool.connect(), await pool.connect()];
  await sweeper.query(`select set_config('jit', 'off', false), set_config('synchronous_commit', 'off', false)`);
  const registry = new Registry(catalogue);
  const session = new DrainSession(drainer, catalogue.contacts.key.type);
  await session.prepare();
  await drainer.query(`set synchronous_commit = off`);
  let last = '0';

  let probe: { readonly of: ReadonlyMap<number, StoredEdge['edge']>; readonly statement: Statement } | undefined;
  const crossing = async (edges: ReadonlyMap<number, StoredEdge['edge']>): Promise<readonly number[]> => {
    if (probe?.of !== edges)
      probe = {
        of: edges,
        statement: render(
          probeQuery(
            catalogue,
            [...edges].map(([id, edge]) => ({ id, edge })),
          ),
        ),
      };
    const { text, bind } = probe.statement;
    const { rows } = await sweeper.query<{ crossing: number[] }>({
      name: 'probe',
      text,
      values: bind({ until: null, ahead: 0 }),
    });
    return rows[0]?.crossing ?? [];
  };

  return {
    pool,
    async create(segments) {
      for (const { key, condition, timezone } of segments) {
        await pool.query('insert into segmentd.segment (key, condition, timezone) values ($1, $2, $3)', [
          key,
          JSON.stringify(condition),
          timezone,
        ]);
      }
      const worker = createWorker({ databaseUrl: url, queue: null });
      await worker.once();
      await worker.stop();
      await pool.query('analyze');
      const { rows } = await pool.query<{ key: string; id: number; state: string }>(
        'select key, id, state from segmentd.segment',
      );
      const odd = rows.filter((row) => row.state !== 'live');
      if (odd.length > 0) throw new Error(`not live: ${odd.map((row) => row.key).join(', ')}`);
      last =
        (await pool.query<{ id: string }>('select coalesce(max(id), 0)::text as id from segmentd.membership_event'))
          .rows[0]?.id ?? '0';
      return new Map(rows.map((row) => [row.key, row.id]));
    },
    async step(at) {
      await setClock(pool, at);
      for (;;) {
        const { edges } = await registry.current(sweeper);
        const ids = await crossing(edges.byId);
        if (ids.length === 0) return;
        const groups = new Map<string, StoredEdge[]>();
        for (const id of ids) {
          const edge = edges.byId.get(id);
          if (edge) groups.set(probeGroup(edge), [...(groups.get(probeGroup(edge)) ?? []), { id, edge }]);
        }
        for (const own of groups.values()) {
          const { rebuilds } = await sweep(sweeper, catalogue, own, { batchSize: 4_000 });
          if (rebuilds > 0) throw new Error('more than a day’s sweep should do');
        }
        while (!(await drain(session, registry, { batchSize: 2_000 })).idle);
      }
    },
    async moved() {
      const { rows } = await pool.query<{ id: string; segment: number; contact: string; entered: boolean; at: string }>(
        `select e.id::text as id, e.segment_id as segment, e.contact_id::text as contact, e.kind = 'entered' as entered, (extract(epoch from e.at) * 1000000)::bigint::text as at
         from segmentd.membership_event e where e.id > $1::bigint order by e.id`,
        [last],
      );
      last = rows.at(-1)?.id ?? last;
      return rows.map(({ segment, contact, entered, at }) => ({ segment, contact, entered, at: Number(at) }));
    },
    async end() {
      for (const one of [sweeper, drainer]) one.release(true);
      await pool.end();
    },
  };
}

/**
 * Days from a month before the year to a month after it; births 18 to 22 years earlier. One value in ten is missing. Few
 * times of day, because the clock stops at each of them; two of them a microsecond apart.
 */
async function fill(pool: pg.Pool, contacts: number, r: Random): Promise<void> {
  const day = (years = 0): string =>
    new Date(Date.parse(`${2024 - years}-01-10`) + r.below(430) * 86_400_000).toISOString().slice(0, 10);
  const or = <T>(value: T): T | null => (r.chance(0.1) ? null : value);
  const date = (years = 0): string | null =>
    or(r.chance(0.02) ? r.pick(['2004-02-29', '2000-02-29', 'infinity', '-infinity', '5874897-12-31']) : day(years));
  const instant = (): string => `${day()}T12:00:00${r.pick(['', '.000001'])}Z`;
  const noon = (): string | null => or(r.chance(0.01) ? r.pick(['infinity', '-infinity']) : instant());
  const wall = (): string | null => or(`${day()} 08:00`);
  const people = Array.from({ length: contacts }, (_, id) => [
    id,
    date(19 + r.below(3)),
    noon(),
    wall(),
    date(),
    JSON.stringify({ since: day(), seen: instant() }),
    noon(),
  ]);
  await insert(
    pool,
    'public.contacts (id, born, seen_at, local_at, renews_on, attributes, created_at)',
    ['bigint', 'date', 'timestamptz', 'timestamp', 'date', 'jsonb', 'timestamptz'],
    people,
  );
  const orders = Array.from({ length: contacts }, () => [r.below(contacts), 'paid', r.below(12), noon(), date()]);
  await insert(
    pool,
    'public.orders (contact_id, status, total, placed_at, due_on)',
    ['bigint', 'text', 'numeric', 'timestamptz', 'date'],
    orders,
  );
  const items = Array.from({ length: contacts / 2 }, () => [1 + r.below(contacts), noon(), wall()]);
  await insert(pool, 'public.order_items (order_id, sent_at, made_at)', ['bigint', 'timestamptz', 'timestamp'], items);
}

async function insert(
  pool: pg.Pool,
  into: string,
  types: readonly string[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const columns = types.map((_, index) => rows.map((row) => row[index]));
  await pool.query(
    `insert into ${into} select * from unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})`,
    columns,
  );
}
