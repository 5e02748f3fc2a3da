/**
 * The public API and nothing else: the verbs of the command line as typed methods (the command line itself goes through
 * it), and the worker. Methods that write take `{ client }`, a connection on which the caller's own transaction is open.
 * BullMQ and Drizzle are loaded by what needs them: they are most of the time that `segmentd list` takes to start.
 */
import { auditStatus, type AuditStatus } from './audit/audit-status.ts';
import type { Finding } from './audit/doctor.ts';
import { verify, type Verification } from './audit/verify.ts';
import { Failure } from './base/error.ts';
import { silentLog, type Log } from './base/log.ts';
import type { InstallOptions, InstallReport } from './capture/install.ts';
import type { UninstallOptions } from './capture/uninstall.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import type { Config } from './catalogue/config.ts';
import { introspect } from './catalogue/introspect.ts';
import { keyTypeOptions } from './catalogue/key-type.ts';
import { loadConfig } from './catalogue/load.ts';
import { resolveCatalogue } from './catalogue/resolve.ts';
import { checkCondition } from './condition/check.ts';
import { describe } from './condition/describe.ts';
import type { Applied, ApplyOptions } from './definition/apply.ts';
import type { Pulled } from './definition/pull.ts';
import { explain } from './explain/explain.ts';
import type { ExplainOptions, Explanation } from './explain/explanation.ts';
import { exportSegment, type ExportOptions as Exported } from './export/export.ts';
import { feed, feedPages, type FeedEvent, type FeedOptions, type FeedPage } from './export/feed.ts';
import type { Manifest } from './export/manifest.ts';
import * as schedule from './export/schedule.ts';
import * as past from './membership/history.ts';
import { overlap, type Overlap } from './membership/overlap.ts';
import * as read from './membership/read.ts';
import type { MigrationResult } from './postgres/migrate.ts';
import { openPool, type Pool, type Queryable } from './postgres/pool.ts';
import type { EditPreview } from './preview/edit.ts';
import type { Preview, PreviewOptions } from './preview/preview.ts';
import type { RebuildQueueHealth } from './queue/rebuild-queue.ts';
import type { Difference } from './segment/difference.ts';
import * as store from './segment/store.ts';
import { whereUsed, type Uses } from './segment/use.ts';
import { untilLive, type UntilLiveOptions } from './segment/until-live.ts';
import * as version from './segment/version.ts';
import { waitUntilVisible } from './worker/wait.ts';
import { createWorker, type Worker, type WorkerOptions } from './worker/worker.ts';

export type { AuditStatus } from './audit/audit-status.ts';
export { Failure, type FailureCode } from './base/error.ts';
export type { Log } from './base/log.ts';
export type { Catalogue } from './catalogue/catalogue.ts';
export type { Config } from './catalogue/config.ts';
export type { Issue } from './condition/issue.ts';
export type { Finding } from './audit/doctor.ts';
export type { Applied, ApplyOptions } from './definition/apply.ts';
export type { Step } from './definition/plan.ts';
export type { Pulled } from './definition/pull.ts';
export type { ExplainedNode, ExplainOptions, Explanation } from './explain/explanation.ts';
export type { Destination } from './export/destination.ts';
export type { FeedEvent, FeedOptions, FeedPage } from './export/feed.ts';
export type { FormatName } from './export/format.ts';
export type { DeltaManifest, Manifest } from './export/manifest.ts';
export type { Schedule, ScheduleInput, ScheduleRun } from './export/schedule.ts';
export type { DayOfSegment } from './membership/history.ts';
export type { Overlap } from './membership/overlap.ts';
export type { Backlog, Member, SegmentOfContact, SegmentStatus, Timeliness } from './membership/read.ts';
export type { EditPreview } from './preview/edit.ts';
export type { Preview, PreviewNode, PreviewOptions } from './preview/preview.ts';
export type { Difference } from './segment/difference.ts';
export type { CreateOptions, EditOptions, Segment, SegmentChange, SegmentInput, SegmentKind, SegmentState, WantedState } from './segment/store.ts';
export type { Use, Uses } from './segment/use.ts';
export type { Version } from './segment/version.ts';
export { createWorker, type Worker, type WorkerOptions } from './worker/worker.ts';
export type { WorkerEmitter, WorkerEvents } from './worker/event.ts';

export interface SegmentdOptions {
  /** Either this or `pool`. */
  readonly databaseUrl?: string | undefined;
  /** Stays the caller's: it is not ended by `close`. */
  readonly pool?: Pool;
  /** Most connections of the pool opened for `databaseUrl`; default 6. */
  readonly poolSize?: number;
  /** Queue of rebuilds on Redis; without it the queue lives in Postgres. Only the worker and `health` use it. */
  readonly redisUrl?: string | undefined;
  /** Path of the config file, or its content. Needed by what reads the team's tables. */
  readonly config?: string | Config;
  /** In place of `config`. */
  readonly catalogue?: Catalogue;
  readonly log?: Log;
}

export interface ExportOptions extends Exported {
  /** First waits until everything committed before the call is in; milliseconds, at most so long. */
  readonly fresh?: number;
}

export interface WriteOptions {
  /** The caller's transaction: what is written becomes wanted when that commits. */
  readonly client?: Queryable;
}

/** A catalogue is read anew after so long (ms), so that a process that lives long sees the team's new columns. */
const CATALOGUE_AGE = 10_000;

export class Segmentd {
  readonly #options: SegmentdOptions;
  #pool: Promise<Pool> | undefined;
  #catalogue: { readonly promise: Promise<Catalogue>; readonly at: number } | undefined;

  constructor(options: SegmentdOptions) {
    if (options.databaseUrl === undefined && options.pool === undefined) {
      throw new Failure('usage', 'No database is named: give --database-url or set DATABASE_URL.');
    }
    this.#options = options;
  }

  /** Opened at first use. */
  pool(): Promise<Pool> {
    const { pool, databaseUrl, poolSize = 6, log = silentLog } = this.#options;
    if (pool) return Promise.resolve(pool);
    this.#pool ??= openPool(databaseUrl ?? '', {
      max: poolSize,
      applicationName: 'segmentd',
      onError: (err) => log.warn({ err }, 'an idle connection broke'),
    });
    return this.#pool;
  }

  /** The team's tables as they are now. @throws {Failure} `usage` when config and database do not fit */
  catalogue(): Promise<Catalogue> {
    const now = performance.now();
    if (this.#catalogue && now - this.#catalogue.at < CATALOGUE_AGE) return this.#catalogue.promise;
    const promise = (async () => this.#resolve(await this.pool()))();
    this.#catalogue = { promise, at: now };
    promise.catch(() => {
      this.#catalogue = undefined;
    });
    return promise;
  }

  // Set-up. All of it may be run again, and by several processes at once.

  /** A config for the tables found in the database, as YAML. */
  async introspect(options: { readonly contacts?: string } = {}): Promise<string> {
    return introspect(await this.pool(), options);
  }

  /** Creates or updates segmentd's own tables, functions and views. */
  async migrate(): Promise<MigrationResult> {
    const catalogue = await this.catalogue();
    const { migrate } = await import('./postgres/migrate.ts');
    const { migrateQueue } = await import('./queue/server.ts');
    const result = await migrate(await this.pool(), keyTypeOptions(catalogue));
    const { databaseUrl, redisUrl } = this.#options;
    if (databaseUrl !== undefined) await migrateQueue({ databaseUrl, ...(redisUrl === undefined ? {} : { redisUrl }) });
    return result;
  }

  /** Puts the capture triggers on the team's tables. */
  async install(options: InstallOptions = {}): Promise<InstallReport> {
    const { install } = await import('./capture/install.ts');
    return install(await this.pool(), await this.catalogue(), options);
  }

  async uninstall(options: UninstallOptions = {}): Promise<void> {
    const { uninstall } = await import('./capture/uninstall.ts');
    await uninstall(await this.pool(), options);
  }

  /** What is wrong or could be better, the worst not first: in the order in which it is mended. */
  async doctor(): Promise<readonly Finding[]> {
    const { doctor } = await import('./audit/doctor.ts');
    const findings = await doctor(await this.pool(), await this.catalogue());
    const queue = await this.queueHealth();
    return [...findings, queue.ok ? { level: 'ok', sentence: `The queue of rebuilds on ${queue.backend === 'redis' ? 'Redis' : 'Postgres'} answers.` } : { level: 'fail', sentence: queue.message ?? 'The queue does not answer.' }];
  }

  /**
   * Takes the server's clock as it is though it went back, and asks for a rebuild of what depends on time; does nothing
   * when it is not behind. Returns how many segments will be rebuilt.
   */
  async acceptClock(): Promise<number> {
    const { acceptClock } = await import('./sweep/accept-clock.ts');
    return acceptClock(await this.pool());
  }

  // Segments.

  /**
   * @param options.reuse takes the key of a deleted segment
   * @throws {Failure} `usage` with `data: Issue[]` for a refused condition, `conflict` when the key is taken or was
   */
  async create(input: store.SegmentInput, options: WriteOptions & store.CreateOptions = {}): Promise<store.Segment> {
    return store.createSegment(await this.#writer(options), await this.catalogue(), input, options);
  }

  /**
   * @param options.confirm lets the new version through however many members it moves; otherwise the worker may hold it
   * @throws {Failure} `not-found`; `usage` with `data: Issue[]`
   */
  async edit(key: string, change: store.SegmentChange, options: WriteOptions & store.EditOptions = {}): Promise<store.Segment> {
    return store.editSegment(await this.#writer(options), await this.catalogue(), key, change, options);
  }

  /** Lets the wanted version through that the guard holds, or would. @throws {Failure} `not-found`; `conflict` when it is live */
  async confirm(key: string, options: WriteOptions = {}): Promise<store.Segment> {
    return store.confirmSegment(await this.#writer(options), key);
  }

  /** Who would enter and leave by an edit. @throws {Failure} `not-found`; `usage` with `data: Issue[]` */
  async previewEdit(key: string, change: store.SegmentChange, options: PreviewOptions = {}): Promise<EditPreview> {
    const { previewEdit } = await import('./preview/edit.ts');
    return previewEdit(await this.pool(), await this.catalogue(), key, change, options);
  }

  async duplicate(key: string, newKey: string, options: WriteOptions & store.CreateOptions = {}): Promise<store.Segment> {
    return store.duplicateSegment(await this.#writer(options), await this.catalogue(), key, newKey, options);
  }

  /** The latest first, with who and when. */
  async versions(key: string): Promise<readonly version.Version[]> {
    return version.listVersions(await this.pool(), await this.catalogue(), key);
  }

  /** What changed between two versions, in words. */
  async diff(key: string, from: number, to: number): Promise<Difference> {
    return version.diffVersions(await this.pool(), await this.catalogue(), key, from, to);
  }

  /** The condition and zone of an old version as a new one. @throws {Failure} `not-found`; `usage` with `data: Issue[]` */
  async restoreVersion(key: string, number: number, options: WriteOptions & store.EditOptions = {}): Promise<store.Segment> {
    return version.restoreVersion(await this.#writer(options), await this.catalogue(), key, number, options);
  }

  /** Brings a deleted segment back, within 30 days. @throws {Failure} `not-found`, `conflict`; `usage` with `data: Issue[]` */
  async restore(key: string, options: WriteOptions = {}): Promise<store.Segment> {
    return version.restoreSegment(await this.#writer(options), await this.catalogue(), key);
  }

  /** Which segments read this one, and which schedules export it. @throws {Failure} `not-found` */
  async whereUsed(key: string): Promise<Uses> {
    await this.show(key);
    return whereUsed(await this.pool(), key);
  }

  async list(options: { readonly search?: string } = {}): Promise<readonly store.Segment[]> {
    return store.listSegments(await this.pool(), options);
  }

  /** @throws {Failure} `not-found` */
  async show(key: string): Promise<store.Segment> {
    return store.showSegment(await this.pool(), key);
  }

  /** @throws {Failure} `conflict` naming the segments that use it */
  async delete(key: string, options: WriteOptions = {}): Promise<void> {
    await store.requestState(await this.#writer(options), key, 'deleted');
  }

  /** Members stay as they are until `resume`. */
  async pause(key: string, options: WriteOptions = {}): Promise<void> {
    await store.requestState(await this.#writer(options), key, 'paused');
  }

  async resume(key: string, options: WriteOptions = {}): Promise<void> {
    await store.requestState(await this.#writer(options), key, 'live');
  }

  async archive(key: string, options: WriteOptions = {}): Promise<void> {
    await store.requestState(await this.#writer(options), key, 'archived');
  }

  /** @returns the keys that will be rebuilt */
  async rebuild(key: string | 'all', options: WriteOptions = {}): Promise<readonly string[]> {
    return store.requestRebuild(await this.#writer(options), key);
  }

  // Files in git.

  /**
   * Makes the segments what the files of a folder say: all of it, or nothing.
   * @throws {Failure} `usage` with `data: Issue[]`, all of all files; `conflict`
   */
  async apply(folder: string, options: ApplyOptions = {}): Promise<Applied> {
    const { applyFolder } = await import('./definition/apply.ts');
    return applyFolder(await this.pool(), await this.catalogue(), folder, options);
  }

  /** Writes the current segments into a folder, one a file. @throws {Failure} `usage` with `data: Issue[]`, `failed` */
  async pull(folder: string, options: { readonly prune?: boolean } = {}): Promise<Pulled> {
    const { pullFolder } = await import('./definition/pull.ts');
    return pullFolder(await this.pool(), folder, options);
  }

  /** A condition in plain English. @throws {Failure} `usage` with `data: Issue[]` */
  async describe(of: { readonly key: string } | { readonly condition: unknown; readonly timezone?: string }): Promise<string> {
    const catalogue = await this.catalogue();
    const { condition, timezone } = 'key' in of ? await this.show(of.key) : of;
    const checked = checkCondition(condition, { catalogue, timezone: timezone || catalogue.timezone });
    if (!checked.ok) throw new Failure('usage', 'The condition is refused.', { data: checked.issues });
    return describe(checked.condition);
  }

  /** A condition tried before it is saved: counts, a sample, leaf by leaf, cost. @throws {Failure} `usage` with `data: Issue[]` */
  async preview(of: { readonly key: string } | { readonly condition: unknown; readonly timezone?: string }, options: PreviewOptions = {}): Promise<Preview> {
    const { preview, planOf } = await import('./preview/preview.ts');
    const catalogue = await this.catalogue();
    const pool = await this.pool();
    const { condition, timezone = null } = 'key' in of ? await this.show(of.key) : of;
    await store.refuseIssues(pool, catalogue, 'key' in of ? of.key : '', condition, timezone ?? undefined);
    await store.checkTimezone(pool, timezone ?? undefined);
    return preview(pool, catalogue, planOf(catalogue, condition, timezone), options);
  }

  // Reading.

  async members(key: string, options: { readonly limit?: number; readonly after?: string } = {}): Promise<readonly read.Member[]> {
    return read.members(await this.pool(), key, options);
  }

  /** Every member in order of the key, in constant memory. */
  async *eachMember(key: string, options: { readonly limit?: number; readonly after?: string } = {}): AsyncGenerator<read.Member, void, void> {
    for await (const page of this.memberPages(key, options)) yield* page;
  }

  async *memberPages(key: string, options: { readonly limit?: number; readonly after?: string } = {}): AsyncGenerator<readonly read.Member[], void, void> {
    yield* read.memberPages(await this.pool(), key, options);
  }

  async segmentsOf(contact: string): Promise<readonly read.SegmentOfContact[]> {
    return read.segmentsOf(await this.pool(), contact);
  }

  /**
   * Why a contact is in a segment or not, leaf by leaf, and when that changes by time alone.
   * @throws {Failure} `not-found` for an unknown segment; `usage` when `contact` cannot be a contact's key
   */
  async explain(key: string, contact: string, options: ExplainOptions = {}): Promise<Explanation> {
    return explain(await this.pool(), await this.catalogue(), key, contact, options);
  }

  /** Size, entered and left, day by day, oldest first. @param options.days default 30. @throws {Failure} `not-found` */
  async history(key: string, options: { readonly days?: number } = {}): Promise<readonly past.DayOfSegment[]> {
    return past.sizeHistory(await this.pool(), key, options.days ?? 30);
  }

  /**
   * Keys of the contacts that were in at an instant, in order, in pages. @param time as Postgres reads it, UTC by default
   * @throws {Failure} `not-found`; `usage` for what is no time, lies ahead, or before the history begins
   */
  async *asOf(key: string, time: string): AsyncGenerator<readonly string[], void, void> {
    yield* past.membersAsOf(await this.pool(), key, time);
  }

  async countAsOf(key: string, time: string): Promise<number> {
    return past.countAsOf(await this.pool(), key, time);
  }

  /** How far two segments have the same members. @throws {Failure} `not-found` */
  async overlap(first: string, second: string): Promise<Overlap> {
    return overlap(await this.pool(), first, second);
  }

  async status(key?: string): Promise<readonly read.SegmentStatus[]> {
    return read.segmentStatus(await this.pool(), key);
  }

  /** How promptly people enter and leave by time, by segment and field. */
  async timeliness(key?: string): Promise<readonly read.Timeliness[]> {
    return read.timeliness(await this.pool(), key);
  }

  async backlog(): Promise<read.Backlog> {
    return read.backlog(await this.pool());
  }

  /** How far the rolling audit has come and what it found; null before its first step. */
  async auditStatus(): Promise<AuditStatus | null> {
    return auditStatus(await this.pool());
  }

  /** How the queue of rebuilds is; opens and closes a connection of its own. */
  async queueHealth(): Promise<RebuildQueueHealth> {
    const { databaseUrl, redisUrl } = this.#options;
    const { createRebuildQueue } = await import('./queue/rebuild-queue.ts');
    const queue = createRebuildQueue({ databaseUrl: databaseUrl ?? '', ...(redisUrl === undefined ? {} : { redisUrl }) });
    try {
      return await queue.health();
    } finally {
      await queue.close();
    }
  }

  // Getting it out.

  /**
   * Writes the members of a segment, or with `delta` who entered and left since the last file of that name, to a file or
   * stream, in constant memory.
   * @throws {Failure} `not-found`; `usage` for a column, format or name; `conflict` before the first build, or while the same
   *   delta is being written; `failed` when the target fails
   */
  async export(key: string, options: ExportOptions): Promise<Manifest> {
    if (options.fresh !== undefined) await this.wait({ key, timeout: options.fresh });
    return exportSegment(await this.pool(), await this.catalogue(), key, options);
  }

  /**
   * Every event of membership, from where this consumer was: asking for the next says that the one before was dealt with.
   * After a crash what was not dealt with comes again; nothing is skipped.
   * @throws {Failure} `conflict` when the consumer reads already, or its place is lost
   */
  async *feed(options: FeedOptions): AsyncGenerator<FeedEvent, void, void> {
    yield* feed(await this.pool(), options);
  }

  /** The same by pages, each acknowledged by the caller. */
  async *feedPages(options: FeedOptions): AsyncGenerator<FeedPage, void, void> {
    yield* feedPages(await this.pool(), options);
  }

  /** An export that the worker repeats. @throws {Failure} `not-found`; `usage` for whatever could never run */
  async addSchedule(input: schedule.ScheduleInput, options: WriteOptions = {}): Promise<schedule.Schedule> {
    return schedule.addSchedule(await this.#writer(options), await this.catalogue(), input);
  }

  async schedules(key?: string): Promise<readonly schedule.Schedule[]> {
    return schedule.listSchedules(await this.pool(), key);
  }

  /** Runs of schedules, the latest first. */
  async scheduleRuns(options: { readonly schedule?: number; readonly limit?: number } = {}): Promise<readonly schedule.ScheduleRun[]> {
    return schedule.listRuns(await this.pool(), options);
  }

  /** Asks the worker for a run now. @returns the number of the run */
  async runSchedule(id: number, options: WriteOptions = {}): Promise<string> {
    return schedule.requestRun(await this.#writer(options), id);
  }

  /** Returns when the run is over. @throws {Failure} `failed` with its reason, or when the time (ms, default 10 minutes) is over */
  async untilRun(run: string, options: { readonly timeout?: number; readonly signal?: AbortSignal } = {}): Promise<schedule.ScheduleRun> {
    return schedule.untilRun(await this.pool(), run, options);
  }

  async removeSchedule(id: number, options: WriteOptions = {}): Promise<void> {
    await schedule.removeSchedule(await this.#writer(options), id);
  }

  // Waiting and proving.

  /** Returns when everything committed before the call is visible in membership. @param options.timeout ms, default 30 s */
  async wait(options: { readonly key?: string; readonly timeout?: number } = {}): Promise<void> {
    const { key, timeout = 30_000 } = options;
    const { catalogue, config } = this.#options;
    const known = catalogue !== undefined || config !== undefined ? { catalogue: await this.catalogue() } : {};
    await waitUntilVisible(await this.pool(), { timeoutMs: timeout, ...known, ...(key === undefined ? {} : { key }) });
  }

  /** Returns when membership follows the wanted version of the segment. */
  async untilLive(key: string, options: UntilLiveOptions = {}): Promise<void> {
    await untilLive(await this.pool(), key, options);
  }

  /** Compares stored with recomputed membership. `repair` queues rechecks of what differs. */
  async verify(options: { readonly key?: string; readonly repair?: boolean; readonly onProgress?: (fraction: number) => void } = {}): Promise<readonly Verification[]> {
    return verify(await this.pool(), await this.catalogue(), options);
  }

  /** A worker on the same database, not started yet. @throws {Failure} `usage` when only a pool was given */
  worker(options: Omit<WorkerOptions, 'databaseUrl' | 'redisUrl' | 'loadCatalogue'> = {}): Worker {
    const { databaseUrl, redisUrl, log } = this.#options;
    if (databaseUrl === undefined) throw new Failure('usage', 'A worker opens connections of its own: it needs databaseUrl, not a pool.');
    return createWorker({ databaseUrl, redisUrl, loadCatalogue: (pool, fit) => this.#resolve(pool, fit), ...(log ? { log } : {}), ...options });
  }

  /** Ends the pool, unless it was the caller's. Idempotent. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await (await pool?.catch(() => undefined))?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #resolve(pool: Pool, fit: { readonly tolerant?: boolean } = {}): Promise<Catalogue> {
    const { catalogue, config } = this.#options;
    if (catalogue) return catalogue;
    if (config === undefined) throw new Failure('usage', 'No config is given; segmentd init writes one.');
    return resolveCatalogue(pool, typeof config === 'string' ? loadConfig(config) : config, fit);
  }

  async #writer(options: WriteOptions): Promise<Queryable> {
    return options.client ?? this.pool();
  }
}

/**
 * ```ts
 * await using segmentd = createSegmentd({ databaseUrl: process.env.DATABASE_URL, config: './segmentd.yaml' });
 * await segmentd.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
 * ```
 */
export function createSegmentd(options: SegmentdOptions): Segmentd {
  return new Segmentd(options);
}
