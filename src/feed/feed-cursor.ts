/**
 * Who reads the change feed, and how far: one row of `segmentd_internal.feed_consumer` for each name. Invariant: while a
 * consumer reads, an advisory lock keeps a second reader of its name away, and only the reader moves the cursor.
 */
import { createHash } from 'node:crypto';
import { Failure, sqlState } from '../base/error.ts';
import { ageForeignEvents, BEGINNING } from '../membership/snapshot-cursor.ts';
import { lockClass } from '../postgres/advisory-lock.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { trySessionLock } from '../postgres/session-lock.ts';
import { statement } from '../postgres/sql-file.ts';

/** Instants are ISO 8601, UTC. */
export interface Cursor {
  /** The consumer has every event that this snapshot sees. */
  readonly snapshot: string;
  readonly as_of: string;
  /** The snapshot at which the open window ends; null between two windows. */
  readonly window_snapshot: string | null;
  readonly window_as_of: string | null;
  /** Of the window: number of the last acknowledged event, and of the last event. */
  readonly position: string | null;
  readonly last_position: string | null;
}

/**
 * Where a new consumer begins: with what commits from now on, with all that the event log holds, or behind an export.
 */
export type FeedStart = 'now' | 'start' | { readonly snapshot: string; readonly asOf: string };

/**
 * Calls `work` with a connection that holds the lock of the consumer.
 * @throws {Failure} `usage` for what cannot be a name; `conflict` while another process reads as this consumer
 */
export async function* asConsumer<T>(
  pool: Pool,
  consumer: string,
  work: (client: Client) => AsyncGenerator<T, void, void>,
): AsyncGenerator<T, void, void> {
  if (consumer === '' || consumer.length > 200 || /\0|\p{Surrogate}/u.test(consumer))
    throw new Failure('usage', 'The name of a reader of the feed is a text of 1 to 200 characters.');
  const held = await trySessionLock(pool, [
    lockClass.consumer,
    createHash('sha256').update(consumer).digest().readInt32BE(),
  ]);
  if (!held)
    throw new Failure('conflict', `Another process is reading the feed of ${JSON.stringify(consumer)} right now.`);
  try {
    yield* work(held.client);
  } finally {
    await held.release();
  }
}

/**
 * The cursor of a consumer, made when it has none; then `isNew`.
 * @throws {Failure} `conflict` when the cursor is lost; `usage` for a start that is no snapshot
 */
export async function openCursor(
  client: Client,
  consumer: string,
  from: FeedStart,
  restart: boolean,
): Promise<{ readonly cursor: Cursor; readonly isNew: boolean }> {
  if (restart) await ageForeignEvents(client);
  const start = from === 'start' ? [BEGINNING, null] : from === 'now' ? [null, null] : [from.snapshot, from.asOf];
  const { rows } = await client
    .query<Cursor & { reached: boolean; ours: boolean; is_new: boolean }>({
      ...statement('feed-open'),
      values: [consumer, ...start, restart],
    })
    .catch((error: unknown) => {
      throw sqlState(error)?.startsWith('22') === true // class 22, data exception
        ? new Failure('usage', 'The manifest names no snapshot to begin behind.')
        : error;
    });
  const [row] = rows;
  if (!row) throw new Error('feed-open returned no row');
  const { reached, ours, is_new: isNew, ...cursor } = row;
  const again = 'begin anew with --restart: unread events are then passed over.';
  if (!ours)
    throw new Failure(
      'conflict',
      `The place of ${JSON.stringify(consumer)} in the feed is of another server, before a dump was restored; ${again}`,
    );
  if (!reached)
    throw new Failure(
      'conflict',
      `The event log no longer reaches back to ${cursor.as_of}, where ${JSON.stringify(consumer)} ended; ${again}`,
    );
  return { cursor, isNew };
}

/** Returns `cursor` when it is stored. */
export async function moveCursor(client: Client, consumer: string, cursor: Cursor): Promise<Cursor> {
  const { snapshot, as_of, window_snapshot, window_as_of, position, last_position } = cursor;
  await client.query({
    ...statement('feed-move'),
    values: [consumer, snapshot, as_of, window_snapshot, window_as_of, position, last_position],
  });
  return cursor;
}
