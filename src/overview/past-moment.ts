/** How many were in a segment at an instant, how many of them have left since, and how many are new. Reads only. */
import type { Pool } from '../postgres/pool.ts';
import { instantOf, sizeAt } from '../membership/members-as-of.ts';
import { pastSegmentIdOf } from '../membership/segment-id.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';

export interface Moment {
  /** ISO 8601 with microseconds, UTC. */
  readonly at: string;
  /** Members at that instant, exact. */
  readonly members: number;
  /** Members of now that were not in then. */
  readonly newSince: number;
  /** Members of then that are not in now. */
  readonly leftSince: number;
  /** `at-most`: so many moved since that the two numbers are bounds; their difference is exact. */
  readonly basis: 'exact' | 'at-most';
}

export interface MomentOptions {
  /** Counts exactly, however many contacts moved since. */
  readonly exact?: boolean;
}

/** Moves since the instant that are counted contact by contact: some 50 ms. */
const MOST_MOVES = 100_000;
const TIMEOUTS = { lockTimeout: 5_000, statementTimeout: 30_000, idleTimeout: 30_000 } as const;

/**
 * @param time as Postgres reads it, UTC where no zone is given
 * @throws {Failure} `not-found`; `usage` for what is no time, lies ahead, or before the history begins
 */
export async function readMoment(
  pool: Pool,
  key: string,
  time: string,
  { exact = false }: MomentOptions = {},
): Promise<Moment> {
  const id = await pastSegmentIdOf(pool, key);
  const at = await instantOf(pool, time);
  return inTransaction(pool, TIMEOUTS, async (client) => {
    await client.query(
      `set transaction isolation level repeatable read, read only; set local jit = off; set local work_mem = '64MB'`,
    );
    const members = await sizeAt(client, key, at);
    const { rows: moves } = await client.query<{ entries: string; exits: string; members: string; at: string }>({
      ...statement('moment-move'),
      values: [id, at],
    });
    const [move] = moves;
    const [entries, exits, now] = [Number(move?.entries ?? 0), Number(move?.exits ?? 0), Number(move?.members ?? 0)];
    const moment = { at: move?.at ?? at, members };
    if (entries + exits === 0) return { ...moment, newSince: 0, leftSince: 0, basis: 'exact' };
    if (!exact && entries + exits > MOST_MOVES) return { ...moment, ...atMost({ members, now, entries, exits }) };
    const { rows } = await client.query<{ entered: string; left: string }>({
      ...statement('moment-difference'),
      values: [id, at],
    });
    return {
      ...moment,
      newSince: Number(rows[0]?.entered ?? 0),
      leftSince: Number(rows[0]?.left ?? 0),
      basis: 'exact',
    };
  });
}

/** Not more are new than entered since, nor than are in now; and new less left is what the size has grown by. */
function atMost(known: {
  readonly members: number;
  readonly now: number;
  readonly entries: number;
  readonly exits: number;
}): Pick<Moment, 'newSince' | 'leftSince' | 'basis'> {
  const { members, now, entries, exits } = known;
  const grown = now - members;
  const leftSince = Math.min(exits, members, entries - grown);
  return { newSince: leftSince + grown, leftSince, basis: 'at-most' };
}
