/**
 * How a build gets at its segment: alone, with the epoch fence. Invariant: what runs here runs while no drain writes
 * the segment, no caller changes its row, and the build is still the newest. The row comes first and is never waited
 * for: a caller holds it as long as its transaction lasts.
 */
import { isOwnTimeout, LOCK_NOT_AVAILABLE, QUERY_CANCELED, sqlState } from '../base/error.ts';
import type { CatalogueSignals } from '../followed/catalogue-signal.ts';
import { CatalogueBehind } from '../followed/catalogue-behind.ts';
import { SHORT_WAIT } from '../postgres/give-way.ts';
import { takeSlot } from '../postgres/lock.ts';
import type { Client } from '../postgres/pool.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import { inTransaction, type TransactionOptions } from '../postgres/transaction.ts';
import { leaseOf } from './build-lease.ts';
import { TooSlow, type Build } from './build.ts';

/** The epoch of a build has been raised: the build was cancelled or taken over. */
export class EpochMoved extends Error {}

export interface SlotOptions {
  /** Absent: a build is given up when the catalogue is behind. */
  readonly signals?: Pick<CatalogueSignals, 'catchUp'>;
  /** Waits between two attempts, milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Milliseconds between two attempts while a caller holds the segment's row, or a drain its slot. */
const PAUSE_MS = 50;

type Limits = TransactionOptions & { readonly statementTimeout: number };

/**
 * Runs `work` in a transaction under the segment's row and its slot, once the epoch was checked. A busy row or slot is
 * tried again, holding nothing, and the lease is renewed meanwhile.
 * @throws {EpochMoved} when the build is no longer ours
 * @throws {TooSlow} when a statement reached its limit
 */
export async function underSlot<T>(
  client: Client,
  build: Build,
  timeouts: Limits,
  { signals, wait }: SlotOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lease = leaseOf(
    [build],
    () => client,
    () => null,
  );
  const attempt = async (): Promise<T> => {
    const started = performance.now();
    try {
      return await inTransaction(client, timeouts, async () => {
        await client.query('select from segmentd.segment s where s.id = $1 for no key update nowait', [build.id]);
        await takeSlot(client, build.id);
        const { rowCount } = await client.query(
          'select from segmentd_internal.build b where b.segment_id = $1 and b.epoch = $2',
          [build.id, build.epoch],
        );
        if (rowCount === 0) throw new EpochMoved();
        // The slot was waited for with nothing of the team's in hand.
        await client.query(SHORT_WAIT);
        return work();
      });
    } catch (error) {
      if (isOwnTimeout(error, performance.now() - started, timeouts.statementTimeout))
        throw new TooSlow('a statement of the flip took too long', { cause: error });
      throw error;
    }
  };
  return retryLocked(attempt, {
    patience: Infinity,
    isRefusal: (error) => isRetried(error) || (error instanceof CatalogueBehind && signals !== undefined),
    async onRefusal(error) {
      if (error instanceof CatalogueBehind) await signals?.catchUp();
      if ((await lease.renew()).length === 0) throw new EpochMoved();
    },
    pause: () => wait(PAUSE_MS),
  });
}

/** A cancel by a person is no reason to give up either. */
function isRetried(error: unknown): boolean {
  const code = sqlState(error);
  return code === LOCK_NOT_AVAILABLE || (code === QUERY_CANCELED && !(error instanceof TooSlow));
}
