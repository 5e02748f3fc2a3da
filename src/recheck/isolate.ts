/**
 * After a batch that failed for its content (SQLSTATE 22xxx, 42xxx, 54xxx, 57014): the batch is queued pair by pair, then
 * each segment is tried alone. The one that fails alone is frozen with its SQLSTATE; the others go on and are on time.
 */
import { isPoison, LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import type { Pool } from '../postgres/pool.ts';
import { freezeSegment } from '../segment/freeze.ts';
import { cataloguePrint } from '../segment/fingerprint.ts';
import type { Registry } from '../segment/registry.ts';
import { drain } from './drain.ts';
import type { DrainSession } from './session.ts';

export interface IsolateOptions {
  /** Reads the team's tables again; true when that explained the error (a column went away) and froze what it had to. */
  readonly onDrift: (sqlstate: string) => Promise<boolean>;
}

/** Contacts of the failed batch that are looked at together. Every pair becomes a row, so it is far below a drain's. */
const SUSPECTS = 100;
/** Milliseconds that each segment gets before the others had their turn: one that is slow must not make them late. */
const FIRST_TRY = 1_000;
const RETRY_AFTER_MS = 500;

/** Returns the segments it froze. */
export async function isolate(session: DrainSession, pool: Pool, registry: Registry, options: IsolateOptions): Promise<number[]> {
  const { segments } = await drain(session, registry, { batchSize: SUSPECTS, defer: true });
  const failing: number[] = [];
  for (const segment of segments) {
    if ((await failure(session, registry, segment, { batchSize: SUSPECTS, statementTimeout: FIRST_TRY })) !== undefined) failing.push(segment);
  }
  const frozen: number[] = [];
  // Only slowness depends on how many contacts there are, so each gets all the time that a batch has.
  for (const segment of failing) {
    const code = await failure(session, registry, segment, { batchSize: 1 });
    if (code !== undefined && (await freeze(session, pool, segment, code, cataloguePrint(registry.catalogue), options))) frozen.push(segment);
  }
  return frozen;
}

/** SQLSTATE with which the queued work of a segment fails, if it does. */
async function failure(session: DrainSession, registry: Registry, segment: number, options: { readonly batchSize: number; readonly statementTimeout?: number }): Promise<string | undefined> {
  try {
    for (;;) {
      const { idle, changes, contacts, refused } = await drain(session, registry, { ...options, only: segment });
      if (idle || refused > 0 || (changes === 0 && contacts === 0)) return undefined;
    }
  } catch (error) {
    const code = sqlState(error);
    if (code === undefined || !isPoison(code)) throw error;
    return code;
  }
}

async function freeze(session: DrainSession, pool: Pool, segment: number, code: string, under: string, options: IsolateOptions): Promise<boolean> {
  if (code.startsWith('42') && (await options.onDrift(code))) return false;
  const message = `Postgres refused to evaluate the condition (SQLSTATE ${code}).`;
  try {
    await freezeSegment(pool, segment, { state: 'failed', error: { code: 'failed', sqlstate: code, message } }, 'live', under);
    return true;
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    // A caller's transaction holds its row: its turn comes again.
    session.postpone([segment], RETRY_AFTER_MS);
    return false;
  }
}
