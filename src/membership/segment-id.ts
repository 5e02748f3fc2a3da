/**
 * The id of a segment by its key, for the readers of this folder.
 */
import { noSegment } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

/** Id of a segment that is not deleted. @throws {Failure} `not-found` */
export async function segmentIdOf(client: Queryable, key: string): Promise<number> {
  return idFrom(client, 'segment-id', key);
}

/** Id of a segment, also of a deleted one (its key is then `KEY.deleted.ID`). @throws {Failure} `not-found` */
export async function pastSegmentIdOf(client: Queryable, key: string): Promise<number> {
  return idFrom(client, 'segment-past', key);
}

async function idFrom(client: Queryable, file: 'segment-id' | 'segment-past', key: string): Promise<number> {
  const { rows } = await client.query<{ id: number }>({ ...statement(file), values: [key] });
  const [row] = rows;
  if (!row) throw noSegment(key);
  return row.id;
}
