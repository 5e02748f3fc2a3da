/**
 * The change feed: every membership event once for each named reader, again after a crash, never skipped. A reader's place
 * is a snapshot, and what came since is delivered in windows: from that snapshot to a newer one, in order of the event's
 * number, acknowledged page by page. Numbers alone would skip what commits late; a window is complete when it opens.
 * Within one contact and segment the order is that of the events; between contacts there is none to be had.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, Failure, isCutConnection, noSegment, sqlState } from '../base/error.ts';
import { integer, list, render, sql, value } from '../compile/fragment.ts';
import { lockClass } from '../postgres/advisory-lock.ts';
import { trySessionLock } from '../postgres/session-lock.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { BEGINNING, ageForeignEvents, seenBy, unseenBy } from '../membership/snapshot-cursor.ts';

export interface FeedEvent {
  /** Rises for one contact and segment; a reader that has seen it has seen the event. */
  readonly id: string;
  /** Key of the segment; null when it is gone for good. */
  readonly segment: string | null;
  readonly segmentId: number;
  readonly contactId: string;
  readonly kind: 'entered' | 'left';
  readonly reason: string;
  readonly version: number;
  /** ISO 8601 with microseconds, UTC: the instant of the evaluation. */
  readonly at: string;
}

export interface FeedOptions {
  /** Each name has a place of its own. */
  readonly consumer: string;
  /** Only events of these segments; others are passed over for good. */
  readonly segments?: readonly string[];
  /** Where a new reader begins: with what commits from now on (default), with all that the log holds, or behind an export. */
  readonly from?: 'now' | 'start' | { readonly snapshot: string; readonly asOf: string };
  /** Forgets the reader's place and begins as a new one does. */
  readonly restart?: boolean;
  /** Waits for more instead of ending. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
  /** Most events of a page; default 1,000. */
  readonly pageSize?: number;
  /** Milliseconds between two looks with `follow`; default 250. */
  readonly pollInterval?: number;
}

export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** The first `count` have been dealt with and do not come again. */
  readonly acknowledge: (count: number) => Promise<void>;
}

interface Place {
  readonly snapshot: string;
  readonly as_of: string;
  readonly window_snapshot: string | null;
  readonly window_as_of: string | null;
  readonly position: string | null;
  readonly last_position: string | null;
}

const PAGE = 1_000;
const POLL_MS = 250;
/** Without events a place moves on only so often (ms): an idle reader writes nothing. */
const IDLE_MOVE_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** One event after the other; asking for the next says that the one before was dealt with. */
export async function* feed(pool: Pool, options: FeedOptions): AsyncGenerator<FeedEvent, void, void> {
  for await (const { events, acknowledge } of feedPages(pool, options)) {
    let done = 0;
    try {
      for (const event of events) {
        yield event;
        done += 1;
      }
    } finally {
      if (done > 0) await acknowledge(done);
    }
  }
}

/**
 * The same by pages. What was not acknowledged comes again, to the next reader of that name at the latest.
 * @throws {Failure} `conflict` when the reader reads already, or its place is lost; `not-found` for a segment
 */
export async function* feedPages(pool: Pool, options: FeedOptions): AsyncGenerator<FeedPage, void, void> {
  const { follow = false, signal } = options;
  let { restart = false } = options;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      for await (const page of session(pool, { ...options, restart })) {
        pause = FIRST_PAUSE_MS;
        restart = false;
        yield page;
      }
      return;
    } catch (error) {
      // The place is in Postgres: whoever follows goes on from there when the server is back.
      if (!follow || error instanceof Failure || !isConnection(error) || signal?.aborted) throw error;
      await delay(pause, undefined, signal ? { signal } : {}).catch(() => {});
      if (signal?.aborted) return;
    }
  }
}

/** Of one connection, which holds the lock that keeps a second reader of the name away. */
async function* session(pool: Pool, options: FeedOptions): AsyncGenerator<FeedPage, void, void> {
  const { consumer } = options;
  checkName(consumer);
  const held = await trySessionLock(pool, [
    lockClass.consumer,
    createHash('sha256').update(consumer).digest().readInt32BE(),
  ]);
  if (!held)
    throw new Failure('conflict', `The feed of ${JSON.stringify(consumer)} is being read by somebody else right now.`);
  try {
    yield* windows(held.client, options);
  } finally {
    await held.release();
  }
}

function checkName(consumer: string): void {
  if (consumer === '' || consumer.length > 200 || /\0|\p{Surrogate}/u.test(consumer))
    throw new Failure('usage', 'The name of a reader of the feed is a text of 1 to 200 characters.');
}

async function* windows(client: Client, options: FeedOptions): AsyncGenerator<FeedPage, void, void> {
  const { follow = false, signal, pollInterval = POLL_MS } = options;
  const segments = await segmentIds(client, options.segments);
  let place = await open(client, options);
  let movedAt = performance.now();
  for (;;) {
    if (signal?.aborted) return;
    if (place.window_snapshot === null) {
      const next = await nextWindow(client, place);
      const idle = next.position === null;
      if (!idle || !follow || performance.now() - movedAt > IDLE_MOVE_MS) {
        place = await move(
          client,
          options.consumer,
          idle
            ? {
                ...next,
                snapshot: next.window_snapshot ?? '',
                as_of: next.window_as_of ?? '',
                window_snapshot: null,
                window_as_of: null,
              }
            : next,
        );
        movedAt = performance.now();
      }
      if (idle) {
        if (!follow) return;
        await delay(pollInterval, undefined, signal ? { signal } : {}).catch(() => {});
        continue;
      }
    }
    const size = options.pageSize ?? PAGE;
    const events = await readPage(client, place, segments, size);
    let current = place;
    if (events.length > 0) {
      yield {
        events,
        async acknowledge(count) {
          const last = events[count - 1];
          if (last) current = await move(client, options.consumer, { ...place, position: last.id });
        },
      };
      // Who took the page and did not say so has it again.
      if (current.position !== events.at(-1)?.id) {
        place = current;
        continue;
      }
    }
    place = events.length < size ? await move(client, options.consumer, ended(current)) : current;
  }
}

/** The window was delivered: what it ended with is where the next begins. */
function ended(place: Place): Place {
  return {
    snapshot: place.window_snapshot ?? place.snapshot,
    as_of: place.window_as_of ?? place.as_of,
    window_snapshot: null,
    window_as_of: null,
    position: null,
    last_position: null,
  };
}

async function open(client: Client, { consumer, from = 'now', restart = false }: FeedOptions): Promise<Place> {
  if (restart) await ageForeignEvents(client);
  const start = from === 'start' ? [BEGINNING, null] : from === 'now' ? [null, null] : [from.snapshot, from.asOf];
  const { rows } = await client
    .query<Place & { reached: boolean; ours: boolean }>({
      ...statement('feed-open'),
      values: [consumer, ...start, restart],
    })
    .catch((error: unknown) => {
      // 22P02, 22007: a manifest that was not ours
      throw ['22P02', '22007', '22008'].includes(sqlState(error) ?? '')
        ? new Failure('usage', 'The manifest names no snapshot to begin behind.')
        : error;
    });
  const [row] = rows;
  if (!row) throw new Error('a reader that was just made is there');
  const { reached, ours, ...place } = row;
  const again = 'begin anew with --restart: what was not read is then passed over.';
  if (!ours)
    throw new Failure(
      'conflict',
      `The place of ${JSON.stringify(consumer)} in the feed is of another server, before a dump was restored; ${again}`,
    );
  if (!reached)
    throw new Failure(
      'conflict',
      `The event log no longer reaches back to ${place.as_of}, where ${JSON.stringify(consumer)} ended; ${again}`,
    );
  return place;
}

async function segmentIds(client: Client, keys: readonly string[] | undefined): Promise<readonly number[] | undefined> {
  if (!keys) return undefined;
  const ids: number[] = [];
  for (const key of keys) {
    const { rows } = await client.query<{ id: number }>({ ...statement('segment-id'), values: [key] });
    if (!rows[0]) throw noSegment(key);
    ids.push(rows[0].id);
  }
  return ids;
}

/** What is new now; without a position there is nothing. `+ 0`, or Postgres would look for the least number in all of the log. */
async function nextWindow(client: Client, place: Place): Promise<Place> {
  const { text, bind } = render(sql`select pg_current_snapshot()::text as window_snapshot,
      to_char(segmentd.instant() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as window_as_of,
      (min(e.id + 0) - 1)::text as position, max(e.id + 0)::text as last_position
    from segmentd.membership_event e where ${unseenBy(place.snapshot, sql`e.xid`)}`);
  const { rows } = await client.query<Omit<Place, 'snapshot' | 'as_of'>>(text, bind());
  const [row] = rows;
  if (!row) throw new Error('an aggregate has a row');
  return { ...place, ...row };
}

async function readPage(
  client: Client,
  place: Place,
  segments: readonly number[] | undefined,
  size: number,
): Promise<readonly FeedEvent[]> {
  const { snapshot, window_snapshot, position, last_position } = place;
  const only = segments ? sql` and e.segment_id = any (${list(segments.map(String), 'int')})` : sql``;
  const { text, bind } =
    render(sql`select e.id::text as id, s.key as segment, e.segment_id, e.contact_id::text as contact_id, e.kind, e.reason, e.version,
      to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from segmentd.membership_event e left join segmentd.segment s on s.id = e.segment_id
    where e.id > ${value(position, 'bigint')} and e.id <= ${value(last_position, 'bigint')}
      and ${unseenBy(snapshot, sql`e.xid`)} and ${seenBy(window_snapshot ?? '', sql`e.xid`)}${only}
    order by e.id limit ${integer(size)}`);
  const { rows } = await client.query<{
    id: string;
    segment: string | null;
    segment_id: number;
    contact_id: string;
    kind: FeedEvent['kind'];
    reason: string;
    version: number;
    at: string;
  }>(text, bind());
  return rows.map(({ segment_id, contact_id, ...same }) => ({ ...same, segmentId: segment_id, contactId: contact_id }));
}

async function move(client: Client, name: string, place: Place): Promise<Place> {
  const { snapshot, as_of, window_snapshot, window_as_of, position, last_position } = place;
  await client.query({
    ...statement('feed-move'),
    values: [name, snapshot, as_of, window_snapshot, window_as_of, position, last_position],
  });
  return place;
}

/** The connection, not the question: 08 and 57P are the server's way to say so, without a code it is the socket's. */
function isConnection(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return /^(08|57P|53300)/.test(state);
  return error instanceof Error && (codeOf(error) !== '' || isCutConnection(error));
}
