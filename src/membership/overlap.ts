/** How many members two segments share now, counted in one snapshot. Only reads. */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { segmentIdOf } from './segment-id.ts';

export interface Overlap {
  readonly first: string;
  readonly second: string;
  readonly firstMembers: number;
  readonly secondMembers: number;
  /** In both. */
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** `both` as a share of the contacts that are in either, 0 to 1; 0 when both segments are empty. */
  readonly similarity: number;
}

/** @throws {Failure} `not-found` */
export async function countOverlap(client: Queryable, first: string, second: string): Promise<Overlap> {
  const ids = [await segmentIdOf(client, first), await segmentIdOf(client, second)];
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
