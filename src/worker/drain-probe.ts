/**
 * One look at the outbox and the recheck queue: where work waits, and when it was asked. Owns the statement `probe`. It
 * must not take anything: another worker may take what a look saw.
 */
import { LANES } from '../postgres/lock.ts';
import { statement } from '../postgres/sql-file.ts';
import type { DrainSession } from '../recheck/drain-session.ts';

export interface Probe {
  /** The instant of the look, by the clock of the database. */
  readonly asked_at: string;
  /** The snapshot of the look, as text. */
  readonly snapshot: string;
  /** Lanes with changes or crossings. */
  readonly changed: readonly number[];
  /** Shards with rechecks. */
  readonly queued: readonly number[];
  /** Links wait that are to be resolved. */
  readonly links: boolean;
  /** Something is to be validated, carried out or built. */
  readonly keep: boolean;
}

/** @param postponed segments whose rechecks the look leaves out, because their slots were busy a moment ago */
export async function probeWork(session: DrainSession, postponed: readonly number[]): Promise<Probe> {
  const { xids, contacts } = session.floors(LANES);
  const { rows } = await session.client.query<Probe>({
    ...statement('probe'),
    values: [LANES, xids, contacts, postponed],
  });
  const [probe] = rows;
  if (!probe) throw new Error('the probe returned nothing');
  return probe;
}

export function isIdle(probe: Probe): boolean {
  return !hasBatch(probe) && !probe.links;
}

/** Changes, crossings or rechecks wait. */
export function hasBatch({ changed, queued }: Probe): boolean {
  return changed.length > 0 || queued.length > 0;
}
