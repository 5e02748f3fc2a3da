/**
 * What every part of the API shares: the options, a pool opened at first use, and the published catalogue over the team's tables as
 * they are now. `install` publishes the config; until then the config stands for the catalogue. A part holds a connection and
 * nothing else. The connection knows no part.
 */
import { basename } from 'node:path';
import { Failure } from '../base/error.ts';
import { DEFAULT_SETTINGS } from '../base/option.ts';
import { silentLog, withFields, type Log } from '../base/log.ts';
import { packageVersion } from '../base/version.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../catalogue/config.ts';
import { checkedConfig, configFileExists, loadConfig } from '../catalogue/load-config.ts';
import type { Publication } from '../catalogue/published-catalogue.ts';
import type { ResolveOptions } from '../catalogue/resolve-catalogue.ts';
import type { ReadNote } from '../access/action-log.ts';
import type { NotedReads } from '../access/noted-read.ts';
import { databaseOf } from '../postgres/connect/approach.ts';
import type { KnownSizes } from '../overview/known-size.ts';
import type { Acting } from '../postgres/acting-pool.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { checkOptions, type CheckedOptions } from './api-option.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';
import type { SegmentdOptions, WriteOptions } from './call-option.ts';

/** The catalogue without what does not fit the tables, and one sentence for each entry that is left out. */
export interface Fitting {
  readonly catalogue: Catalogue;
  readonly misfits: readonly string[];
}

/** A catalogue is read anew after so long (ms), so that a process that lives long sees the team's new columns. */
const CATALOGUE_AGE = 10_000;

export class Connection {
  readonly options: CheckedOptions;
  readonly #parent: { readonly connection: Connection; readonly acting: Acting } | undefined;
  #pool: Promise<Pool> | undefined;
  #borrowed: Pool | undefined;
  #catalogue:
    | { readonly promise: Promise<Catalogue>; readonly at: number; readonly publication: number | undefined }
    | undefined;
  #noted: NotedReads | undefined;
  #sizes: KnownSizes | undefined;
  #config: Config | undefined;
  #compared = false;

  /** @param parent whose pool and catalogue it shares, as the person of `acting` */
  constructor(options: SegmentdOptions, parent?: { readonly connection: Connection; readonly acting: Acting }) {
    this.options = parent ? parent.connection.options : checkOptions(options);
    this.#parent = parent;
  }

  /** The same connection for one person. Its `close` ends nothing: the pool is shared. */
  as(acting: Acting): Connection {
    return new Connection(this.options, { connection: this, acting });
  }

  /**
   * Notes what a person reads of a contact, the same once in ten minutes. Without a person nothing is noted: a login of Postgres reads the
   * tables themselves.
   */
  async note(read: ReadNote): Promise<void> {
    if (!this.#parent) return;
    const { connection, acting } = this.#parent;
    const same = [acting.actor, acting.way, acting.role, read];
    const { NotedReads } = await import('../access/noted-read.ts');
    const noted = (connection.#noted ??= new NotedReads());
    if (noted.has(same, performance.now())) return;
    const { noteAction } = await import('../access/action-log.ts');
    await noteAction(await this.pool(), read);
    noted.add(same, performance.now());
  }

  /** The sizes of all segments, kept from call to call and from person to person. */
  async sizes(): Promise<KnownSizes> {
    if (this.#parent) return this.#parent.connection.sizes();
    const { KnownSizes } = await import('../overview/known-size.ts');
    return (this.#sizes ??= new KnownSizes());
  }

  /** The same connection, for the same person, whose statements are cancelled once the signal is raised. */
  cancelledBy(signal: AbortSignal): Connection {
    const { connection, acting } = this.#parent ?? { connection: this, acting: { actor: '' } };
    const both = acting.signal ? AbortSignal.any([acting.signal, signal]) : signal;
    return connection.as({ ...acting, signal: both });
  }

  /** The caller's log, with version and database in each line. */
  #log(): Log {
    const { databaseUrl, log = silentLog } = this.options;
    const database = databaseUrl === undefined ? {} : { database: databaseOf(databaseUrl) };
    return withFields(log, { version: packageVersion(), ...database });
  }

  /** The pool that everything goes through; opened at first use, or the caller's. */
  pool(): Promise<Pool> {
    if (this.#parent) return (this.#pool ??= this.#share(this.#parent));
    return this.options.pool ? this.#borrow(this.options.pool) : (this.#pool ??= this.#open());
  }

  async #share({ connection, acting }: { readonly connection: Connection; readonly acting: Acting }): Promise<Pool> {
    const { actingPool } = await import('../postgres/acting-pool.ts');
    return actingPool(await connection.pool(), acting);
  }

  async #borrow(pool: Pool): Promise<Pool> {
    const { callerPool } = await import('../postgres/caller-connection.ts');
    return (this.#borrowed ??= callerPool(pool));
  }

  async #open(): Promise<Pool> {
    const { databaseUrl = '', signal } = this.options;
    const { poolSize = DEFAULT_SETTINGS.poolSize, applicationName = 'segmentd api' } = this.options;
    const { openPool } = await import('../postgres/pool.ts');
    return openPool(databaseUrl, {
      max: poolSize,
      applicationName,
      ...(signal ? { signal } : {}),
      onError: (err) => this.#log().warn({ err }, 'an idle connection broke'),
    });
  }

  /**
   * The published catalogue over the team's tables as they are now; before the first `install`, that of the config.
   * @throws {Failure} `usage` when catalogue and database do not fit
   */
  async catalogue(): Promise<Catalogue> {
    if (this.#parent) return this.#parent.connection.catalogue();
    const pool = await this.pool();
    const { readPublication } = await import('../catalogue/published-catalogue.ts');
    const publication = await readPublication(pool);
    const now = performance.now();
    const known = this.#catalogue;
    if (known && now - known.at < CATALOGUE_AGE && known.publication === publication?.id) return known.promise;
    const promise = this.#resolve(pool, publication);
    this.#catalogue = { promise, at: now, publication: publication?.id };
    promise.catch(() => {
      this.#catalogue = undefined;
    });
    return promise;
  }

  /**
   * What fits, as a running worker goes on with it: for what must work while a table is renamed.
   * @param options.fresh reads the tables now, however short ago they were read
   * @throws {Failure} `usage` when contacts, their key, the zones or the base filter do not fit
   */
  async fitting(options: { readonly fresh?: boolean } = {}): Promise<Fitting> {
    if (this.#parent) return this.#parent.connection.fitting(options);
    if (options.fresh) this.#catalogue = undefined;
    try {
      return { catalogue: await this.catalogue(), misfits: [] };
    } catch (error) {
      const misfits: unknown = error instanceof Failure ? error.data : undefined;
      // A refused base filter has issues and no such data: without the filter nothing fits.
      if (!Array.isArray(misfits) || !misfits.every((one): one is string => typeof one === 'string')) throw error;
      const { readPublication } = await import('../catalogue/published-catalogue.ts');
      const pool = await this.pool();
      return { catalogue: await this.#resolve(pool, await readPublication(pool), { tolerant: true }), misfits };
    }
  }

  /** Does `work` with what fits. Refused, it may have asked for what was left out: then that is said too. */
  async withFitting<T>(work: (catalogue: Catalogue, pool: Pool) => Promise<T>): Promise<T> {
    const { catalogue, misfits } = await this.fitting();
    try {
      return await work(catalogue, await this.pool());
    } catch (error) {
      if (misfits.length === 0 || !(error instanceof Failure) || !['usage', 'failed'].includes(error.code)) throw error;
      const sentence = `${error.message} The catalogue does not fit the database: ${misfits.join(' ')}`;
      throw error instanceof RefusedCondition
        ? new RefusedCondition(sentence, error.issues, { code: error.code, cause: error })
        : new Failure(error.code, sentence, { cause: error, data: error.data });
    }
  }

  /** Ends the pool, unless it was the caller's. Idempotent. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await (await pool?.catch(() => undefined))?.end();
  }

  /** For what is of no use before `install`. @throws {Failure} `failed` when nothing is published */
  async requirePublication(): Promise<void> {
    const { noPublicationFailure, readPublication } = await import('../catalogue/published-catalogue.ts');
    if ((await readPublication(await this.pool())) === undefined) throw noPublicationFailure();
  }

  /**
   * The config of the options, or else the published one: what `install` and `migrate` work with.
   * @throws {Failure} `usage` when there is neither
   */
  async ownConfig(): Promise<Config> {
    const { config } = this.options;
    if (config === undefined || (typeof config === 'string' && !configFileExists(config))) {
      const { readPublication } = await import('../catalogue/published-catalogue.ts');
      const publication = await readPublication(await this.pool());
      if (publication) return publication.config;
    }
    return this.#read();
  }

  /** Says once what the config of the options, if there is one, says otherwise than the published one. */
  async reportDifference(published: Config): Promise<void> {
    const { config, configName, onConfigDiffers = (sentence: string) => this.#log().warn(sentence) } = this.options;
    if (this.#compared || config === undefined || (typeof config === 'string' && !configFileExists(config))) return;
    this.#compared = true;
    const name = configName ?? (typeof config === 'string' ? basename(config) : 'The config');
    const { configDifferenceSentence } = await import('../catalogue/published-config.ts');
    let sentence: string | undefined;
    try {
      sentence = configDifferenceSentence(name, this.#read(), published);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      sentence = `${error.message} The published catalogue counts.`;
    }
    if (sentence !== undefined) onConfigDiffers(sentence);
  }

  #read(): Config {
    const { config } = this.options;
    if (config === undefined) throw new Failure('usage', 'No config is given; segmentd init writes one.');
    this.#config ??= typeof config === 'string' ? loadConfig(config) : checkedConfig(config, 'The config');
    return this.#config;
  }

  /** `tolerant`: what does not fit is left out rather than refused; a base filter stays. */
  async #resolve(pool: Pool, publication: Publication | undefined, fit: ResolveOptions = {}): Promise<Catalogue> {
    const { resolvePublication } = await import('../catalogue/published-catalogue.ts');
    const { resolveCatalogue } = await import('../catalogue/resolve-catalogue.ts');
    if (publication) await this.reportDifference(publication.config);
    const found = publication
      ? await resolvePublication(pool, publication, fit)
      : await resolveCatalogue(pool, this.#read(), fit);
    if (fit.tolerant) return found;
    const { refuseFilter, relationMisfits } = await import('../condition/check/check-filter.ts');
    refuseFilter(found);
    const misfits = relationMisfits(found);
    if (misfits.length > 0) throw new Failure('usage', misfits.join(' '), { data: misfits });
    return found;
  }

  /** Writes in the caller's transaction, if it gave one: pinned as our own sessions are, and left as it was. */
  async writing<T>(options: WriteOptions, work: (database: Queryable) => Promise<T>): Promise<T> {
    const { client } = options;
    if (!client) return work(await this.pool());
    const { onCallerConnection } = await import('../postgres/caller-connection.ts');
    return onCallerConnection(client, work);
  }
}
