/**
 * The change feed: every membership event once for each named consumer, again after a crash, never skipped. A
 * consumer's cursor is a Postgres snapshot. Events since then are delivered in windows (event-window.ts), and the
 * consumer acknowledges them page by page. Within one contact and segment the order is that of the events; between
 * contacts there is no order.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, Failure, isCutConnection, sqlState } from '../base/error.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { asConsumer, moveCursor, openCursor, type FeedStart } from './feed-cursor.ts';
import { closeWindow, openWindow, readPage, segmentIds, type FeedEvent } from './event-window.ts';

export interface FeedOptions {
  /** Each name has a cursor of its own. */
  readonly consumer: string;
  /** Only events of these segments; other events are passed over for good. */
  readonly segments?: readonly string[];
  /** Where a new consumer begins; default `now`. */
  readonly from?: FeedStart;
  /** Forgets the consumer's cursor and begins as a new consumer does. */
  readonly restart?: boolean;
  /** Called when the consumer is new, with the place where it begins, before its first event. */
  readonly onNew?: (from: FeedStart) => void | Promise<void>;
  /** Waits for more events instead of ending. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
  /** Most events of a page; default 1,000. */
  readonly pageSize?: number;
  /** Milliseconds between two looks with `follow`; default 250. */
  readonly pollInterval?: number;
}

export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /**
   * The first `count` events are dealt with and do not come again. Where the connection breaks meanwhile a consumer that follows goes on,
   * and they come again.
   */
  readonly acknowledge: (count: number) => Promise<void>;
}

const PAGE = 1_000;
const POLL_MS = 250;
/** Milliseconds between two moves of a cursor without events: an idle consumer writes nothing. */
const IDLE_MOVE_MS = 60_000;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;

/** One event after the other. Asking for the next event acknowledges the one before. */
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
 * The same by pages. Events without an acknowledgement come again.
 * @throws {Failure} `conflict` when another process reads as this consumer, or its cursor is lost; `not-found` for a
 * segment
 */
export async function* feedPages(pool: Pool, options: FeedOptions): AsyncGenerator<FeedPage, void, void> {
  const { consumer, follow = false, signal } = options;
  let { restart = false } = options;
  for (let pause = FIRST_BACKOFF_MS; ; pause = Math.min(pause * 2, LONGEST_BACKOFF_MS)) {
    try {
      for await (const page of asConsumer(pool, consumer, (client) => pages(client, { ...options, restart }))) {
        pause = FIRST_BACKOFF_MS;
        restart = false;
        yield page;
      }
      return;
    } catch (error) {
      // The cursor is in Postgres: a consumer that follows goes on from there when the server is back.
      if (!follow || error instanceof Failure || !isConnectionError(error) || signal?.aborted) throw error;
      await delay(pause, undefined, signal ? { signal } : {}).catch(() => {});
      if (signal?.aborted) return;
    }
  }
}

/** Window after window, each page by page. */
async function* pages(client: Client, options: FeedOptions): AsyncGenerator<FeedPage, void, void> {
  const { consumer, follow = false, signal, pollInterval = POLL_MS, pageSize = PAGE } = options;
  const segments = options.segments && (await segmentIds(client, options.segments));
  const from = options.from ?? 'now';
  const opened = await openCursor(client, consumer, from, options.restart ?? false);
  let { cursor } = opened;
  if (opened.isNew) await options.onNew?.(from);
  let movedAt = performance.now();
  for (;;) {
    if (signal?.aborted) return;
    if (cursor.window_snapshot === null) {
      const next = await openWindow(client, cursor);
      const isIdle = next.position === null;
      if (!isIdle || !follow || performance.now() - movedAt > IDLE_MOVE_MS) {
        cursor = await moveCursor(client, consumer, isIdle ? closeWindow(next) : next);
        movedAt = performance.now();
      }
      if (isIdle) {
        if (!follow) return;
        await delay(pollInterval, undefined, signal ? { signal } : {}).catch(() => {});
        continue;
      }
    }
    const events = await readPage(client, cursor, segments, pageSize);
    if (events.length > 0) {
      const window = cursor;
      let acknowledged = cursor;
      yield {
        events,
        acknowledge: async (count) => {
          const last = events[count - 1];
          if (!last) return;
          try {
            acknowledged = await moveCursor(client, consumer, { ...window, position: last.id });
          } catch (error) {
            // The next look finds the connection broken too, and begins anew.
            if (!follow || signal?.aborted || !isConnectionError(error)) throw error;
          }
        },
      };
      cursor = acknowledged;
      // Events of the page that are not acknowledged come again.
      if (cursor.position !== events.at(-1)?.id) continue;
    }
    if (events.length < pageSize) cursor = await moveCursor(client, consumer, closeWindow(cursor));
  }
}

/**
 * Errors of the connection, not of the query: the server's 08, 57P and 53300, and errors of the socket, which have no
 * SQLSTATE.
 */
function isConnectionError(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return /^(08|57P|53300)/.test(state);
  return error instanceof Error && (codeOf(error) !== '' || isCutConnection(error));
}
