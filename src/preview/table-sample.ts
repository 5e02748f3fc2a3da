/** How rows are chosen at random from a table that is too large to read whole. Pure. */
import { integer, keyword, sql, type Fragment } from '../compile/fragment.ts';
import type { Sampling } from './amount.ts';

export interface TableSample extends Sampling {
  /** After the table and its alias. */
  readonly clause: Fragment;
  /** Part of WHERE. */
  readonly filter: readonly Fragment[];
  /** True when every row is read, so it is no sample. */
  readonly complete: boolean;
}

/** Rows that are looked at one by one, of a table with more than `FEW`. */
const ROWS_SAMPLED = 5_000;
const ROWS_TAKEN_WHOLE = 20_000;
/** Of each page that is read, one row in so many is taken. */
const PAGE_ROWS_PER_SAMPLED_ROW = 40;
/** A page of 8 KiB seldom holds more rows. All rows of a page may be alike. */
const ROWS_PER_PAGE = 100;

const WHOLE_TABLE: TableSample = { chance: 1, spread: 1, clause: sql``, filter: [], complete: true };

const percent = (share: number): Fragment => keyword((100 * share).toFixed(6));

/** Pages chosen at random, of which one row in `rowsPerRow` is to be taken: neighbours may be alike. */
export interface PageSample extends Sampling {
  /** After the table and its alias. */
  readonly clause: Fragment;
  readonly rowsPerRow: number;
}

/**
 * Pages of a large table.
 * @param rows of the table, about
 * @param wanted rows in the sample
 * @param seed chooses the same pages each time
 */
export function pageSample(rows: number, wanted: number, seed?: number): PageSample {
  const chance = Number((wanted / rows).toFixed(8));
  const repeatable = seed === undefined ? sql`` : sql` repeatable (${integer(seed)})`;
  return {
    chance,
    spread: 1 + ROWS_PER_PAGE / PAGE_ROWS_PER_SAMPLED_ROW,
    clause: sql` tablesample system (${percent(Math.min(1, chance * PAGE_ROWS_PER_SAMPLED_ROW))})${repeatable}`,
    rowsPerRow: PAGE_ROWS_PER_SAMPLED_ROW,
  };
}

/**
 * The sample of a table.
 * @param rows of the table, about
 * @param read rows up to which the table is read whole and each row has its own chance; beyond, pages are chosen first
 */
export function tableSample(rows: number, read: number): TableSample {
  if (rows <= ROWS_TAKEN_WHOLE) return WHOLE_TABLE;
  if (rows <= read) {
    const chance = Number((ROWS_SAMPLED / rows).toFixed(8));
    return { chance, spread: 1, clause: sql` tablesample bernoulli (${percent(chance)})`, filter: [], complete: false };
  }
  const { rowsPerRow, ...sample } = pageSample(rows, ROWS_SAMPLED);
  return { ...sample, filter: [sql`random() < ${keyword((1 / rowsPerRow).toFixed(6))}`], complete: false };
}
