/**
 * What a drain puts back instead of evaluating it (rule D5). Work of segments that it may not write goes to the recheck
 * queue. A contact of a segment that is being built is parked as well, with the epoch of the build, because the build
 * may have read the contact before this change. Invariant: consumed work is evaluated under a lock, queued or parked,
 * before the drain commits.
 */
import { appendRechecks, originsOf, type Change, type Pending, type Recheck } from './consume.ts';
import type { LockedSegments } from './lock-segments.ts';
import type { DrainSession } from './drain-session.ts';

/** Milliseconds that the work of a segment waits whose slot was busy. */
const RETRY_AFTER_MS = 50;

/**
 * Returns how many segments may not be written. @param deferred nothing is evaluated on purpose, so no segment has to
 * wait
 */
export async function park(
  session: DrainSession,
  locked: LockedSegments,
  changes: readonly Change[],
  rechecks: readonly Recheck[],
  deferred: boolean,
): Promise<number> {
  const pending: Pending[] = [];
  const refused = new Set<number>();
  // Origins of the changes alone: a recheck that stays in the queue keeps its own. With the oldest origin of all, a
  // `wait` would never end.
  const origins = originsOf(changes);
  const queued = new Set(rechecks.map((row) => `${row.segment_id} ${row.contact_id}`));
  for (const { contacts, reasons } of locked.groups) {
    for (const [segmentId, reason] of reasons) {
      const epoch = locked.view.segments.get(segmentId)?.building?.epoch;
      if (locked.has(segmentId)) {
        if (epoch !== undefined)
          for (const contact of contacts)
            pending.push({ segmentId, contact, reason, epoch, origin: origins.get(contact) ?? null });
        continue;
      }
      refused.add(segmentId);
      for (const contact of contacts) {
        if (!queued.has(`${segmentId} ${contact}`))
          pending.push({ segmentId, contact, reason, epoch: null, origin: origins.get(contact) ?? null });
      }
    }
  }
  if (!deferred) session.postpone(refused, RETRY_AFTER_MS);
  await appendRechecks(session, pending);
  return refused.size;
}
