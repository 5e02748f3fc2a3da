/**
 * Which of the concerned segments this drain may write: their slots are tried in shared mode, never waited for. A build
 * or a request that holds a slot alone keeps the drain out, and so does a table that the team has locked. While the
 * drain holds a slot, no state or version of the segment can change. The registry is read again after the locks; the
 * loop ends when what was listed and what was locked agree.
 *
 * Most segments have no overrides, and their plans do not ask for any. The first override of a segment is found here,
 * by the recheck that came with it: the segment is planned anew before that recheck is taken, and the generation rises
 * with the same commit. The shard of the contact is held until then, so a later evaluation of the contact asks for
 * overrides too. An override whose recheck still waits may be unknown to other drains; so may a change.
 */
import { slotOf, trySlotsShared } from '../postgres/lock.ts';
import { statement } from '../postgres/sql-file.ts';
import type { Registry, RegistryView } from '../followed/registry.ts';
import { blockedSegments } from './busy-table.ts';
import type { Change, Recheck } from './consume.ts';
import type { DrainSession } from './drain-session.ts';
import { groupByContact, segmentsOf, type Group } from './group.ts';

export interface LockedSegments {
  readonly view: RegistryView;
  readonly groups: readonly Group[];
  readonly has: (segmentId: number) => boolean;
  /** Overrides were found that no registry knows yet: the drain is to bump the generation. */
  readonly found: boolean;
}

export async function lockSegments(
  session: DrainSession,
  registry: Registry,
  changes: readonly Change[],
  rechecks: readonly Recheck[],
): Promise<LockedSegments> {
  const tried = new Set<number>();
  const held = new Set<number>();
  // A listing may begin with an old view: the one that counts is read after the consume and after the locks.
  let view = registry.latest ?? (await registry.current(session.client));
  let asked = false;
  let found = false;
  for (;;) {
    const groups = groupByContact(view, changes, rechecks);
    const wanted = new Set([...segmentsOf(groups)].map(slotOf).filter((slot) => !tried.has(slot)));
    for (const slot of wanted) tried.add(slot);
    for (const slot of await trySlotsShared(session.client, [...wanted])) held.add(slot);
    const again = await registry.current(session.client);
    if (again !== view) {
      view = again;
      continue;
    }
    const unasked = asked ? [] : overridden(rechecks).filter((id) => view.segments.get(id)?.live?.overrides === false);
    asked = true;
    if (
      unasked.length > 0 &&
      (await session.client.query({ ...statement('override-segment'), values: [unasked] })).rowCount !== 0
    ) {
      found = true;
      registry.forget();
      view = await registry.current(session.client);
      continue;
    }
    const segments = segmentsOf(groups);
    const blocked = await blockedSegments(session, registry.catalogue, view, segments);
    return {
      view,
      groups,
      has: lockedWithReads(view, segments, (id) => held.has(slotOf(id)) && !blocked.has(id)),
      found,
    };
  }
}

/**
 * A segment waits with the segments that it reads: when one of them is concerned and may not be written, the verdict
 * would be an old one.
 */
function lockedWithReads(
  { reads }: RegistryView,
  asked: ReadonlySet<number>,
  held: (segmentId: number) => boolean,
): (segmentId: number) => boolean {
  const known = new Map<number, boolean>();
  const has = (id: number): boolean => {
    const answer = known.get(id);
    if (answer !== undefined) return answer;
    known.set(id, held(id)); // for a circle of live versions
    const locked = held(id) && (reads.get(id) ?? []).every((read) => !asked.has(read) || has(read));
    known.set(id, locked);
    return locked;
  };
  return has;
}

function overridden(rechecks: readonly Recheck[]): number[] {
  return [...new Set(rechecks.filter(({ reason }) => reason === 'manual').map((row) => row.segment_id))];
}
