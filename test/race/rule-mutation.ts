/**
 * The rules of PROTOCOL.md, each taken out by a small change of the code, with the schedule that must notice.
 * test/support/edited-copy.test.ts names the edit that no longer fits the code.
 */
import type { naiveCapture } from '../support/world-schema.ts';
import type { Edit, EditedCode } from '../support/edited-copy.ts';
import type * as scenarios from './scenario.ts';

export interface Mutation extends EditedCode {
  readonly scenario: Exclude<keyof typeof scenarios, 'Found'>;
  readonly capture?: keyof typeof naiveCapture;
}

const lock = 'src/postgres/lock.ts';
const drain = 'src/recheck/drain.ts';
const grant = 'src/recheck/lock-segments.ts';
const park = 'src/recheck/park.ts';
const resolve = 'src/recheck/resolve.ts';
const barrier = 'src/rebuild/barrier.ts';
const rebuild = 'src/rebuild/rebuild.ts';
const stage = 'src/rebuild/stage.ts';
const flip = 'src/rebuild/flip.ts';
const underSlot = 'src/rebuild/under-slot.ts';
const owed = 'src/rebuild/owed.ts';
const parked = 'src/rebuild/parked.ts';
const registry = 'src/followed/registry.ts';
const writeBuild = 'src/lifecycle/write-build.ts';
const accept = 'src/lifecycle/accept.ts';
const diff = 'src/membership/diff.ts';

/** A flip is refused too when the registry no longer has its build: without that refusal the rule itself is tried. */
const NO_REFUSAL: Edit = { file: flip, find: '  refuseMoved(before, build);\n', replace: '' };
const NO_CONFIRM: Edit = {
  file: grant,
  find: 'const again = await registry.current(session.client);',
  replace: 'const again = view;',
};

const NO_SHARDS: Edit = {
  file: lock,
  find: ' where pg_try_advisory_xact_lock($1::int, shard)',
  replace: ' where $1::int > 0',
};

export const mutations: readonly Mutation[] = [
  { name: 'shards are not locked', edits: [NO_SHARDS], scenario: 'staleRecheck' },
  {
    name: 'two workers skip what is locked',
    edits: [
      NO_SHARDS,
      {
        file: 'sql/statement/consume-change.sql',
        find: 'row_number() over (order by c.xid, c.contact_id) as rank',
        replace: '1 as rank',
      },
      {
        file: 'sql/statement/consume-change.sql',
        find: '    limit $4',
        replace: '    limit $4 for update of c skip locked',
      },
    ],
    scenario: 'staleWrite',
  },
  {
    name: 'repeatable read',
    edits: [
      {
        file: 'src/postgres/transaction.ts',
        find: 'isolation level read committed',
        replace: 'isolation level repeatable read',
      },
    ],
    scenario: 'flipAfterLock',
  },
  {
    name: 'segments are listed before the outbox is consumed',
    edits: [
      NO_CONFIRM,
      {
        file: drain,
        find: `await pause('locked');`,
        replace: `await registry.current(session.client); await pause('locked');`,
      },
    ],
    scenario: 'buildAfterLock',
  },
  {
    name: 'dependents are read before the slots are granted',
    edits: [
      NO_CONFIRM,
      {
        file: grant,
        find: 'registry.latest ?? (await registry.current(session.client))',
        replace: 'await registry.current(session.client)',
      },
    ],
    scenario: 'readerBuiltBeforeGrant',
  },
  {
    name: 'nothing is parked for a build',
    edits: [{ file: park, find: 'if (epoch !== undefined)\n', replace: 'if (epoch === -1)\n' }],
    scenario: 'changeDuringBuild',
  },
  {
    name: 'changes are routed to live versions only',
    edits: [
      { file: registry, find: '[segment.live, segment.building?.plan].filter', replace: '[segment.live].filter' },
    ],
    scenario: 'changeDuringFirstBuild',
  },
  {
    name: 'work that is refused is not queued',
    edits: [
      {
        file: park,
        find: 'if (!queued.has(`${segmentId} ${contact}`))',
        replace: 'if (queued.has(`${segmentId} ${contact}`))',
      },
    ],
    scenario: 'busySlot',
  },
  {
    name: 'rechecks are consumed whether granted or not',
    edits: [{ file: drain, find: 'rechecks.filter((row) => locked.has(row.segment_id))', replace: 'rechecks' }],
    scenario: 'busySlotQueued',
  },
  {
    name: 'slots of segments are not taken by drains',
    edits: [
      { file: lock, find: ' where pg_try_advisory_xact_lock_shared($1::int, slot)', replace: ' where $1::int > 0' },
    ],
    scenario: 'flipDuringDrain',
  },
  {
    name: 'floors rise before the commit',
    edits: [{ file: drain, find: 'committed = consumed.committed;', replace: 'consumed.committed();' }],
    scenario: 'rolledBack',
  },
  {
    name: 'floors rise above running transactions',
    edits: [
      {
        file: 'sql/statement/consume-change.sql',
        find: 'pg_snapshot_xmin(pg_current_snapshot())',
        replace: 'pg_snapshot_xmax(pg_current_snapshot())',
      },
    ],
    scenario: 'lateCommit',
  },
  {
    name: 'a cut batch raises its floor above running transactions',
    edits: [
      {
        file: 'src/recheck/drain-session.ts',
        find: 'last !== undefined && BigInt(last.xid) < BigInt(xmin)',
        replace: 'last !== undefined',
      },
    ],
    scenario: 'lateCommitCut',
  },
  {
    name: 'deleted contacts are looked for in followed segments only',
    edits: [
      {
        file: drain,
        find: 'written.push(...(await purgeDeleted(',
        replace: 'written.push(...(await (async (..._: unknown[]) => [])(',
      },
    ],
    scenario: 'deletedWhilePaused',
  },
  {
    name: 'readers of a segment get no recheck of the contacts that moved',
    edits: [
      {
        file: diff,
        find: 'on dependent.of_segment = moved.segment_id',
        replace: 'on dependent.of_segment = -moved.segment_id',
      },
    ],
    scenario: 'readerHears',
  },
  {
    name: 'readers of a segment get no recheck of the contacts that a flip moved',
    edits: [{ file: flip, find: 'many ? new Map() : dependents', replace: 'new Map()' }],
    scenario: 'readerOfEdited',
  },
  {
    name: 'after a large flip the segments that read it are not rebuilt',
    edits: [
      { file: flip, find: 'const RECHECK_DEPENDENTS = 10_000;', replace: 'const RECHECK_DEPENDENTS = 0;' },
      { file: flip, find: 'if (many && readers.length > 0)', replace: 'if (readers.length < 0)' },
    ],
    scenario: 'readerOfEdited',
  },
  {
    name: 'events are written for what did not change',
    edits: [
      {
        file: diff,
        find: `'entered', \${label.reason}, \${label.version} from inserted\``,
        replace: `'entered', \${label.reason}, \${label.version} from difference inserted where inserted.wanted\``,
      },
    ],
    scenario: 'enteredDuringBuild',
  },
  {
    name: 'the barrier takes no slot',
    edits: [{ file: barrier, find: 'await takeSlot(client, owed.id);', replace: '' }],
    scenario: 'barrierDuringDrain',
  },
  {
    name: 'the flip takes no slot',
    edits: [{ file: underSlot, find: 'await takeSlot(client, build.id);', replace: '' }],
    scenario: 'flipDuringDrain',
  },
  {
    name: 'the flip does not look at the epoch',
    edits: [
      {
        file: underSlot,
        find: 'if (rowCount === 0) throw new EpochMoved();\n        // The slot',
        replace: '// The slot',
      },
      NO_REFUSAL,
    ],
    scenario: 'twoBuilders',
  },
  {
    name: 'a new build keeps the epoch',
    edits: [{ file: writeBuild, find: 'epoch = b.epoch + 1', replace: 'epoch = b.epoch' }],
    scenario: 'twoBuilders',
  },
  {
    name: 'the flip deletes what is parked',
    edits: [
      {
        file: flip,
        find: 'for (let round = lastRound; (await stageParked(client, build, round, PARKED_IN_FLIP, options)) > 0;) round += 1;',
        replace: `await client.query('delete from segmentd_internal.recheck where segment_id = $1 and epoch is not null', [build.id, lastRound].slice(0, 1));`,
      },
    ],
    scenario: 'changeDuringBuild',
  },
  {
    name: 'the scan outranks what was parked',
    edits: [
      {
        file: 'src/rebuild/staged-difference.ts',
        find: 'order by found.contact_id, found.round desc',
        replace: 'order by found.contact_id, found.round',
      },
    ],
    scenario: 'changeDuringBuild',
  },
  {
    name: 'a parked contact that is deleted gets no row',
    edits: [{ file: parked, find: 'left join verdict on', replace: 'join verdict on' }],
    scenario: 'deletedDuringBuild',
  },
  {
    name: 'requests to rebuild are deleted at the flip',
    edits: [
      {
        file: barrier,
        find: 'await client.query<{ origin: string; as_of: string | null }>(TAKE_REQUESTS, [owed.id, HAPPENED]);',
        replace: '{ rows: [] as { origin: string; as_of: string }[] };',
      },
      {
        file: flip,
        find: '  await bumpGeneration(client);',
        replace: `  await client.query('delete from segmentd_internal.rebuild_request where segment_id = $1', [build.id]);\n  await bumpGeneration(client);`,
      },
    ],
    scenario: 'truncateDuringBuild',
  },
  {
    name: 'the barrier does not bump the generation',
    edits: [{ file: barrier, find: 'await bumpGeneration(client);', replace: '' }, NO_REFUSAL],
    scenario: 'warmWorkerDuringBuild',
  },
  {
    name: 'the flip does not bump the generation',
    edits: [{ file: flip, find: '  await bumpGeneration(client);', replace: '' }],
    scenario: 'warmWorkerAfterFlip',
  },
  {
    name: 'a build does not wait out the drains of what it reads',
    edits: [{ file: rebuild, find: 'await passReferences(client, idOfKey, opened, options.signal);', replace: '' }],
    scenario: 'readerBuiltDuringDrain',
  },
  {
    name: 'a segment is built before those that it reads',
    edits: [
      { file: owed, find: '.every((key) => live.has(key) &&', replace: '.every((key) => live.has(key) || true &&' },
    ],
    scenario: 'readerBeforeItsSegment',
  },
  {
    name: 'a segment is built before its tables are captured',
    edits: [
      {
        file: owed,
        find: 'if (![...sourcesRead(catalogue, plan)].every((key) => captured.has(key))) continue;',
        replace: '',
      },
    ],
    scenario: 'builtBeforeCapture',
  },
  {
    name: 'a worker goes on with a catalogue that does not fit',
    edits: [{ file: registry, find: 'if (behind.length > 0) throw', replace: 'if (behind.length < 0) throw' }],
    scenario: 'oldCatalogue',
  },
  {
    name: 'clearing up spares other segments only',
    edits: [
      {
        file: stage,
        find: 'where mine.segment_id = b.segment_id and mine.epoch = b.epoch)',
        replace: 'where mine.segment_id = b.segment_id)',
      },
    ],
    scenario: 'clearedUnderBuild',
  },
  {
    name: 'a pause does not end the build',
    edits: [{ file: writeBuild, find: 'set epoch = epoch + 1, phase', replace: 'set phase' }, NO_REFUSAL],
    scenario: 'pauseDuringBuild',
  },
  {
    name: 'a resumed segment follows changes before it is built',
    edits: [{ file: registry, find: 'followed && !row.frozen && ', replace: 'followed && ' }],
    scenario: 'resumedBeforeBuild',
  },
  {
    name: 'an invalid edit does not end the first build',
    edits: [
      { file: accept, find: `if (state === 'invalid') await cancelBuild(client, row.id);`, replace: '' },
      NO_REFUSAL,
    ],
    scenario: 'refusedDuringFirstBuild',
  },
  {
    name: 'a truncated source rebuilds live segments only',
    edits: [{ file: resolve, find: '[segment.live, segment.building?.plan].some', replace: '[segment.live].some' }],
    scenario: 'truncateDuringFirstBuild',
  },
  {
    name: 'truncated contacts stay in frozen segments',
    edits: [
      { file: resolve, find: 'if (key !== contactSource(catalogue)) return;', replace: 'if (key !== "") return;' },
    ],
    scenario: 'truncateWhilePaused',
  },
  {
    name: 'the contact of a second hop is looked up in the trigger',
    edits: [],
    capture: 'resolving',
    scenario: 'orderMoves',
  },
  { name: 'only what a segment reads is captured', edits: [], capture: 'watched', scenario: 'writerInFlight' },
  { name: 'the outbox is kept small by an upsert', edits: [], capture: 'coalescing', scenario: 'disjointWriters' },
  { name: 'the outbox stops when it is long', edits: [], capture: 'bounded', scenario: 'longBacklog' },
];
