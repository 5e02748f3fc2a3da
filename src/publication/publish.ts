/**
 * `install` publishes a config as the catalogue. The order keeps membership exact: first the triggers that the new catalogue needs, then the
 * end of every older transaction, then the publication. Triggers that only the old catalogue needs are dropped last.
 */
import { neededIndexes, type IndexNeed } from '../capture/index-need.ts';
import { install, type InstallOptions, type InstallReport } from '../capture/install.ts';
import { uncapturedTables } from '../capture/source-row.ts';
import type { Table } from '../catalogue/catalogue.ts';
import type { Config } from '../catalogue/config.ts';
import { publishedConfig, withSchemas } from '../catalogue/published-config.ts';
import { readPublication } from '../catalogue/published-catalogue.ts';
import { resolveCatalogue } from '../catalogue/resolve-catalogue.ts';
import { refuseFilters } from '../condition/check/check-filter.ts';
import { refuseRanks } from '../condition/check/check-rank.ts';
import { refuseOtherSchema } from '../postgres/migrate.ts';
import type { Pool } from '../postgres/pool.ts';
import { withSetupLock } from '../postgres/setup-lock.ts';
import { GUARD_LIMITS, type GuardLimits } from '../lifecycle/guard-limit.ts';
import { publishCatalogue } from './concerned.ts';
import {
  previewPublication,
  refuseMovement,
  type PublicationOptions,
  type PublicationPreview,
} from './publication-preview.ts';

export interface PublishOptions extends InstallOptions, PublicationOptions {
  /** Only reports what would change. */
  readonly dryRun?: boolean;
  /** Publishes however many members it moves. */
  readonly yes?: boolean;
  /** More than both is rejected without `yes`; 30 % and 1,000 members by default. */
  readonly guard?: GuardLimits;
}

export interface PublishReport extends InstallReport, PublicationPreview {
  /** Whether it published another catalogue. */
  readonly published: boolean;
  /** With `dryRun`: the indexes that the tables lack for the catalogue, with what each would cost. */
  readonly indexes?: readonly IndexNeed[];
  /** With `dryRun`: the tables that would get capture triggers. */
  readonly captures?: readonly Table[];
}

/** @throws {Failure} `usage` when the config does not fit; `failed` when it moves more members than the guard allows */
export async function publish(pool: Pool, config: Config, options: PublishOptions = {}): Promise<PublishReport> {
  const catalogue = await resolveCatalogue(pool, config);
  refuseFilters(catalogue);
  refuseRanks(catalogue);
  await refuseOtherSchema(pool);
  const publication = await readPublication(pool);
  const before = publication && publishedConfig(publication.config);
  const after = withSchemas(publishedConfig(config), catalogue);
  const preview = await previewPublication(pool, before, after, catalogue, options);
  if (options.dryRun === true)
    return {
      changes: [],
      published: false,
      ...preview,
      indexes: await neededIndexes(pool, catalogue),
      captures: await uncapturedTables(pool, catalogue),
    };
  const differs = before === undefined || preview.differences.length > 0;
  if (options.yes !== true && options.print !== true) refuseMovement(preview, options.guard ?? GUARD_LIMITS);
  const followed =
    differs && publication
      ? await resolveCatalogue(pool, publication.config, { tolerant: true }).catch(() => undefined)
      : undefined;
  const report = await install(pool, catalogue, options, {
    ...(followed ? { followed } : {}),
    publish: async (client) => {
      if (differs) await publishCatalogue(client, after, catalogue);
    },
  });
  return { ...report, ...preview, published: differs && options.print !== true };
}

/** The indexes that the tables lack for a config, with what each would cost. Reads only. @throws {Failure} `usage` */
export async function indexesFor(pool: Pool, config: Config): Promise<readonly IndexNeed[]> {
  const catalogue = await resolveCatalogue(pool, config);
  await refuseOtherSchema(pool);
  return neededIndexes(pool, catalogue);
}

/**
 * For an installation that is older than published catalogues: its triggers are installed, and only a file holds their config. segmentd does
 * not know under what its members were built, so each segment is owed one rebuild. Returns whether it published.
 */
export async function publishInstalled(pool: Pool, config: Config): Promise<boolean> {
  const catalogue = await resolveCatalogue(pool, config, { tolerant: true });
  return withSetupLock(pool, async (client) => {
    const { rows } = await client.query<{ installed: boolean }>(
      'select exists (select from segmentd_internal.source s where s.installed_at is not null) as installed',
    );
    if (rows[0]?.installed !== true || (await readPublication(client)) !== undefined) return false;
    await publishCatalogue(client, withSchemas(publishedConfig(config), catalogue), catalogue);
    return true;
  });
}
