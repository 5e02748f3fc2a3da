/**
 * Setting up, watching, waiting and proving. BullMQ and Drizzle are loaded by what needs them: they are most of the time
 * that `segmentd list` takes to start.
 */
import { auditStatus, type AuditStatus } from '../audit/audit-status.ts';
import { lockHolders, type LockHolder } from '../audit/lock-holder.ts';
import { queueInUse, runningWorkers, type RunningWorker } from '../audit/worker-status.ts';
import type { Finding } from '../audit/finding.ts';
import type { ForgetOptions, Forgotten } from '../audit/forget.ts';
import { verify, type Verification, type VerifyOptions } from '../audit/verify.ts';
import { withoutSecrets } from '../base/secret.ts';
import { Failure, sqlState } from '../base/error.ts';
import { checkGiven } from '../base/given.ts';
import type { UninstallOptions, UninstallReport } from '../capture/uninstall.ts';
import { introspect } from '../catalogue/introspect.ts';
import { keyTypeOptions } from '../catalogue/key-type.ts';
import { readPublication } from '../catalogue/published-catalogue.ts';
import { resolveCatalogue } from '../catalogue/resolve-catalogue.ts';
import * as read from '../membership/read.ts';
import { refuseFilter } from '../condition/check/check-filter.ts';
import type { MigrationResult } from '../postgres/migrate.ts';
import type { Pool } from '../postgres/pool.ts';
import { SHARED_CONNECTIONS, SHARED_CONNECTIONS_FIX, SharedConnections } from '../postgres/pooler.ts';
import type { PublishOptions, PublishReport } from '../publication/publish.ts';
import { readTroubles, type Trouble } from '../postgres/trouble.ts';
import type { RebuildQueueHealth } from '../queue/rebuild-queue.ts';
import { untilLive, type UntilLiveOptions } from '../lifecycle/until-live.ts';
import { waitUntilVisible, type Waited } from '../worker/wait.ts';
import { createWorker, type Worker, type WorkerOptions } from '../worker/worker.ts';
import { checkKey, checkObject, checkOptionalKey, checkText } from './check.ts';
import { Connection, type Fitting } from './connection.ts';

/** An installation that is older than published catalogues. */
async function unpublished(pool: Pool): Promise<readonly Finding[]> {
  const { installed } = await read.readBacklog(pool).catch(() => ({ installed: false }));
  if (!installed || (await readPublication(pool)) !== undefined) return [];
  return [
    {
      level: 'fail',
      sentence: 'No catalogue is published in this database, so no worker starts.',
      fix: 'segmentd install',
    },
  ];
}

export interface Migrated extends MigrationResult {
  /** The config was published, for an installation that was made before there were published catalogues. */
  readonly published: boolean;
}

export class Operation extends Connection {
  // Set-up. All of it may be run again, and by several processes at once.

  /** A config for the tables found in the database, as YAML. */
  async introspect(options: { readonly contacts?: string } = {}): Promise<string> {
    checkGiven<{ contacts?: string }>(options, { contacts: 'text' }, 'The options of introspect');
    return introspect(await this.pool(), options);
  }

  /**
   * Creates or updates segmentd's own tables, functions and views, and those of the queue in Postgres.
   * @param options.published makes the schema though a publication for all tables would send it to subscribers that lack it
   * @throws {Failure} `incompatible` for a database newer than this code; `conflict` for such a publication
   */
  async migrate(options: { readonly published?: boolean } = {}): Promise<Migrated> {
    checkGiven<{ readonly published?: boolean }>(options, { published: 'switch' }, 'The options of migrate');
    const config = await this.ownConfig();
    const catalogue = await resolveCatalogue(await this.pool(), config);
    refuseFilter(catalogue);
    const { migrate } = await import('../postgres/migrate.ts');
    const { migrateQueue } = await import('../queue/server.ts');
    const result = await migrate(await this.pool(), {
      ...keyTypeOptions(catalogue),
      ...(options.published === true ? { published: true } : {}),
    });
    const { databaseUrl, redisUrl } = this.options;
    if (databaseUrl !== undefined) {
      await migrateQueue({ databaseUrl, ...(redisUrl === undefined ? {} : { redisUrl }) });
      await (await this.pool()).query('select segmentd.hand_over()');
    }
    const { publishInstalled } = await import('../publication/publish.ts');
    return { ...result, published: await publishInstalled(await this.pool(), config) };
  }

  /**
   * Puts the capture triggers on the team's tables and publishes the config as the catalogue that counts.
   * @throws {Failure} `usage` when the config does not fit the database; `failed` when it moves more members than the guard allows
   */
  async install(options: PublishOptions = {}): Promise<PublishReport> {
    checkGiven<PublishOptions>(
      options,
      {
        print: 'switch',
        indexes: 'switch',
        notify: 'switch',
        slow: 'switch',
        patience: 'milliseconds',
        dryRun: 'switch',
        yes: 'switch',
        guard: 'object',
        timeout: 'milliseconds',
        signal: 'object',
      },
      'The options of install',
    );
    const { publish } = await import('../publication/publish.ts');
    return publish(await this.pool(), await this.ownConfig(), options);
  }

  /** What conditions may name, and one sentence for each entry of the catalogue that does not fit the tables now. */
  async fields(): Promise<Fitting> {
    return this.fitting();
  }

  /** Takes the capture triggers off again; segments, members and history stay. */
  async uninstall(options: UninstallOptions = {}): Promise<UninstallReport> {
    checkGiven<UninstallOptions>(
      options,
      { purge: 'switch', print: 'switch', patience: 'milliseconds' },
      'The options of uninstall',
    );
    const { uninstall } = await import('../capture/uninstall.ts');
    return uninstall(await this.pool(), options);
  }

  /** What is wrong or could be better, the worst not first: in the order in which it is mended. */
  async doctor(): Promise<readonly Finding[]> {
    const { doctor } = await import('../audit/doctor.ts');
    try {
      await this.pool();
    } catch (error) {
      if (error instanceof SharedConnections)
        return [{ level: 'fail', sentence: SHARED_CONNECTIONS, fix: SHARED_CONNECTIONS_FIX }];
      throw error;
    }
    const { catalogue, misfits } = await this.fitting();
    const findings = [
      ...(await doctor(await this.pool(), catalogue, { misfits })),
      ...(await unpublished(await this.pool())),
    ];
    const { queueFindings } = await import('../audit/doctor-queue.ts');
    const { redisFacts } = await import('../queue/redis.ts');
    const { redisUrl } = this.options;
    const all = [
      ...findings,
      ...queueFindings(await this.queueHealth(), redisUrl === undefined ? undefined : await redisFacts(redisUrl)),
    ];
    return all.map((finding) => ({
      ...finding,
      sentence: withoutSecrets(finding.sentence),
      ...(finding.fix === undefined ? {} : { fix: withoutSecrets(finding.fix) }),
    }));
  }

  /**
   * Takes the server's clock as it is though it went back, and asks for a rebuild of what depends on time; does nothing
   * when it is not behind. Returns how many segments will be rebuilt.
   */
  async acceptClock(): Promise<number> {
    const { acceptClock } = await import('../sweep/accept-clock.ts');
    return acceptClock(await this.pool());
  }

  // Watching.

  /** How every segment stands, or one: state, exact size, how fresh, progress, error. @throws {Failure} `not-found` */
  async status(key?: string): Promise<readonly read.SegmentStatus[]> {
    checkOptionalKey(key);
    return read.readSegmentStatus(await this.pool(), key);
  }

  /** How promptly people enter and leave by time, by segment and field. */
  async timeliness(key?: string): Promise<readonly read.Timeliness[]> {
    checkOptionalKey(key);
    return read.readTimeliness(await this.pool(), key);
  }

  /** Work of workers that fails again and again. */
  async troubles(): Promise<readonly Trouble[]> {
    return readTroubles(await this.pool());
  }

  /** What waits to be drained or rebuilt. */
  async backlog(): Promise<read.Backlog> {
    return read.readBacklog(await this.pool());
  }

  /** How far the rolling audit has come and what it found; null before its first step. */
  async auditStatus(): Promise<AuditStatus | null> {
    return auditStatus(await this.pool());
  }

  /** Workers that run, the oldest first. One that was killed is listed for half a minute. */
  async workers(): Promise<readonly RunningWorker[]> {
    return runningWorkers(await this.pool());
  }

  /** Who holds advisory locks of segmentd and should not: other sessions, and its own after too long. */
  async lockHolders(): Promise<readonly LockHolder[]> {
    return lockHolders(await this.pool());
  }

  /** How the queue of rebuilds is; opens and closes a connection of its own. Where the workers use a Redis that was not named here, it says so instead. */
  async queueHealth(): Promise<RebuildQueueHealth> {
    const { databaseUrl, redisUrl, applicationName } = this.options;
    if (redisUrl === undefined) {
      // Before `migrate` there are no workers, nor a table of them.
      const workers = await this.workers().catch((error: unknown) => {
        if (!['3F000', '42P01'].includes(sqlState(error) ?? '')) throw error;
        return [];
      });
      const used = queueInUse(workers);
      if (used?.backend === 'redis')
        return {
          backend: 'redis',
          ok: true,
          elsewhere: true,
          waiting: 0,
          active: 0,
          failed: 0,
          message: `The workers queue on ${used.place}; without REDIS_URL it was not asked.`,
        };
    }
    const { createRebuildQueue } = await import('../queue/rebuild-queue.ts');
    const queue = createRebuildQueue({
      databaseUrl: databaseUrl ?? '',
      ...(redisUrl === undefined ? {} : { redisUrl }),
      ...(applicationName === undefined ? { applicationName: 'segmentd api' } : { applicationName }),
    });
    try {
      const { message, lastFailure, ...health } = await queue.health();
      return {
        ...health,
        ...(message === undefined ? {} : { message: withoutSecrets(message) }),
        ...(lastFailure === undefined ? {} : { lastFailure: withoutSecrets(lastFailure) }),
      };
    } finally {
      await queue.close();
    }
  }

  // Waiting and proving.

  /**
   * Returns when everything committed before the call is visible in membership, with all that it sets off, and every window that
   * ran out before it. Fields without a usable index are looked at rarely: with a key they are waited for. Otherwise they are
   * where their next look is due within half a minute, and what is late is returned.
   * @param options.key also waits until this segment's wanted version is live
   * @param options.standing a segment that will not become live by itself (paused, held, invalid, failed) is waited for as it stands
   * @param options.acceptLate windows on fields without a usable index may be late; default: without a key, or with `standing`
   * @param options.timeout ms, default 30,000
   * @throws {Failure} `failed` when the time is over, or on a standby; `not-found`
   */
  async wait(
    options: {
      readonly key?: string;
      readonly timeout?: number;
      readonly standing?: boolean;
      readonly acceptLate?: boolean;
    } = {},
  ): Promise<Waited> {
    checkObject(options, 'What is given');
    checkOptionalKey(options.key);
    checkGiven<{ key?: string; timeout?: number; standing?: boolean; acceptLate?: boolean }>(
      options,
      { key: 'text', timeout: 'milliseconds', standing: 'switch', acceptLate: 'switch' },
      'The options of wait',
    );
    const { key, timeout = 30_000, standing = false, acceptLate } = options;
    const published = (await readPublication(await this.pool())) !== undefined;
    const reload = async () => (await this.fitting({ fresh: true })).catalogue;
    const known = published ? { catalogue: await reload(), reload } : {};
    return waitUntilVisible(await this.pool(), {
      timeoutMs: timeout,
      standing,
      ...known,
      ...(key === undefined ? {} : { key }),
      ...(acceptLate === undefined ? {} : { acceptLate }),
    });
  }

  /**
   * Returns when membership follows the wanted version of the segment.
   * @throws {Failure} `not-found`; `failed` with the reason when it will not become live, or the time is over
   */
  async untilLive(key: string, options: UntilLiveOptions = {}): Promise<void> {
    checkKey(key);
    checkGiven<UntilLiveOptions>(
      options,
      { timeout: 'milliseconds', signal: 'signal', standing: 'switch', first: 'switch', onProgress: 'callback' },
      'The options of untilLive',
    );
    await untilLive(await this.pool(), key, options);
  }

  /**
   * Compares stored with recomputed membership, of one segment or of all: empty `missing` and `extra` say that it is exact.
   * @param options.repair queues rechecks of what differs
   * @param options.onUnfit hears of a live segment whose condition does not fit the tables, and the others are compared
   * @throws {Failure} `not-found`; `failed` for a segment that is not kept now, and without `onUnfit` for one that does not fit
   */
  async verify(options: Omit<VerifyOptions, 'patience'> = {}): Promise<readonly Verification[]> {
    checkObject(options, 'What is given');
    checkOptionalKey(options.key);
    checkGiven<Omit<VerifyOptions, 'patience'>>(
      options,
      { key: 'text', repair: 'switch', onProgress: 'callback', onUnfit: 'callback' },
      'The options of verify',
    );
    return this.withFitting((catalogue, pool) => verify(pool, catalogue, options));
  }

  /**
   * Erases every trace of a contact that was deleted from the contacts table, while workers run, and lists the exports that may
   * still hold it. Needs the right to delete events: that of the owner.
   * @throws {Failure} `conflict` while it is in the contacts table; `usage` for what cannot be a key; `failed` when a build still needs it
   */
  async forget(contact: string, options: ForgetOptions = {}): Promise<Forgotten> {
    checkText(contact, 'The key of a contact');
    checkGiven<ForgetOptions>(options, { timeout: 'milliseconds' }, 'The options of forget');
    const { forgetContact } = await import('../audit/forget.ts');
    return this.withFitting((catalogue, pool) => forgetContact(pool, catalogue, contact, options));
  }

  /** A worker on the same database, not started yet. @throws {Failure} `usage` when only a pool was given */
  worker(options: Omit<WorkerOptions, 'databaseUrl' | 'redisUrl' | 'onPublication'> = {}): Worker {
    const { databaseUrl, redisUrl, log } = this.options;
    checkObject(options, 'What is given');
    if (databaseUrl === undefined)
      throw new Failure('usage', 'A worker opens connections of its own: it needs databaseUrl, not a pool.');
    return createWorker({
      databaseUrl,
      redisUrl,
      onPublication: (config) => this.tellDifference(config),
      ...(log ? { log } : {}),
      ...options,
    });
  }
}
