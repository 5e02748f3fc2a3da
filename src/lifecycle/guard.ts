/**
 * The guard of edits holds a built version that would move more members than its author may have meant. A caller confirms it:
 * `segment.confirmed_version` is the number up to which versions are confirmed. A held segment follows its live version in every
 * respect; only `state` and `error` differ. The flip that does not happen holds the version, never a caller.
 */
import type { Client, Queryable } from '../postgres/pool.ts';
import { bumpGeneration } from '../followed/registry.ts';
import type { GuardLimits } from './guard-limit.ts';
import { requestRebuilds } from './request-rebuild.ts';
import { cancelBuild, dropParked } from './write-build.ts';
import { markAccepted, markHeld } from './write-segment.ts';
import { markVersionAccepted, markVersionHeld, type VersionId } from './write-version.ts';

/** How many members an edit moves. */
export interface Movement {
  readonly entering: number;
  readonly leaving: number;
  /** Before the edit. */
  readonly members: number;
}

export function exceeds({ entering, leaving, members }: Movement, limits: GuardLimits): boolean {
  const moved = entering + leaving;
  return moved > limits.members && moved * 100 > limits.percent * members;
}

/** "1,200 would enter and 30 leave, of 2,000 members now". */
export function movementText({ entering, leaving, members }: Movement): string {
  const count = (number: number): string => number.toLocaleString('en-US');
  return `${count(entering)} would enter and ${count(leaving)} leave, of ${count(members)} members now`;
}

/**
 * Returns the movement for which the guard holds a built version, or undefined when the version may go live. The flip asks, and
 * holds the row and the slot of the segment.
 * @param moved counts what the flip would write; called only for a version that is not confirmed
 */
export async function guardFlip(
  client: Queryable,
  build: { readonly id: number; readonly version: number },
  limits: GuardLimits,
  moved: () => Promise<Pick<Movement, 'entering' | 'leaving'>>,
): Promise<Movement | undefined> {
  const { rows } = await client.query<{ confirmed: boolean; members: string }>(
    `select coalesce(s.confirmed_version >= $2, false) as confirmed,
       (select coalesce(sum(c.members), 0) from segmentd_internal.member_count c where c.segment_id = s.id) as members
     from segmentd.segment s where s.id = $1`,
    [build.id, build.version],
  );
  const row = rows[0];
  if (!row || row.confirmed) return undefined;
  const movement = { ...(await moved()), members: Number(row.members) };
  return exceeds(movement, limits) ? movement : undefined;
}

/** Takes the place of the flip in its transaction: the build ends, the live version goes on. */
export async function holdVersion(client: Client, build: VersionId, movement: Movement): Promise<void> {
  const error = JSON.stringify({
    code: 'held',
    version: build.version,
    ...movement,
    message: `${movementText(movement)}; it waits to be confirmed.`,
  });
  await client.query(`select set_config('segmentd.worker', 'on', true)`);
  await markVersionHeld(client, build, error);
  const frozen = await markHeld(client, build.id, build.version, error);
  // A live version that was frozen while this one was built has missed changes: it is built again.
  if (frozen) await requestRebuilds(client, [build.id], 'repair');
  await cancelBuild(client, build.id);
  await dropParked(client, build.id);
  await bumpGeneration(client);
}

/** A held version that a caller confirmed. */
export const CONFIRMED = `v.state = 'held' and s.confirmed_version >= v.version`;

/** Accepts held versions that callers confirmed, and returns how many. Part of the transaction that accepts versions. */
export async function acceptConfirmed(client: Client): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `select s.id from segmentd.segment_version v join segmentd.segment s on s.id = v.segment_id and s.version = v.version
     where ${CONFIRMED} order by s.id for no key update of s skip locked`,
  );
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return 0;
  await markVersionAccepted(client, ids);
  await markAccepted(client, ids);
  return ids.length;
}
