/** Publishes a config as `install` does, on tables whose capture a test makes itself. */
import type pg from 'pg';
import type { Config } from '../../src/catalogue/config.ts';
import { publishedConfig } from '../../src/catalogue/published-config.ts';

export async function publishConfig(pool: Pick<pg.ClientBase, 'query'>, config: Config): Promise<void> {
  await pool.query('insert into segmentd_internal.catalogue (config) values ($1::jsonb)', [
    JSON.stringify(publishedConfig(config)),
  ]);
  await pool.query('update segmentd_internal.installation set generation = generation + 1');
}
