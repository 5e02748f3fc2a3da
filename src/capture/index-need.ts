/**
 * Which indexes the team's tables lack for segmentd, with what each would cost: rows and size of the table, size of the index. For a person who
 * decides on them before any is built. Reads only.
 */
import type { Catalogue, Table } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { isOwnIndex } from './build-index.ts';
import { missingIndexes, type MissingIndex } from './link-index.ts';
import { planSources } from './source.ts';
import { missingTimeIndexes } from './time-index.ts';
import { branchName } from './table-tree.ts';

export interface IndexNeed extends MissingIndex {
  /** `link`: without it every changed row scans a table; `window`: without it contacts enter and leave late. */
  readonly purpose: 'link' | 'window';
  /** Of the table, as Postgres estimates; null when it does not know. */
  readonly rows: number | null;
  readonly tableBytes: number;
  /** Estimated. */
  readonly indexBytes: number | null;
  /** Invalid indexes on the column: what a failed build left, or what is being built now. */
  readonly invalid: readonly InvalidIndex[];
}

export interface InvalidIndex {
  readonly schema: string;
  readonly name: string;
  /** A session is building it now. */
  readonly building: boolean;
  /** segmentd began it, and replaces it. */
  readonly own: boolean;
}

/** Header and pointer of an entry of a btree, and how full its pages are after a build. */
const ENTRY_BYTES = 12;
const FILL = 0.9;

/** Link indexes first, each in the order of the catalogue. */
export async function neededIndexes(database: Queryable, catalogue: Catalogue): Promise<readonly IndexNeed[]> {
  const links = await missingIndexes(database, planSources(catalogue));
  const windows = (await missingTimeIndexes(database)).filter((one) => !links.some((link) => isSame(link, one)));
  const needs = [
    ...links.map((one) => ({ ...one, purpose: 'link' as const })),
    ...windows.map((one) => ({ ...one, purpose: 'window' as const })),
  ];
  const { rows } = await database.query<{
    position: number;
    rows: number | null;
    bytes: number;
    width: number;
    invalid: readonly (Table & { readonly building: boolean })[];
  }>({
    ...statement('index-need'),
    values: [
      needs.map(({ table }) => table.schema),
      needs.map(({ table }) => table.name),
      needs.map(({ column }) => column),
    ],
  });
  const measured = new Map(rows.map((row) => [row.position, row]));
  return needs.map((need, at) => {
    const found = measured.get(at + 1);
    const count = found?.rows === null || found?.rows === undefined ? null : Math.round(found.rows);
    const entry = ENTRY_BYTES + Math.ceil((found?.width ?? 8) / 8) * 8;
    return {
      ...need,
      rows: count,
      tableBytes: found?.bytes ?? 0,
      indexBytes: count === null ? null : Math.round((count * entry) / FILL),
      invalid: (found?.invalid ?? []).map((one) => ({ ...one, own: isOwnIndex(one.name) })),
    };
  });
}

function isSame(a: MissingIndex, b: MissingIndex): boolean {
  return branchName(a.table) === branchName(b.table) && a.column === b.column && a.reading === b.reading;
}
