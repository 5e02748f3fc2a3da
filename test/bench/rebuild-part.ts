import { conditionOfShare, createBuilder, MILLION, QUICK_MILLION, type Builder } from './builder.ts';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, median, ratio, timed } from './measure.ts';
import { createWorld, type World } from './bench-world.ts';

interface Case {
  readonly measure: string;
  readonly condition: (world: World) => unknown;
  /** The view as a person would write it, from the same condition; absent: as segmentd's own SQL, the fastest we know. */
  readonly view?: (condition: unknown) => string;
  /** Moves about one contact in a hundred of `$1` contacts; `$2` differs from turn to turn. */
  readonly change: readonly string[];
}

const BY_FIELD: readonly string[] = [
  'update public.contacts set points = case when coalesce(points, 0) >= 2000 then 1 else 9000 end where id % 100 = $2::int % 100 and $1::int > 0',
];
const BY_ORDERS: readonly string[] = [
  `update public.orders set status = 'cancelled' where total = 9000000 and status = 'paid' and contact_id % 200 <> $2::int and $1::int > 0`,
  `insert into public.orders (contact_id, status, total, placed_at) select n, 'paid', 9000000, clock_timestamp() from generate_series(1 + $2::int, $1::int, 200) n`,
];

/** Both sides evaluate the condition in full: the more expensive it is, the less the two sides can differ. */
const CASES: readonly Case[] = [
  { measure: 'a field, 10 % members', condition: () => ({ '>=': [{ var: 'points' }, 2_000] }), change: BY_FIELD },
  {
    measure: 'a sum over orders, 10 % members',
    condition: ({ pool }) => conditionOfShare(pool, 0.1),
    change: BY_ORDERS,
  },
  {
    measure: 'a sum over orders, 10 % members, the view written with a subquery',
    condition: ({ pool }) => conditionOfShare(pool, 0.1),
    view: (condition) => {
      const [, least] = (condition as { '>': [unknown, string] })['>'];
      return `select c.id from public.contacts c where (select coalesce(sum(o.total), 0) from public.orders o where o.contact_id = c.id and o.status = 'paid') > ${Number(least)}`;
    },
    change: BY_ORDERS,
  },
  {
    measure: 'a sum over orders, 50 % members',
    condition: ({ pool }) => conditionOfShare(pool, 0.5),
    change: BY_ORDERS,
  },
];

export const rebuildPart: Figure = {
  title: 'Rebuild with 1 % changed / `refresh materialized view concurrently` of the same',
  async run(context: Context) {
    const size = context.quick ? QUICK_MILLION : MILLION;
    const world = await createWorld(context, size);
    const builder = await createBuilder(world);
    const rows: Row[] = [];
    try {
      for (const [n, one] of CASES.entries()) rows.push(await measure(context, world, builder, size.contacts, one, n));
      return rows;
    } finally {
      await builder.close();
      await world.drop();
    }
  },
};

async function measure(
  context: Context,
  world: World,
  builder: Builder,
  contacts: number,
  { measure, condition, change, view: written }: Case,
  n: number,
): Promise<Row> {
  const key = `part-${n}`;
  const view = `public.bench_members_${n}`;
  const asked = await condition(world);
  const client = await world.pool.connect();
  try {
    await client.query('set jit = off');
    await world.segmentd.segments.create({ key, condition: asked });
    await builder.rebuild();
    const { text, bind } = builder.members(asked);
    // A view has no parameters; the values are numbers and a status.
    const values = bind().map(String);
    const filled = text.replaceAll(/\$(\d+)/g, (_, at: string) => `'${values[Number(at) - 1]}'`);
    await client.query(
      `create materialized view ${view} as select matching.contact_id from (${written?.(asked) ?? filled}) as matching(contact_id)`,
    );
    await client.query(`create unique index on ${view} (contact_id)`);
    await client.query(`analyze segmentd.membership; analyze ${view}`);

    // Each side finds as many changed contacts since its own last turn.
    let turn = 0;
    const disturb = async (): Promise<void> => {
      turn += 1;
      for (const statement of change) await client.query(statement, [contacts, turn]);
      await client.query('truncate segmentd_internal.change');
      // The first read after an update cleans up its pages and logs each: that is no part of either side.
      // Postgres would leave so few dead rows in the indexes, for the reader that scans one.
      await client.query('vacuum (index_cleanup on) public.contacts');
      await client.query('vacuum (index_cleanup on) public.orders');
      await client.query('checkpoint');
    };
    const moved: number[] = [];
    const times = await alternate(context.quick ? 2 : 4, {
      refresh: async () => {
        await disturb();
        return timed(() => client.query(`refresh materialized view concurrently ${view}`));
      },
      rebuild: async () => {
        await disturb();
        await world.segmentd.segments.rebuild(key);
        return timed(async () => {
          const [built] = await builder.rebuild();
          moved.push((built?.entered ?? 0) + (built?.left ?? 0));
        });
      },
    });
    const beside = `${median(times.refresh).toFixed(0)} / ${median(times.rebuild).toFixed(0)} ms, ${median(moved)} moved`;
    return { measure, value: ratio(times.refresh, times.rebuild), unit: 'x', wanted: { atLeast: 2 }, beside };
  } finally {
    client.release();
  }
}
