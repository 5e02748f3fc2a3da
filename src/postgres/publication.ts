/**
 * Publications of the team for all tables. They include ours, and a subscriber that lacks our tables stops at the first
 * change. So `migrate` refuses to create the schema there unless asked. Our own updates and deletes pass: each table
 * has a replica identity.
 */
import { Failure } from '../base/error.ts';
import type { Queryable } from './pool.ts';

/** Names of the publications for all tables. */
export async function publicationsOfAll(database: Queryable): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    'select p.pubname as name from pg_catalog.pg_publication p where p.puballtables order by 1',
  );
  return rows.map(({ name }) => name);
}

export function publishedSentence(publications: readonly string[]): string {
  const many = publications.length > 1;
  return `The publication${many ? 's' : ''} ${publications.join(', ')} include${many ? '' : 's'} every table, also those of segmentd: a subscriber that lacks them stops at the first change.`;
}

export const PUBLISHED_ADVICE =
  'publish your own tables or schemas by name, or create the schemas "segmentd" and "segmentd_internal" on each subscriber';

/** @throws {Failure} `conflict` when there is such a publication */
export function refusePublished(publications: readonly string[]): void {
  if (publications.length === 0) return;
  throw new Failure(
    'conflict',
    `${publishedSentence(publications)} First ${PUBLISHED_ADVICE}; then run \`segmentd migrate --published\`.`,
  );
}
