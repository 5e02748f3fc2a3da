/** `segmentd.feed`: every event of membership, in order, from the place of a consumer. Nothing is skipped. */
import type { FeedEvent } from '../feed/event-window.ts';
import type { FeedOptions, FeedPage } from '../feed/feed.ts';
import type { FeedRead } from '../feed/feed-read.ts';
import type { Connection } from './connection.ts';
import { FEED, FEED_READ } from './input-schema.ts';
import { checkInput } from './input.ts';

export class FeedApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Yields event after event. To ask for the next event acknowledges the one before. After a crash the events that were not
   * acknowledged come again.
   * @throws {Failure} `conflict` when the consumer reads already, or its place is lost
   */
  async *events(options: FeedOptions): AsyncGenerator<FeedEvent, void, void> {
    checkInput(FEED, options, 'The options of a feed');
    const { feed } = await import('../feed/feed.ts');
    yield* feed(await this.#connection.pool(), options);
  }

  /** Yields events by pages; the caller acknowledges each page. @throws {Failure} as `events` */
  async *pages(options: FeedOptions): AsyncGenerator<FeedPage, void, void> {
    checkInput(FEED, options, 'The options of a feed');
    const { feedPages } = await import('../feed/feed.ts');
    yield* feedPages(await this.#connection.pool(), options);
  }

  /**
   * Returns one page of events. The same events come again until the next call acknowledges them.
   * ```ts
   * const events = await segmentd.feed.read({ consumer: 'crm' });
   * await segmentd.feed.read({ consumer: 'crm', acknowledge: events.at(-1)?.id });
   * ```
   * @throws {Failure} as `events`
   */
  async read(options: FeedRead): Promise<readonly FeedEvent[]> {
    checkInput(FEED_READ, options, 'The options of feed.read');
    const { readFeed } = await import('../feed/feed-read.ts');
    return readFeed(await this.#connection.pool(), options);
  }
}
