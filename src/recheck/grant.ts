/**
 * Which of the concerned segments this drain may write: their slots are tried in shared mode, never waited for. A build
 * or a request that holds a slot alone keeps us out, and while we hold it no state or version of the segment can change.
 * The registry is read again after the locks; the loop ends when what was listed and what was locked agree.
 */
import { slotOf, trySlotsShared } from '../postgres/lock.ts';
import type { Registry, Snapshot } from '../segment/registry.ts';
import type { Change, Recheck } from './consume.ts';
import type { DrainSession } from './session.ts';
import { groupWork, segmentsOf, type Group } from './touch.ts';

export interface Granted {
  readonly snapshot: Snapshot;
  readonly groups: readonly Group[];
  readonly has: (segmentId: number) => boolean;
}

export async function grantSegments(
  session: DrainSession,
  registry: Registry,
  changes: readonly Change[],
  rechecks: readonly Recheck[],
): Promise<Granted> {
  const tried = new Set<number>();
  const held = new Set<number>();
  // A listing may begin with an old snapshot: the one that counts is read after the consume and after the locks.
  let snapshot = registry.latest ?? (await registry.current(session.client));
  for (;;) {
    const groups = groupWork(snapshot, changes, rechecks);
    const wanted = new Set([...segmentsOf(groups)].map(slotOf).filter((slot) => !tried.has(slot)));
    for (const slot of wanted) tried.add(slot);
    for (const slot of await trySlotsShared(session.client, [...wanted])) held.add(slot);
    const again = await registry.current(session.client);
    if (again === snapshot) return { snapshot, groups, has: (id) => held.has(slotOf(id)) };
    snapshot = again;
  }
}
