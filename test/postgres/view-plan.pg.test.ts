/**
 * What a query of an analyst reads, on 300,000 events over half a year, for each role. A view that is asked for one
 * segment or one contact reads the events of that one. Sizes read no event at all, or those of a part of one day.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COUNT_LOG } from '../support/count-log.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const SEGMENTS = 100;
const CONTACTS = 1_000;
/** Each contact enters and leaves each segment in turns. */
const MOVES = 3;
/** Of one segment. */
const EVENTS = CONTACTS * MOVES;

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ template: 'migrated' });
  const { query } = database;
  await query(`begin; set local segmentd.worker = 'on';
    insert into segmentd.segment (key, condition, state, live_version, created_at)
      select 's' || i, 'true', 'live', 1, clock_timestamp() - interval '181 days' from generate_series(1, ${SEGMENTS}) i; commit`);
  await query(
    `select segmentd_internal.open_event_months(clock_timestamp() - make_interval(months => m)) from generate_series(0, 7) m`,
  );
  await query(`insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
    select s.id, c, case when step % 2 = 0 then 'entered' else 'left' end, 'contact', 1,
      clock_timestamp() - interval '180 days' + (step * 1000 + (c * 7) % 1000) * interval '1 hour' + s.id * interval '1 second'
    from generate_series(0, ${MOVES - 1}) step, generate_series(1, ${CONTACTS}) c, segmentd.segment s order by step, (c * 7) % 1000, s.id`);
  await query(`insert into segmentd.membership (segment_id, contact_id, entered_at)
    select e.segment_id, e.contact_id, max(e.at) from segmentd.membership_event e group by 1, 2`);
  await query(COUNT_LOG);
  for (const table of [
    'segmentd.segment',
    'segmentd.membership_event',
    'segmentd.membership',
    'segmentd_internal.member_count',
    'segmentd_internal.size_day',
  ])
    await query(`vacuum analyze ${table}`);
});
afterAll(() => database.drop());

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Node[];
}

const nodesOf = (node: Node): readonly Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

interface Reading {
  readonly rows: number;
  /** Rows of the log that were looked at, also in vain. */
  readonly events: number;
  /** Blocks of all tables and indexes. */
  readonly blocks: number;
  /** Months that were read from end to end. */
  readonly scans: readonly string[];
}

async function read(role: string, text: string, settings = ''): Promise<Reading> {
  const client = await database.pool.connect();
  try {
    await client.query(`begin; set local role ${role}; ${settings}`);
    const explain = `explain (analyze, buffers, timing off, summary off, format json) ${text}`;
    // A session that asks for the first time reads Postgres' own catalogue besides.
    await client.query(explain);
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(explain);
    const plan = rows[0]?.['QUERY PLAN'][0].Plan;
    if (!plan) throw new Error('no plan');
    const log = nodesOf(plan).filter((node) => node['Relation Name']?.startsWith('membership_event') === true);
    const looked = (node: Node): number =>
      (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
      node['Actual Loops'];
    return {
      rows: plan['Actual Rows'],
      events: log.reduce((sum, node) => sum + looked(node), 0),
      blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
      scans: log.flatMap((node) =>
        node['Node Type'] === 'Seq Scan' && looked(node) > 0 ? [node['Relation Name'] ?? ''] : [],
      ),
    };
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** The most events and blocks that a query may read, and how many rows it returns at least. */
const QUERIES: readonly (readonly [string, { rows: number; events: number; blocks: number }])[] = [
  [
    `select * from segmentd.membership_period where segment_key = 's7'`,
    { rows: 2 * CONTACTS, events: EVENTS, blocks: 3 * EVENTS },
  ],
  [
    `select * from segmentd.membership_period where contact_id = 77`,
    { rows: 2 * SEGMENTS, events: MOVES * SEGMENTS, blocks: 3 * MOVES * SEGMENTS },
  ],
  [
    `select * from segmentd.membership_period where segment_key = 's7' and contact_id = 77`,
    { rows: 2, events: MOVES * SEGMENTS, blocks: 3 * MOVES * SEGMENTS },
  ],
  [
    `select * from segmentd.member_event where contact_id = 77 order by at desc limit 5`,
    { rows: 5, events: MOVES * SEGMENTS, blocks: 3 * MOVES * SEGMENTS },
  ],
  [
    `select * from segmentd.member_event where segment_key = 's7' and at between now() - interval '121 days' and now() - interval '120 days'`,
    { rows: 20, events: 60, blocks: 200 },
  ],
  [`select * from segmentd.segment_size where segment_key = 's7'`, { rows: 100, events: 0, blocks: 300 }],
  [`select * from segmentd.size_series('s7')`, { rows: 180, events: 0, blocks: 600 }],
  [`select segmentd.size_at('s7', now() - interval '120.5 days')`, { rows: 1, events: 0, blocks: 300 }],
  [`select * from segmentd.segment_status where key = 's7'`, { rows: 1, events: 0, blocks: 100 }],
  [`select * from segmentd.member where segment_key = 's7'`, { rows: CONTACTS, events: 0, blocks: 2 * CONTACTS }],
  [`select * from segmentd.member where contact_id = 77`, { rows: SEGMENTS, events: 0, blocks: 4 * SEGMENTS }],
];

describe.each(['segmentd_reader', 'segmentd_owner'])('%s', (role) => {
  test.each(QUERIES)('%s', async (text, most) => {
    const reading = await read(role, text);
    expect(reading.scans).toEqual([]);
    expect(reading.rows).toBeGreaterThanOrEqual(most.rows);
    expect(reading.events).toBeLessThanOrEqual(most.events);
    expect(reading.blocks).toBeLessThanOrEqual(most.blocks);
  });
});

test.each([
  [`select * from segmentd.membership_period where segment_key = $1`, `'s7'`, EVENTS],
  [`select * from segmentd.membership_period where contact_id = $1`, '77', MOVES * SEGMENTS],
  [`select * from segmentd.member_event where contact_id = $1`, '77', MOVES * SEGMENTS],
  [`select * from segmentd.segment_size where segment_key = $1`, `'s7'`, 0],
])('%s, planned without its value', async (text, value, events) => {
  const reading = await read(
    'segmentd_reader',
    `execute asked (${value})`,
    `set local plan_cache_mode = force_generic_plan; deallocate all; prepare asked as ${text}`,
  );
  expect(reading.scans).toEqual([]);
  expect(reading.rows).toBeGreaterThan(0);
  expect(reading.events).toBeLessThanOrEqual(events);
});

test('the ruler finds a view that reads the whole log', async () => {
  const reading = await read(
    'segmentd_owner',
    `select * from (select s.key, count(*) over (partition by e.segment_id) from segmentd.membership_event e join segmentd.segment s on s.id = e.segment_id) v where v.key = 's7'`,
  );
  expect(reading.events).toBeGreaterThanOrEqual(SEGMENTS * EVENTS);
});
