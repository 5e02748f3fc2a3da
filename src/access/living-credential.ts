/** Which of the credentials that are in use still let in: many at once, so that a hundred open pages cost one query. */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { credentialHash } from './credential.ts';

/** @param credentials tokens and values of cookies */
export async function livingCredentials(
  client: Queryable,
  credentials: readonly string[],
): Promise<ReadonlySet<string>> {
  const byHash = new Map(credentials.map((one) => [credentialHash(one), one]));
  const { rows } = await client.query<{ hash: string }>({
    ...statement('credential-living'),
    values: [[...byHash.keys()]],
  });
  return new Set(rows.flatMap(({ hash }) => byHash.get(hash) ?? []));
}
