/** The rules of time of PROTOCOL.md, each taken out by a small change of the code, with the schedule that must notice. */
import type { EditedCode } from '../support/edited-copy.ts';
import type * as scenarios from './time-scenario.ts';

export interface Mutation extends EditedCode {
  readonly scenario: Exclude<keyof typeof scenarios, 'Found'>;
}

const sweep = 'src/sweep/sweep.ts';
const crossing = 'src/compile/edge-crossing.ts';
const drain = 'src/recheck/drain.ts';
const barrier = 'src/rebuild/barrier.ts';
const flip = 'src/rebuild/flip.ts';
const link = 'src/followed/edge-link.ts';

const RAISED = `    const to = await raiseClock(client);
    await options.at?.('raised');
    return sweepUpTo(client, catalogue, edges, to, options);`;
const BEGUN = `    const locked = await lockEdges(client, edges, to);`;

export const mutations: readonly Mutation[] = [
  {
    name: 'the range is open at the end',
    edits: [
      {
        file: crossing,
        find: 'sql`${scalar.value} <= ${high}`',
        replace: 'sql`${scalar.value} < ${high}`',
      },
    ],
    scenario: 'exactly',
  },
  {
    name: 'instants are cut to milliseconds',
    edits: [{ file: drain, find: 'return instant;', replace: 'return new Date(instant).toISOString();' }],
    scenario: 'microsecond',
  },
  {
    name: 'the watermark moves before the queueing, by itself',
    edits: [
      {
        file: sweep,
        find: `    const queued = await queue(`,
        replace: `    await move(client, portions); await client.query('commit'); await client.query('begin');\n    const queued = await queue(`,
      },
    ],
    scenario: 'dies',
  },
  {
    name: 'the clock is read after the rows',
    edits: [
      { file: sweep, find: RAISED, replace: `    return sweepUpTo(client, catalogue, edges, 'infinity', options);` },
      {
        file: sweep,
        find: BEGUN,
        replace: `    await client.query('rollback; begin isolation level repeatable read'); await client.query('select 1'); await pause('locked'); to = (await client.query<{ now: string }>('select segmentd_internal.clock()::text as now')).rows[0]?.now ?? to;\n${BEGUN}`,
      },
    ],
    scenario: 'snapshotBehindClock',
  },
  {
    name: 'the clock is raised in the transaction of the sweep',
    edits: [
      { file: sweep, find: RAISED, replace: `    return sweepUpTo(client, catalogue, edges, 'infinity', options);` },
      { file: sweep, find: BEGUN, replace: `    to = await raiseClock(client); await pause('raised');\n${BEGUN}` },
    ],
    scenario: 'clockBack',
  },
  {
    name: 'the clock is not raised at all',
    edits: [
      {
        file: 'sql/statement/raise-clock.sql',
        find: 'update segmentd_internal.clock c set high = greatest(c.high, segmentd_internal.clock()) returning c.high::text as instant',
        replace: 'select segmentd.instant()::text as instant',
      },
    ],
    scenario: 'clockBack',
  },
  {
    name: 'contacts that are queued already are skipped',
    edits: [
      {
        file: sweep,
        find: 'as crossed`);',
        replace:
          'as crossed where not exists (select from segmentd_internal.change q where q.contact_id = crossed.contact_id)`);',
      },
    ],
    scenario: 'queuedAlready',
  },
  {
    name: 'building segments are skipped',
    edits: [
      { file: sweep, find: `segmentd_internal.is_followed(s.state)) as used`, replace: `s.state = 'live') as used` },
    ],
    scenario: 'buildOpen',
  },
  {
    name: 'links are made at the flip',
    edits: [
      { file: barrier, find: '      await openEdges(client, owed.plan);\n', replace: '' },
      {
        file: flip,
        find: `  await client.query('delete from segmentd_internal.segment_edge where segment_id = $1 and version <> $2'`,
        replace: `  const { openEdges } = await import('../followed/edge-link.ts'); await (await import('../postgres/clock.ts')).raiseClock(client); await openEdges(client, build.plan);\n  await client.query('delete from segmentd_internal.segment_edge where segment_id = $1 and version <> $2'`,
      },
    ],
    scenario: 'crossedBeforeFlip',
  },
  {
    name: `an edge's first watermark is the barrier's own reading of the clock`,
    edits: [
      { file: barrier, find: '    if (owed.plan.edges.length > 0) await raiseClock(client);\n', replace: '' },
      { file: link, find: 'wanted.definition, c.high', replace: 'wanted.definition, segmentd.instant()' },
    ],
    scenario: 'backBehindBarrier',
  },
  {
    name: 'the instant of a build is read before its barrier',
    edits: [
      {
        file: barrier,
        find: '    if (owed.plan.edges.length > 0) await raiseClock(client);\n',
        replace: `    Object.assign(globalThis, { early: (globalThis as unknown as { early?: string }).early ?? (await client.query<{ at: string }>('select segmentd.instant()::text as at')).rows[0]?.at });\n    if (owed.plan.edges.length > 0) await raiseClock(client);\n`,
      },
      {
        file: 'src/rebuild/stage.ts',
        find: 'now: rows[0]?.instant',
        replace: 'now: (globalThis as unknown as { early: string }).early',
      },
    ],
    scenario: 'slotAwaited',
  },
  {
    name: 'a drain lists who uses an edge before it consumes',
    edits: [
      {
        file: 'src/recheck/lock-segments.ts',
        find: 'const again = await registry.current(session.client);',
        replace: 'const again = view;',
      },
      {
        file: drain,
        find: `await pause('locked');`,
        replace: `await registry.current(session.client); await pause('locked');`,
      },
    ],
    scenario: 'linkedMeanwhile',
  },
  {
    name: 'the instant of a drain is read before the last consume',
    edits: [
      {
        file: drain,
        find: `    await pause('locked');`,
        replace: `    const at = await readInstant(session); await pause('locked');`,
      },
      {
        file: drain,
        find: `    const at = await readInstant(session);\n    await pause('timed');`,
        replace: `      await pause('timed');`,
      },
    ],
    scenario: 'instantBehindConsume',
  },
  {
    name: 'edges are locked for update',
    edits: [
      { file: sweep, find: '  for no key update of e skip locked`;', replace: '  for update of e skip locked`;' },
    ],
    scenario: 'barrierDuringSweep',
  },
  {
    name: 'ties are split',
    edits: [
      {
        file: sweep,
        find: 'from ${where.from} where ${all([crosses(',
        replace: 'from (select * from ${where.from} order by 1 limit 5) as c where ${all([crosses(',
      },
    ],
    scenario: 'ties',
  },
  {
    name: 'rows of relations are not followed to their contact',
    edits: [
      {
        file: 'src/temporal/edge.ts',
        find: 'catalogue.relations.get(field.owner);',
        replace: 'catalogue.relations.get(`no ${field.owner}`);',
      },
    ],
    scenario: 'related',
  },
  {
    name: 'the past of a membership has no edge',
    edits: [
      {
        file: 'src/temporal/edge.ts',
        find: 'const { of, window } = pasts[operator];',
        replace: 'const { of, window } = pasts[operator]; if (seconds > 0) return [];',
      },
    ],
    scenario: 'pastTurns',
  },
  {
    name: 'who reads the past of a segment does not hear of its moves',
    edits: [
      {
        file: 'src/condition/shape.ts',
        find: `...single<ConditionOf<'past'>>(),\n    segments: ({ key }) => [key],`,
        replace: `...single<ConditionOf<'past'>>(),`,
      },
    ],
    scenario: 'pastMoves',
  },
  {
    name: 'the pasts of two segments are probed as one',
    edits: [{ file: 'src/compile/edge-probe.ts', find: 'past ?? null, ', replace: '' }],
    scenario: 'pastsApart',
  },
  {
    name: 'a rebuild writes the members that stay anew',
    edits: [
      {
        file: 'src/membership/stored-difference.ts',
        find: '\n    where wanted.contact_id is null or stored.contact_id is null`;',
        replace: '`;',
      },
      { file: 'src/rebuild/staged-difference.ts', find: 'maybeStored: late', replace: 'maybeStored: true' },
      {
        file: 'src/membership/diff.ts',
        find: 'on conflict do nothing\n',
        replace: 'on conflict (segment_id, contact_id) do update set entered_at = excluded.entered_at\n',
      },
    ],
    scenario: 'keptByEdit',
  },
  {
    name: 'a window reaches over the end of the log',
    edits: [
      {
        file: 'src/segment/version-issues.ts',
        find: ', ...logIssues(asked, catalogue, log)',
        replace: ', ...logIssues(asked, catalogue, log).slice(0, 0)',
      },
    ],
    scenario: 'beyondLog',
  },
];

/** Two workers link the same edges: without an order of their locks one of them dies. */
export const unordered: EditedCode = {
  name: 'edges are linked in any order',
  edits: [
    {
      file: link,
      find: 'order by wanted.key on conflict',
      replace: 'order by wanted.key desc on conflict',
    },
  ],
};
