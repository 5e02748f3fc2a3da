/** A database with odd tables, segmentd's schema and capture on them, and a step that is held against the oracle. */
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { keyTypeOptions } from '../../src/catalogue/key-type.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import type { CaptureKind, Catalogue, KeyType } from '../../src/catalogue/catalogue.ts';
import { install, type InstallOptions, type InstallReport } from '../../src/capture/install.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { validate, picture, takeChanges, type Captured } from './observe.ts';

export interface CaptureWorld {
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly catalogue: Catalogue;
  install(options?: InstallOptions): Promise<InstallReport>;
  /**
   * Runs the statement and throws unless the outbox reports exactly what it changed (or, not `exact`, at least that). Of what it
   * reports exactly, a row that row triggers said several times is returned once.
   */
  step(text: string | (() => Promise<unknown>), options?: { readonly exact?: boolean }): Promise<readonly Captured[]>;
  end(): Promise<void>;
}

/** Every test of capture runs with both kinds of triggers. */
export const KINDS = ['statement', 'row'] as const;

/**
 * `keyType`: of the contacts; given, the schema segmentd is copied from a template instead of made. `capture`: the kind of
 * triggers, wherever it is exact.
 */
export async function createCaptureWorld(
  tables: string,
  config: string,
  keyType?: KeyType,
  capture?: CaptureKind,
): Promise<CaptureWorld> {
  const database = await createDatabase(keyType === undefined ? {} : { template: 'migrated', keyType });
  const pool = await openPool(database.url, { max: 6 });
  await database.pool.query(tables);
  const catalogue = await resolveCatalogue(pool, parseConfig(config, 'config'));
  await migrate(pool, keyTypeOptions(catalogue));
  await install(pool, catalogue, { capture });
  const repeats = capture === 'row';
  return {
    database,
    pool,
    catalogue,
    install: (more = {}) => install(pool, catalogue, { capture, ...more }),
    async step(text, { exact = true } = {}) {
      await takeChanges(pool);
      const before = await picture(pool, catalogue);
      // The team's own session.
      if (typeof text === 'string') await database.pool.query(text);
      else await text();
      const captured = await takeChanges(pool);
      const wrong = await validate(pool, before, await picture(pool, catalogue), captured, { exact, repeats });
      if (wrong.length > 0) throw new Error(`${String(text)}\n${wrong.join('\n')}`);
      return repeats && exact ? distinct(captured) : captured;
    },
    async end() {
      await pool.end();
      await database.drop();
    },
  };
}

function distinct(rows: readonly Captured[]): readonly Captured[] {
  return [...new Map(rows.map((row) => [`${row.key} ${row.link} ${row.mask}`, row])).values()];
}
