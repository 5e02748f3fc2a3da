/** Makes a format by its name. */
import type { OutputColumn } from '../output-column.ts';
import { csv } from './csv.ts';
import type { Format, FormatName, FormatOptions } from './format.ts';
import { ndjson } from './ndjson.ts';

type Create = (columns: readonly OutputColumn[], options: FormatOptions) => Format | Promise<Format>;

const CREATE = {
  csv,
  ndjson,
  // Only an export that writes Parquet loads the library.
  parquet: async (columns) => (await import('./parquet.ts')).parquet(columns),
} as const satisfies Record<FormatName, Create>;

export async function createFormat(
  name: FormatName,
  columns: readonly OutputColumn[],
  options: FormatOptions = {},
): Promise<Format> {
  const create: Create = CREATE[name];
  return create(columns, options);
}
