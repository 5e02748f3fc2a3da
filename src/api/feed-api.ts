/** `segmentd.feed`: every event of membership, in order, from the place of a consumer. Nothing is skipped. */
import type { FeedEvent } from '../feed/event-window.ts';
import { feed, feedPages, type FeedOptions, type FeedPage } from '../feed/feed.ts';
import type { Connection } from './connection.ts';
import { FEED } from './input-schema.ts';
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
    yield* feed(await this.#connection.pool(), options);
  }

  /** Yields events by pages; the caller acknowledges each page. @throws {Failure} as `events` */
  async *pages(options: FeedOptions): AsyncGenerator<FeedPage, void, void> {
    checkInput(FEED, options, 'The options of a feed');
    yield* feedPages(await this.#connection.pool(), options);
  }
}
