/**
 * What tests and the sample shop set of a worker and a team does not: the public API neither takes nor exports these.
 * It decides nothing by itself.
 */
import type { RebuildQueue } from '../queue/rebuild-queue.ts';
import type { RankContext } from '../rank/compute-rank.ts';
import type { DrainOptions } from '../recheck/drain-option.ts';
import type { RebuildOptions } from '../rebuild/rebuild-option.ts';
import type { SweepOptions } from '../sweep/sweep.ts';

export interface WorkerHooks {
  /** Drain loops, each with a connection, 1 by default. */
  readonly drains?: number;
  /** False: no LISTEN and an unarmed doorbell; the poll alone must do. */
  readonly doorbell?: boolean;
  /** Replaces BullMQ; `null`: builds are driven from Postgres alone. */
  readonly queue?: RebuildQueue | null;
  /** Tests stop the flows at their steps. */
  readonly failpoint?: {
    readonly drain?: DrainOptions['at'];
    readonly rebuild?: RebuildOptions['at'];
    readonly sweep?: SweepOptions['at'];
    readonly rank?: RankContext['at'];
  };
}
