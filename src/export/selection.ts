/**
 * Which contacts an export lists, as queries over ranges of their keys. Invariant of every selection: the ranges
 * together give each contact once, whatever commits between two ranges. No transaction stays open between two ranges.
 */
import { sql, value, type Fragment } from '../compile/fragment.ts';
import type { KeyRange } from '../membership/stored-difference.ts';
import type { Client } from '../postgres/pool.ts';

export interface Selection {
  /**
   * The query of rows with `contact_id` and the own columns that are named. `client` is in a transaction that sees one
   * snapshot.
   */
  rows(client: Client, range: KeyRange, columns: ReadonlySet<string>): Promise<Fragment>;
  /** FROM and WHERE of a table `m` whose values of `contact_id` cut the work into ranges. */
  readonly keys: Fragment;
  /** About how many rows. */
  readonly size: number;
}

/** ` and column > low and column <= high`, as far as the range has ends. */
export function andInRange(column: Fragment, { low, high }: KeyRange): Fragment {
  const above = low === undefined ? sql`` : sql` and ${column} > ${value(low, 'segmentd.contact_key')}`;
  return high === undefined ? above : sql`${above} and ${column} <= ${value(high, 'segmentd.contact_key')}`;
}
