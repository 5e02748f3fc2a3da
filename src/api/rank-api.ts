/** `segmentd.ranks`: the ranks that the config names, how current they are, and their computation now. */
import type { AskedRank, RankState } from '../rank/rank-state.ts';
import type { WriteOptions } from './call-option.ts';
import type { Connection } from './connection.ts';
import { ASKED_RANKS, CONDITION_SOURCE, UNTIL_RUN, WRITE } from './input-schema.ts';
import { checkInput, optionalText } from './input.ts';
import type { ConditionSource } from './typed-input.ts';

export class RankApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Lists the ranks of the catalogue: as of when their values are, how long the last computation took, when the next one is due. */
  async list(): Promise<readonly RankState[]> {
    const { listRanks } = await import('../rank/rank-state.ts');
    return this.#connection.withFitting((catalogue, pool) => listRanks(pool, catalogue));
  }

  /**
   * Lists the ranks that a segment or a condition reads; empty when it reads none, or does not fit the tables.
   * @throws {Failure} `not-found`
   */
  async readBy(of: ConditionSource): Promise<readonly RankState[]> {
    checkInput(CONDITION_SOURCE, of, 'What reads ranks');
    const [{ ranksReadBy }, { checkCondition }, { showSegment }] = await Promise.all([
      import('../rank/rank-state.ts'),
      import('../condition/check/check-condition.ts'),
      import('../segment/read-segment.ts'),
    ]);
    return this.#connection.withFitting(async (catalogue, pool) => {
      const { condition } = 'key' in of ? await showSegment(pool, of.key) : of;
      const checked = checkCondition(condition, { catalogue });
      return checked.ok ? ranksReadBy(pool, catalogue, checked.condition) : [];
    });
  }

  /**
   * Asks for a computation now; a worker computes. @param name absent: all ranks
   * @returns the calls, for `untilComputed` @throws {Failure} `not-found` when the catalogue has no such rank
   */
  async compute(name?: string, options: WriteOptions = {}): Promise<readonly AskedRank[]> {
    checkInput(optionalText, name, 'The name of a rank');
    checkInput(WRITE, options, 'The options of ranks.compute');
    const { askRanks } = await import('../rank/rank-state.ts');
    return this.#connection.withFitting((catalogue) =>
      this.#connection.writing(options, (database) => askRanks(database, catalogue, name)),
    );
  }

  /**
   * Returns when the calls are answered; rechecks of the contacts whose rank moved may still be queued (`admin.wait`).
   * @throws {Failure} `failed` with the reason of a rank, or after `timeout` (ms, default 10 minutes)
   */
  async untilComputed(
    asked: readonly AskedRank[],
    options: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    checkInput(ASKED_RANKS, asked, 'The calls of ranks.untilComputed');
    checkInput(UNTIL_RUN, options, 'The options of ranks.untilComputed');
    const { untilRanked } = await import('../rank/rank-state.ts');
    await untilRanked(await this.#connection.pool(), asked, options);
  }
}
