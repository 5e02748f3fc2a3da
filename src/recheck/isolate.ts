/**
 * After a batch that failed for its content (SQLSTATE 22xxx, 42xxx, 54xxx, 57014): the batch is queued pair by pair, then
 * each segment is tried alone. The one that fails alone is frozen with its SQLSTATE; the others go on and are on time.
 */
import { isPoison, sqlState } from '../base/error.ts';
import type { Pool } from '../postgres/pool.ts';
import { freezeSegment } from '../segment/freeze.ts';
import type { Registry } from '../segment/registry.ts';
import { drain } from './drain.ts';
import type { DrainSession } from './session.ts';

export interface IsolateOptions {
  /** Reads the team's tables again; true when that explained the error (a column went away) and froze what it had to. */
  readonly onDrift: (sqlstate: string) => Promise<boolean>;
}

/** Contacts of the failed batch that are looked at together. Every pair becomes a row, so it is far below a drain's. */
const SUSPECTS = 100;
const QUERY_CANCELED = '57014';

/** Returns the segments it froze. */
export async function isolate(session: DrainSession, pool: Pool, registry: Registry, options: IsolateOptions): Promise<number[]> {
  const { segments } = await drain(session, registry, { batchSize: SUSPECTS, defer: true });
  const frozen: number[] = [];
  for (const segment of segments) if (!(await passes(session, pool, registry, segment, options))) frozen.push(segment);
  return frozen;
}

async function passes(session: DrainSession, pool: Pool, registry: Registry, segment: number, options: IsolateOptions): Promise<boolean> {
  for (let batchSize = SUSPECTS; ; ) {
    try {
      const { idle, changes, contacts, refused } = await drain(session, registry, { batchSize, only: segment });
      if (idle || refused > 0 || (changes === 0 && contacts === 0)) return true;
    } catch (error) {
      const code = sqlState(error);
      if (code === undefined || !isPoison(code)) throw error;
      // Only slowness depends on how many contacts there are: smaller halves until a single one is too slow.
      if (code === QUERY_CANCELED && batchSize > 1) {
        batchSize = Math.ceil(batchSize / 2);
        continue;
      }
      if (code.startsWith('42') && (await options.onDrift(code))) return false;
      const message = `Postgres refused to evaluate the condition (SQLSTATE ${code}).`;
      await freezeSegment(pool, segment, { state: 'failed', error: { code: 'failed', sqlstate: code, message } }, 'live');
      return false;
    }
  }
}
