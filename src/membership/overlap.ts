/** How far two segments have the same members, now, in one snapshot. */
import { noSegment } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface Overlap {
  readonly first: string;
  readonly second: string;
  readonly firstMembers: number;
  readonly secondMembers: number;
  /** In both. */
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Of those who are in either, the share that is in both, 0 to 1; 0 when both are empty. */
  readonly similarity: number;
}

/** @throws {Failure} `not-found` */
export async function countOverlap(client: Queryable, first: string, second: string): Promise<Overlap> {
  const ids = [await idOf(client, first), await idOf(client, second)];
  const { rows } = await client.query<{ first: string; second: string; both: string }>({
    ...statement('segment-overlap'),
    values: ids,
  });
  const [firstMembers, secondMembers, both] = [
    Number(rows[0]?.first ?? 0),
    Number(rows[0]?.second ?? 0),
    Number(rows[0]?.both ?? 0),
  ];
  const either = firstMembers + secondMembers - both;
  return {
    first,
    second,
    firstMembers,
    secondMembers,
    both,
    onlyFirst: firstMembers - both,
    onlySecond: secondMembers - both,
    similarity: either === 0 ? 0 : both / either,
  };
}

async function idOf(client: Queryable, key: string): Promise<number> {
  const { rows } = await client.query<{ id: number }>({ ...statement('segment-id'), values: [key] });
  if (!rows[0]) throw noSegment(key);
  return rows[0].id;
}
