/** Asks for full rebuilds on behalf of a caller. The rows in `rebuild_request` are the request. */
import { Failure } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { showSegment } from './read-segment.ts';

/**
 * Asks for a full rebuild. Members that stay keep their rows.
 * @param options.inside `client` is in a transaction that may have written before: a build that is requested already may miss that
 * @returns the keys that will be rebuilt, invalid ones when they fit by then; paused and archived segments rebuild when they return
 * @throws {Failure} `not-found`; `conflict` when the one asked for is paused or archived
 */
export async function askRebuild(
  client: Queryable,
  key: string | 'all',
  options: { readonly inside?: boolean } = {},
): Promise<readonly string[]> {
  const one = key === 'all' ? null : key;
  const { rows } = await client.query<{ key: string }>({
    ...statement('rebuild-ask'),
    values: [one, 'repair', options.inside === true],
  });
  if (one !== null && rows.length === 0) {
    const { wantedState } = await showSegment(client, one);
    throw new Failure('conflict', `${one} is ${wantedState}; it rebuilds when it is resumed.`);
  }
  await client.query(statement('ring'));
  return rows.map((row) => row.key);
}
