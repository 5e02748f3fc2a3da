import { createWorld, type World } from './bench-world.ts';
import { writeEventLog } from './event-log.ts';
import type { Context, Figure, Row } from './figure.ts';
import { countingScan, median, percentile, timed } from './measure.ts';

/** $1 live segments of two leaves each, every tenth of which reads another; members in all shards, sizes of 30 days. */
export const SEGMENTS = `
  with made as (
    insert into segmentd.segment (key, name, condition, tags)
    select 'list_' || n, 'Segment ' || n, case when n % 10 = 0 then jsonb_build_object('in_segment', 'list_' || (n - 1))
        else '{"and":[{"==":[{"var":"country"},"ES"]},{">":[{"var":"score"},40]}]}' end, array['tag' || n % 7]
    from generate_series(1, $1::int) n returning id
  ), counted as (
    insert into segmentd_internal.member_count (segment_id, shard, members, day, entries, exits)
    select m.id, s, 1000 + m.id % 50, (now() at time zone 'UTC')::date, 3, 2 from made m, generate_series(0, 63) s returning 1
  )
  insert into segmentd_internal.size_day (segment_id, day, shard, entries, exits)
  select m.id, (now() at time zone 'UTC')::date - d, -1, 20, 18 from made m, generate_series(1, 30) d`;

export const LIVE = `begin; set local segmentd.worker = 'on';
  update segmentd.segment_version v set state = 'accepted', sentence = 'Country is ES and score is more than 40',
    reads = '{country,score}', reads_segments = segmentd_internal.segments_read(v.condition)
  from segmentd.segment s where s.id = v.segment_id and s.key like 'list%';
  update segmentd.segment set state = 'live', live_version = 1, created_at = now() - interval '60 days' where key like 'list%'; commit`;

const MEMBERS = `insert into segmentd.membership (segment_id, contact_id, entered_at)
  select s.id, c, now() from segmentd.segment s, generate_series(1, $1::int) c where s.key = 'many'`;

type Ask = (world: World, n: number) => Promise<unknown>;

async function rowOf(
  world: World,
  rounds: number,
  measure: string,
  atMost: number,
  ask: Ask,
  beside = '',
): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const ms = await timed(() => ask(world, round));
    if (round > 0) times.push(ms);
  }
  return {
    measure,
    value: median(times),
    unit: 'ms',
    wanted: { atMost },
    beside: `worst ${percentile(times, 1).toFixed(1)} ms${beside}`,
  };
}

export const overview: Figure = {
  title: 'What pages read: the list of segments, members, the past, events, contacts',
  async run(context: Context) {
    const world = await createWorld(
      context,
      context.quick ? { contacts: 10_000, orders: 30_000 } : { contacts: 1_000_000, orders: 3_000_000 },
    );
    const rounds = context.quick ? 5 : 20;
    try {
      const { pool, segmentd } = world;
      const scan = await countingScan(pool);
      const rows: Row[] = [{ measure: 'counting scan of the contacts', value: scan, unit: 'ms' }];
      const many = context.quick ? 100_000 : 10_000_000;
      const events = await writeEventLog(world, context.quick ? 10_000 : 105_264, 30);
      await segmentd.segments.create({ key: 'many', condition: true });
      await pool.query(MEMBERS, [many]);
      await pool.query('vacuum analyze segmentd.membership');
      const key = (n: number): string => String(Math.floor(((n * 7919) % 100) * (many / 100)));
      const past = (n: number): string => `past-${1 + (n % 10)}`;
      const day = (n: number): string => new Date(Date.now() - (2 + (n % 27)) * 86_400_000).toISOString();
      const beside = `, ${many} members`;
      const asked: readonly (readonly [string, number, Ask, string?])[] = [
        ['first page of members', 50, () => segmentd.members.page('many'), beside],
        ['a page of members far down', 50, (_, n) => segmentd.members.page('many', { after: key(n) }), beside],
        [
          'a page of members with an aggregate',
          50,
          (_, n) => segmentd.members.page('many', { after: key(n), columns: ['email', 'orders.count'] }),
          beside,
        ],
        ['a member by key', 50, (_, n) => segmentd.members.page('many', { find: String(1 + n) }), beside],
        ['events of a segment', 50, (_, n) => segmentd.members.events({ segment: past(n) }), `, ${events} events`],
        ['a contact', 50, (_, n) => segmentd.contacts.outline(String(1 + n)), `, ${events} events`],
        ['size at a moment', 50, (_, n) => segmentd.members.moment(past(n), day(n)), `, ${events} events`],
        [
          'new and left since a moment, exact',
          1_000,
          (_, n) => segmentd.members.moment(past(n), day(n), { exact: true }),
          `, ${events} events`,
        ],
        ['first page as of a moment', 300, (_, n) => segmentd.members.pastPage(past(n), day(n)), `, ${events} events`],
        [
          'first page of who has left since',
          300,
          (_, n) => segmentd.members.pastPage(past(n), day(n), { change: 'left' }),
          `, ${events} events`,
        ],
      ];
      for (const [measure, atMost, ask, more] of asked)
        rows.push(await rowOf(world, rounds, measure, atMost, ask, more));
      for (const [count, total, atMost] of [
        [1_000, 1_000, 100],
        [9_000, 10_000, 50],
      ] as const) {
        await pool.query(SEGMENTS.replaceAll('list_', `list${total}_`), [context.quick ? count / 10 : count]);
        await pool.query(LIVE);
        for (const table of [
          'segmentd.segment',
          'segmentd.segment_version',
          'segmentd_internal.member_count',
          'segmentd_internal.size_day',
        ])
          await pool.query(`vacuum analyze ${table}`);
        const of = ` of ${total} segments`;
        rows.push(await rowOf(world, rounds, `a page${of}`, atMost, () => segmentd.segments.outlines()));
        rows.push(
          await rowOf(world, rounds, `those that need a person${of}`, atMost, () =>
            segmentd.segments.outlines({ order: 'needs' }),
          ),
        );
        rows.push(
          await rowOf(world, rounds, `the largest${of}`, atMost, () =>
            segmentd.segments.outlines({ order: 'members' }),
          ),
        );
        rows.push(
          await rowOf(world, rounds, `a search${of}`, atMost, (_, n) =>
            segmentd.segments.outlines({ search: `segment ${n}` }),
          ),
        );
        if (total === 1_000)
          rows.push(
            await rowOf(world, rounds, 'all 1,000 segments at once', atMost, () =>
              segmentd.segments.outlines({ limit: 1_000 }),
            ),
          );
      }
      return rows;
    } finally {
      await world.drop();
    }
  },
};
