/**
 * What every part of the API stands on: the options, a pool opened at first use, and the team's tables as they are now.
 * The parts extend each other in the order in which they need each other; `Segmentd` (index.ts) is the last.
 */
import { Failure } from '../base/error.ts';
import { checkGiven } from '../base/given.ts';
import { silentLog, type Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ConfigInput } from '../catalogue/config.ts';
import { loadConfig } from '../catalogue/load.ts';
import { resolveCatalogue } from '../catalogue/resolve.ts';
import { refuseFilter } from '../condition/check-filter.ts';
import { borrowedPool, onBorrowed } from '../postgres/borrowed.ts';
import { openPool, type Pool, type Queryable } from '../postgres/pool.ts';
import { checkObject } from './check.ts';
import { checkOptions, type CheckedOptions } from './option.ts';

export interface SegmentdOptions {
  /** Either this or `pool`. */
  readonly databaseUrl?: string | undefined;
  /** Stays the caller's: it is not ended by `close`, and its connections are given back with the settings that they had. */
  readonly pool?: Pool;
  /** Most connections of the pool opened for `databaseUrl`; default 6. */
  readonly poolSize?: number;
  /** How its sessions are called in `pg_stat_activity`; default `segmentd api`. */
  readonly applicationName?: string;
  /** Queue of rebuilds on Redis; without it the queue lives in Postgres. Only the worker and `health` use it. */
  readonly redisUrl?: string | undefined;
  /** Path of the config file, or its content. Needed by what reads the team's tables. */
  readonly config?: string | ConfigInput;
  /** In place of `config`. */
  readonly catalogue?: Catalogue;
  readonly log?: Log;
}

export interface WriteOptions {
  /** The caller's transaction: what is written becomes wanted when that commits. Its settings are the same afterwards. */
  readonly client?: Queryable;
}

/** The catalogue without what does not fit the tables, and one sentence for each thing that was left out. */
export interface Fitting {
  readonly catalogue: Catalogue;
  readonly misfits: readonly string[];
}

/** A catalogue is read anew after so long (ms), so that a process that lives long sees the team's new columns. */
const CATALOGUE_AGE = 10_000;

export class Connection {
  protected readonly options: CheckedOptions;
  #pool: Promise<Pool> | undefined;
  #borrowed: Pool | undefined;
  #catalogue: { readonly promise: Promise<Catalogue>; readonly at: number } | undefined;

  constructor(options: SegmentdOptions) {
    this.options = checkOptions(options);
  }

  /** The pool that everything goes through; opened at first use, or the caller's. */
  pool(): Promise<Pool> {
    const { pool, databaseUrl, poolSize = 6, applicationName = 'segmentd api', log = silentLog } = this.options;
    if (pool) return Promise.resolve((this.#borrowed ??= borrowedPool(pool)));
    this.#pool ??= openPool(databaseUrl ?? '', {
      max: poolSize,
      applicationName,
      onError: (err) => log.warn({ err }, 'an idle connection broke'),
    });
    return this.#pool;
  }

  /** The team's tables as they are now. @throws {Failure} `usage` when config and database do not fit */
  catalogue(): Promise<Catalogue> {
    const now = performance.now();
    if (this.#catalogue && now - this.#catalogue.at < CATALOGUE_AGE) return this.#catalogue.promise;
    const promise = (async () => this.resolve(await this.pool()))();
    this.#catalogue = { promise, at: now };
    promise.catch(() => {
      this.#catalogue = undefined;
    });
    return promise;
  }

  /**
   * What fits, as a running worker goes on with it: for what must work while a table is renamed.
   * @throws {Failure} `usage` when contacts, their key, the zones or the base filter do not fit
   */
  protected async fitting(): Promise<Fitting> {
    try {
      return { catalogue: await this.catalogue(), misfits: [] };
    } catch (error) {
      const misfits: unknown = error instanceof Failure ? error.data : undefined;
      // Issues, which are no sentences, are those of the base filter: without it nothing fits.
      if (!Array.isArray(misfits) || !misfits.every((one): one is string => typeof one === 'string')) throw error;
      return { catalogue: await this.resolve(await this.pool(), { tolerant: true }), misfits };
    }
  }

  /** Does `work` with what fits. Refused, it may have asked for what was left out: then that is said too. */
  protected async withFitting<T>(work: (catalogue: Catalogue, pool: Pool) => Promise<T>): Promise<T> {
    const { catalogue, misfits } = await this.fitting();
    try {
      return await work(catalogue, await this.pool());
    } catch (error) {
      if (misfits.length === 0 || !(error instanceof Failure) || !['usage', 'failed'].includes(error.code)) throw error;
      throw new Failure(error.code, `${error.message} The config does not fit the database: ${misfits.join(' ')}`, { cause: error, data: error.data });
    }
  }

  /** Ends the pool, unless it was the caller's. Idempotent. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await (await pool?.catch(() => undefined))?.end();
  }

  /** `close`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What the options say, fitted to the tables. `tolerant`: what does not fit is left out rather than refused; a base filter stays. */
  protected async resolve(pool: Pool, fit: { readonly tolerant?: boolean } = {}): Promise<Catalogue> {
    const { catalogue, config } = this.options;
    if (!catalogue && config === undefined) throw new Failure('usage', 'No config is given; segmentd init writes one.');
    const found = catalogue ?? (await resolveCatalogue(pool, typeof config === 'object' ? config : loadConfig(config ?? ''), fit));
    if (!fit.tolerant) refuseFilter(found);
    return found;
  }

  /** Writes in the caller's transaction, if it gave one: pinned as our own sessions are, and left as it was. */
  protected async writing<T>(options: WriteOptions, work: (database: Queryable) => Promise<T>): Promise<T> {
    const given: unknown = options;
    checkObject(given, 'What is given');
    const { client } = options;
    checkGiven<WriteOptions>({ client }, { client: 'client' }, 'The options');
    return client ? onBorrowed(client, work) : work(await this.pool());
  }
}
