/** Which ranks wait for a computation: asked for, due by their interval, or defined anew. Reads only. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface DueRank {
  readonly name: string;
  /** How long it has been due. */
  readonly seconds: number;
}

/** The longest due first; among them those that the catalogue no longer has, whose values are to be removed. */
export async function dueRanks(database: Queryable, { ranks }: Catalogue): Promise<readonly DueRank[]> {
  const { rows } = await database.query<DueRank>({ ...statement('rank-due'), values: [[...(ranks?.keys() ?? [])]] });
  return rows.map(({ name, seconds }) => ({ name, seconds }));
}
