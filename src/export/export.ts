/**
 * Exports as callers ask for them: the whole membership of a segment, or what entered and left since the last delta of a
 * name. Reads membership and never writes it.
 */
import { randomBytes } from 'node:crypto';
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { exportDelta, type DeltaOptions } from './delta.ts';
import { tablesOf } from './output-column.ts';
import { checkDestination } from './destination.ts';
import type { Manifest } from './manifest.ts';
import { atOnce, compact, exportRows, inPieces, meet, type Met, type RowOptions } from './rows.ts';
import { membersIn } from './selection.ts';

export interface ExportOptions extends RowOptions, Partial<DeltaOptions> {}

const USUAL: readonly string[] = ['contact_id', 'entered_at'];

/**
 * @throws {Failure} `not-found`; `usage` for a column, format or name; `conflict` before the first build, or while the same
 *   delta is being written; `failed` when the target fails
 */
export async function exportSegment(
  pool: Pool,
  catalogue: Catalogue,
  key: string,
  options: ExportOptions,
): Promise<Manifest> {
  const { delta } = options;
  await checkDestination(options.to);
  if (delta !== undefined) return exportDelta(pool, catalogue, key, { ...options, delta });
  if (options.passing === true || options.restart === true)
    throw new Failure('usage', 'Only a delta can be restarted or name those who passed through.');
  const { columns = USUAL } = options;
  return inPieces(
    options,
    columns.every((name) => USUAL.includes(name)),
  )
    ? whole(pool, catalogue, await meet(pool, key), columns, options)
    : atOnce(pool, tablesOf(catalogue, columns), async (client) =>
        whole(pool, catalogue, await meet(client, key), columns, options, client),
      );
}

function whole(
  pool: Pool,
  catalogue: Catalogue,
  met: Met,
  columns: readonly string[],
  options: RowOptions,
  at?: Client,
): Promise<Manifest> {
  const selection = membersIn(catalogue.contacts.key.type, met.id, met.snapshot, met.members);
  const name = `segment-${met.id}-${compact(met.asOf)}-${randomBytes(4).toString('hex')}`;
  return exportRows(pool, catalogue, { met, selection, name, columns, ...(at ? { at } : {}) }, options);
}
