/**
 * Detects a hot standby. It shows what it has replayed and writes nothing. It cannot know what its primary has
 * committed, so work that promises to show every committed change needs the primary.
 */
import { Failure } from '../base/error.ts';
import type { Queryable } from './pool.ts';

export async function isStandby(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ standby: boolean }>('select pg_catalog.pg_is_in_recovery() as standby');
  return rows[0]?.standby === true;
}

/** @throws {Failure} `failed` on a standby. @param what begins the sentence: "Waiting", "A worker" */
export async function refuseStandby(client: Queryable, what: string): Promise<void> {
  if (await isStandby(client))
    throw new Failure('failed', `This server is a standby. ${what} needs the primary: point DATABASE_URL at it.`);
}
