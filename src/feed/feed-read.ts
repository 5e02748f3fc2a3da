/** One page of the feed for a consumer that asks again and again, such as a program over HTTP: it acknowledges with its next question. */
import type { Pool } from '../postgres/pool.ts';
import type { FeedEvent } from './event-window.ts';
import { feedPages, type FeedOptions } from './feed.ts';

export interface FeedRead extends Pick<FeedOptions, 'consumer' | 'segments' | 'from'> {
  /** Most events; default 100. */
  readonly limit?: number;
  /** Id of the last event that was dealt with: it and those before do not come again. */
  readonly acknowledge?: string;
}

/**
 * Without an acknowledgement the same events come again.
 * @throws {Failure} as `feedPages`
 */
export async function readFeed(
  pool: Pool,
  { limit = 100, acknowledge, ...options }: FeedRead,
): Promise<readonly FeedEvent[]> {
  let unacknowledged = acknowledge;
  for await (const page of feedPages(pool, { ...options, pageSize: limit })) {
    const dealtWith = page.events.findIndex(({ id }) => id === unacknowledged) + 1;
    if (dealtWith === 0) return page.events;
    unacknowledged = undefined;
    await page.acknowledge(dealtWith);
  }
  return [];
}
