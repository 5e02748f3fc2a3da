/**
 * Drains one batch: the heart of segmentd, one transaction, in the order that rule D of src/PROTOCOL.md needs. READ
 * COMMITTED: each statement sees what was committed before it, so the order of the statements below is the order of the
 * snapshots. Nothing here waits for a lock of ours, and membership is written by `writeDifference` alone. A table that
 * the team has locked is waited for only for a moment: the drain rolls back (55P03), and the next one leaves out the
 * segments that read the table.
 */
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { bumpGeneration, type Registry } from '../followed/registry.ts';
import { chooseLanes, chooseRechecks, takeChanges } from './choose-work.ts';
import { consumeRechecks, lockShards } from './consume.ts';
import { batchesOf, reevaluate } from './evaluate.ts';
import { segmentsOf } from './group.ts';
import type { Drained, DrainOptions } from './drain-option.ts';
import { lockSegments, type LockedSegments } from './lock-segments.ts';
import { park } from './park.ts';
import { purgeDeleted } from './purge-deleted.ts';
import type { DrainSession } from './drain-session.ts';

/** Milliseconds that one statement of a drain may take. */
export const STATEMENT_TIMEOUT = 5_000;
/** The session's `lock_timeout` stands: see `prepare`. */
const TIMEOUTS = { statementTimeout: STATEMENT_TIMEOUT, idleTimeout: 30_000 } as const;
const IDLE: Drained = { idle: true, changes: 0, contacts: 0, written: [], refused: 0, segments: [] };

/**
 * @throws {CatalogueBehind} when the segments are ahead of the registry's catalogue; what Postgres throws, with all
 * rolled back
 */
export async function drain(session: DrainSession, registry: Registry, options: DrainOptions): Promise<Drained> {
  const { only, defer = false, statementTimeout = STATEMENT_TIMEOUT, at: pause = async () => {} } = options;
  let committed = () => {};
  const drained = await inTransaction(session.client, { ...TIMEOUTS, statementTimeout }, async () => {
    // D1: the shards, tried and never waited for.
    const lanes = await chooseLanes(session, options);
    const shards = await lockShards(session, lanes);
    if (shards.length === 0) return IDLE;
    await pause('locked');

    // D2: changes, before any segment is listed.
    const consumed = await takeChanges(session, shards, lanes, options);
    committed = consumed.committed;
    const { changes } = consumed;
    const rechecks = await chooseRechecks(session, shards, changes.length, options);
    await pause('consumed');

    // D3 and D4: the slots of the concerned segments, and then the states and versions behind them.
    const open = await lockSegments(session, registry, changes, rechecks);
    const { groups } = open;
    const segments = [...segmentsOf(groups)];
    options.onTaken?.({ contacts: groups.flatMap((group) => group.contacts), segments });
    const locked: LockedSegments = defer ? { ...open, has: () => false } : open;
    await pause('segments-locked');

    // D5 and D6: what may not be written goes back, what may be written is consumed.
    const refused = await park(session, locked, changes, rechecks, defer);
    await consumeRechecks(
      session,
      rechecks.filter((row) => locked.has(row.segment_id)),
    );
    await pause('parked');

    // D7: the instant, after the last consume.
    const at = await readInstant(session);
    await pause('timed');

    // D8: verdicts under the live versions, differences, events, and rechecks of dependents.
    const evaluation = { session, view: locked.view, at, exact: only !== undefined || session.isCareful };
    const written = await reevaluate(evaluation, batchesOf(locked));
    await pause('rechecked');

    // D9: a deleted contact leaves every segment in every state.
    written.push(...(await purgeDeleted({ session, locked, at }, changes, rechecks)));
    if (locked.found) await bumpGeneration(session.client);
    await pause('written');
    const contacts = groups.reduce((sum, group) => sum + group.contacts.length, 0);
    return { idle: false, changes: changes.length, contacts, written, refused, segments };
  });
  committed();
  return drained;
}

async function readInstant(session: DrainSession): Promise<string> {
  const { rows } = await session.client.query<{ instant: string }>({ ...statement('instant') });
  const instant = rows[0]?.instant;
  if (instant === undefined) throw new Error('segmentd.instant() returned nothing');
  return instant;
}
