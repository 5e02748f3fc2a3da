/**
 * Publications of the team that take in every table. Ours are published with them, and a subscriber that lacks them stops at
 * the first change. So the schema is not made there unasked. Our own updates and deletes pass: each table has a replica identity.
 */
import { Failure } from '../base/error.ts';
import type { Queryable } from './pool.ts';

export async function publicationsOfAll(database: Queryable): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    'select p.pubname as name from pg_catalog.pg_publication p where p.puballtables order by 1',
  );
  return rows.map(({ name }) => name);
}

export function publishedSentence(publications: readonly string[]): string {
  const many = publications.length > 1;
  return `The publication${many ? 's' : ''} ${publications.join(', ')} take${many ? '' : 's'} in every table, those of segmentd too: a subscriber stops at the first change unless it has them.`;
}

export const PUBLISHED_ADVICE =
  'publish your own tables or schemas by name, or create the schema "segmentd" on each subscriber';

/** @throws {Failure} `conflict` when there are any */
export function refusePublished(publications: readonly string[]): void {
  if (publications.length === 0) return;
  throw new Failure(
    'conflict',
    `${publishedSentence(publications)} First ${PUBLISHED_ADVICE}; then run \`segmentd migrate --published\`.`,
  );
}
