/** The columns that pages show of contacts: those of the team's choice, else those that the catalogue displays, personal ones masked. */
import { maskText } from '../base/mask.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { isMasked } from '../catalogue/resolve-display.ts';
import type { OutputColumns } from '../export/output-column.ts';
import { columnsOf, printedValues, type Printed } from '../export/printed-row.ts';
import type { Pool } from '../postgres/pool.ts';

/** By the names of the columns; null where a contact has no value. */
export type ShownValues = Readonly<Record<string, string | null>>;

export interface ShownColumns {
  readonly columns: OutputColumns;
  /** Names of the columns whose values are masked. */
  readonly masked: ReadonlySet<string>;
}

export interface ShownOptions {
  /** As in an export: fields, `orders.count`, `orders.sum:total`. Default: what the catalogue displays. */
  readonly columns?: readonly string[];
  /** Shows personal values as they are. */
  readonly reveal?: boolean;
}

const NOTHING: OutputColumns = { list: [], readsContacts: false, joins: [], tables: [] };

/** @throws {Failure} `usage` for a column that does not exist; `permission` when this role may not read it */
export async function shownColumns(
  pool: Pool,
  catalogue: Catalogue,
  { columns: asked, reveal = false }: ShownOptions,
): Promise<ShownColumns> {
  const names = asked ?? displayNames(catalogue);
  const columns = names.length === 0 ? NOTHING : await columnsOf(pool, catalogue, {}, names);
  const masked = columns.list.flatMap(({ name, field }) =>
    !reveal && field && isMasked(catalogue.contacts.display, field) ? [name] : [],
  );
  return { columns, masked: new Set(masked) };
}

export function displayNames(catalogue: Catalogue): readonly string[] {
  return (catalogue.contacts.display ?? []).map(({ field }) => field);
}

export function shownValues({ columns, masked }: ShownColumns, printed: Printed): ShownValues {
  return Object.fromEntries(
    Object.entries(printedValues(columns, printed)).map(([name, value]) => {
      const text = textOf(value);
      return [name, text !== null && masked.has(name) ? maskText(text) : text];
    }),
  );
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((one) => textOf(one) ?? '').join(', ');
  return JSON.stringify(value);
}
