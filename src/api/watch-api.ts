/** `segmentd.watch`: what changed since the last look, as hints for an open page. */
import type { Look, WatchCursor } from '../feed/page-watch.ts';
import type { Connection } from './connection.ts';
import { WATCH_CURSOR } from './input-schema.ts';
import { checkInput } from './input.ts';

export class WatchApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Returns which segments changed since the look that gave `cursor`, and how: a hint to read them again. The first look, without a
   * cursor, has no changes. A cursor is good for fifteen minutes.
   * ```ts
   * let look = await segmentd.watch.look();
   * for (;;) { await delay(1_000); look = await segmentd.watch.look(look.cursor); show(look.changes); }
   * ```
   */
  async look(cursor?: WatchCursor): Promise<Look> {
    if (cursor !== undefined) checkInput(WATCH_CURSOR, cursor, 'The cursor of a look');
    const { lookAgain } = await import('../feed/page-watch.ts');
    return lookAgain(await this.#connection.pool(), cursor);
  }
}
