/**
 * The catalogue that counts is published in the database (table `catalogue`, the newest row; readers see it through a view). Workers and verbs read it from
 * there; a file is only what `install` publishes. This file reads it and resolves it against the tables as they are now.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from './catalogue.ts';
import { checkConfig } from './check-config.ts';
import type { Config } from './config.ts';
import { resolveCatalogue, type ResolveOptions } from './resolve-catalogue.ts';
import type { Database } from './table-info.ts';

export interface Publication {
  readonly id: number;
  readonly config: Config;
}

/** The newest publication. Undefined when there is none, or where the schema is not made yet. @throws {Failure} `incompatible` when this code cannot read it */
export async function readPublication(database: Database): Promise<Publication | undefined> {
  const { rows: schema } = await database.query<{ there: boolean }>(
    `select pg_catalog.to_regclass('segmentd.catalogue') is not null as there`,
  );
  if (schema[0]?.there !== true) return undefined;
  const { rows } = await database.query<{ id: number; config: unknown }>(
    'select c.id, c.config from segmentd.catalogue c order by c.id desc limit 1',
  );
  const [row] = rows;
  if (!row) return undefined;
  const checked = checkConfig(row.config);
  if ('mistakes' in checked) {
    throw new Failure(
      'incompatible',
      `The published catalogue cannot be read by this segmentd: ${checked.mistakes.join(' ')} Run \`segmentd install\` with a config file.`,
      { data: checked.mistakes },
    );
  }
  return { id: row.id, config: checked.config };
}

/** Number of the newest publication; 0 when there is none. */
export async function newestPublicationId(database: Database): Promise<number> {
  const { rows } = await database.query<{ id: number }>(
    'select coalesce(max(c.id), 0) as id from segmentd_internal.catalogue c',
  );
  return rows[0]?.id ?? 0;
}

/** @throws {Failure} as `resolveCatalogue` */
export async function resolvePublication(
  database: Database,
  { id, config }: Publication,
  options: ResolveOptions = {},
): Promise<Catalogue> {
  return { ...(await resolveCatalogue(database, config, options)), publication: id };
}

export function noPublicationFailure(): Failure {
  return new Failure(
    'failed',
    'No catalogue is published in this database: run `segmentd install` with the config file.',
  );
}
