/**
 * The API as one object: its parts, all over one connection. Only this file knows all parts, and
 * no part inherits from another.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Tables } from '../condition/typed.ts';
import type { Acting } from '../postgres/acting-pool.ts';
import type { Pool } from '../postgres/pool.ts';
import type { WorkerOptions } from '../worker/worker-setting.ts';
import type { Worker } from '../worker/worker.ts';
import { AccessApi } from './access-api.ts';
import { AdminApi } from './admin-api.ts';
import { Connection } from './connection.ts';
import { ContactApi } from './contact-api.ts';
import { DefinitionApi } from './definition-api.ts';
import { ExportApi } from './export-api.ts';
import { FeedApi } from './feed-api.ts';
import { OWN_WORKER } from './input-schema.ts';
import { checkInput } from './input.ts';
import { MemberApi } from './member-api.ts';
import { OverrideApi } from './override-api.ts';
import { RankApi } from './rank-api.ts';
import { ScheduleApi } from './schedule-api.ts';
import { SegmentApi } from './segment-api.ts';
import { WatchApi } from './watch-api.ts';
import { createWorker } from './create-worker.ts';
import type { SegmentdOptions } from './call-option.ts';

/**
 * segmentd on one database. It opens its connections at first use; `close` or `await using` ends them.
 * @typeParam T the team's row types, over which conditions are typed; without it a condition is `unknown`
 */
export class Segmentd<T extends Tables | undefined = undefined> {
  readonly segments: SegmentApi<T>;
  readonly overrides: OverrideApi;
  readonly members: MemberApi;
  readonly contacts: ContactApi;
  readonly exports: ExportApi;
  readonly schedules: ScheduleApi;
  readonly ranks: RankApi;
  readonly feed: FeedApi;
  readonly definitions: DefinitionApi;
  readonly admin: AdminApi;
  readonly access: AccessApi;
  readonly watch: WatchApi;
  readonly #connection: Connection;

  /** @throws {Failure} `usage` */
  constructor(options: SegmentdOptions | Connection) {
    const connection = options instanceof Connection ? options : new Connection(options);
    this.#connection = connection;
    this.segments = new SegmentApi<T>(connection);
    this.overrides = new OverrideApi(connection);
    this.members = new MemberApi(connection);
    this.contacts = new ContactApi(connection);
    this.exports = new ExportApi(connection);
    this.schedules = new ScheduleApi(connection);
    this.ranks = new RankApi(connection);
    this.feed = new FeedApi(connection);
    this.definitions = new DefinitionApi(connection);
    this.admin = new AdminApi(connection);
    this.access = new AccessApi(connection);
    this.watch = new WatchApi(connection);
  }

  /** Returns the pool that everything goes through: the caller's, or one that is opened at first use. */
  pool(): Promise<Pool> {
    return this.#connection.pool();
  }

  /**
   * Returns the published catalogue over the team's tables as they are now; before the first `install`, that of the config.
   * @throws {Failure} `usage` when catalogue and database do not fit
   */
  catalogue(): Promise<Catalogue> {
    return this.#connection.catalogue();
  }

  /**
   * Returns the same API for one person: Postgres decides by the person's role, and the setting `segmentd.actor` holds the person's
   * name. What runs is cancelled once the signal is raised. Its `close` ends nothing.
   */
  as(person: Acting): Segmentd<T> {
    return new Segmentd<T>(this.#connection.as(person));
  }

  /** Returns a worker on the same database, not started yet. @throws {Failure} `usage` when only a pool was given */
  worker(options: Omit<WorkerOptions, 'databaseUrl' | 'redisUrl' | 'onPublication'> = {}): Worker {
    checkInput(OWN_WORKER, options, 'The options of a worker');
    const { databaseUrl, redisUrl, log } = this.#connection.options;
    if (databaseUrl === undefined)
      throw new Failure('usage', 'A worker opens connections of its own: it needs databaseUrl, not a pool.');
    return createWorker({
      databaseUrl,
      redisUrl,
      onPublication: (config) => this.#connection.reportDifference(config),
      ...(log ? { log } : {}),
      ...options,
    });
  }

  /** Ends the pool, unless it is the caller's. Idempotent. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** `close`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * ```ts
 * await using segmentd = createSegmentd({ databaseUrl: process.env.DATABASE_URL, config: './segmentd.yaml' });
 * await segmentd.segments.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
 * ```
 * @throws {Failure} `usage`
 */
export function createSegmentd<T extends Tables | undefined = undefined>(options: SegmentdOptions): Segmentd<T> {
  return new Segmentd<T>(options);
}
