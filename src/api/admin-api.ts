/**
 * `segmentd.admin`: to set up, to watch, to wait and to prove. Every step of the set-up may be repeated, also by several processes at
 * once.
 */
import type { AuditStatus } from '../audit/audit-status.ts';
import type { Finding } from '../audit/finding.ts';
import type { ForgetOptions, Forgotten } from '../audit/forget.ts';
import type { LockHolder } from '../audit/lock-holder.ts';
import type { Verification, VerifyOptions } from '../audit/verify.ts';
import type { RunningWorker } from '../audit/worker-status.ts';
import type { ReaderOptions, ReaderReport } from '../capture/reader-grant.ts';
import type { IndexNeed } from '../capture/index-need.ts';
import type { UninstallOptions, UninstallReport } from '../capture/uninstall.ts';
import type { Introspection } from '../catalogue/introspect.ts';
import type { Vocabulary } from '../catalogue/vocabulary.ts';
import type { Backlog } from '../membership/backlog.ts';
import type { SegmentStatus } from '../membership/segment-status.ts';
import type { Timeliness } from '../membership/timeliness.ts';
import type { MigrationResult } from '../postgres/migrate.ts';
import type { Trouble } from '../postgres/trouble.ts';
import type { PublishOptions, PublishReport } from '../publication/publish.ts';
import type { RebuildQueueHealth } from '../queue/rebuild-queue.ts';
import type { StaleReference } from '../segment/stale-reference.ts';
import type { Waited } from '../worker/wait.ts';
import type { Connection, Fitting } from './connection.ts';
import { FORGET, INSTALL, INTROSPECT, MIGRATE, READER, UNINSTALL, VERIFY, WAIT } from './input-schema.ts';
import { checkInput, optionalText, text } from './input.ts';
import type { WaitOptions } from './call-option.ts';

export interface Migrated extends MigrationResult {
  /** The config was published, for an installation that is older than published catalogues. */
  readonly published: boolean;
}

export class AdminApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Returns a config for the tables of the database, as YAML. @param options.contacts the contacts table; default: guessed */
  async introspect(options: { readonly contacts?: string } = {}): Promise<string> {
    checkInput(INTROSPECT, options, 'The options of admin.introspect');
    const { introspect } = await import('../catalogue/introspect.ts');
    return (await introspect(await this.#connection.pool(), options)).yaml;
  }

  /** As `introspect`, as data: the contacts, each relation with its reasons, and what is left out. `yaml` is the text of the file. */
  async propose(options: { readonly contacts?: string } = {}): Promise<Introspection> {
    checkInput(INTROSPECT, options, 'The options of admin.propose');
    const { introspect } = await import('../catalogue/introspect.ts');
    return introspect(await this.#connection.pool(), options);
  }

  /**
   * Creates or updates segmentd's own tables, functions and views, and those of the queue in Postgres.
   * @param options.published creates the schema though a publication for all tables would send it to subscribers that lack it
   * @throws {Failure} `incompatible` for a database newer than this code; `conflict` for such a publication
   */
  async migrate(options: { readonly published?: boolean } = {}): Promise<Migrated> {
    checkInput(MIGRATE, options, 'The options of admin.migrate');
    const config = await this.#connection.ownConfig();
    const pool = await this.#connection.pool();
    const { keyTypeOptions } = await import('../catalogue/key-type.ts');
    const { resolveCatalogue } = await import('../catalogue/resolve-catalogue.ts');
    const { refuseFilters } = await import('../condition/check/check-filter.ts');
    const catalogue = await resolveCatalogue(pool, config);
    refuseFilters(catalogue);
    const { migrate } = await import('../postgres/migrate.ts');
    const { migrateQueue } = await import('../queue/server.ts');
    const result = await migrate(pool, {
      ...keyTypeOptions(catalogue),
      ...(options.published === true ? { published: true } : {}),
    });
    const { databaseUrl, redisUrl } = this.#connection.options;
    if (databaseUrl !== undefined) {
      await migrateQueue({ databaseUrl, ...(redisUrl === undefined ? {} : { redisUrl }) });
      await pool.query('select segmentd_internal.hand_over()');
    }
    const { publishInstalled } = await import('../publication/publish.ts');
    return { ...result, published: await publishInstalled(pool, config) };
  }

  /**
   * Puts the capture triggers on the team's tables and publishes the config as the catalogue that counts.
   * @throws {Failure} `usage` when the config does not fit the database; `failed` when it moves more members than the guard allows
   */
  async install(options: PublishOptions = {}): Promise<PublishReport> {
    checkInput(INSTALL, options, 'The options of admin.install');
    const { publish } = await import('../publication/publish.ts');
    return publish(await this.#connection.pool(), await this.#connection.ownConfig(), options);
  }

  /**
   * Lists the indexes that the team's tables lack for the config, each with the size of its table and its own estimated size. `install`
   * creates them with `indexes`.
   * @throws {Failure} `usage` when the config does not fit the database
   */
  async missingIndexes(): Promise<readonly IndexNeed[]> {
    const { indexesFor } = await import('../publication/publish.ts');
    return indexesFor(await this.#connection.pool(), await this.#connection.ownConfig());
  }

  /** Removes the capture triggers; segments, members and history stay. */
  async uninstall(options: UninstallOptions = {}): Promise<UninstallReport> {
    checkInput(UNINSTALL, options, 'The options of admin.uninstall');
    const { uninstall } = await import('../capture/uninstall.ts');
    return uninstall(await this.#connection.pool(), options);
  }

  /**
   * Grants a role what an analyst needs: segmentd's tables and views and, with `columns`, the catalogued columns of the
   * contacts table or of all tables of the team, for joins. Idempotent.
   * @throws {Failure} `usage` for an unknown role; `permission` when this role may not grant it
   */
  async grantReader(role: string, options: ReaderOptions = {}): Promise<ReaderReport> {
    checkInput(text, role, 'The role');
    checkInput(READER, options, 'The options of admin.grantReader');
    const { grantReader } = await import('../capture/reader-grant.ts');
    const catalogue = options.columns === undefined ? undefined : (await this.#connection.fitting()).catalogue;
    return grantReader(await this.#connection.pool(), role, catalogue, options);
  }

  /** Returns what conditions may name, and one sentence for each entry of the catalogue that does not fit the tables now. */
  async fields(): Promise<Fitting> {
    return this.#connection.fitting();
  }

  /**
   * Returns what conditions may name in the words of people: labels, descriptions, known values with their shares, and what pages show
   * of a contact. Values are those that this role may read.
   */
  async vocabulary(): Promise<Vocabulary> {
    const { readKnownValues } = await import('../catalogue/known-value.ts');
    const { isMasked } = await import('../catalogue/resolve-display.ts');
    const { vocabularyOf } = await import('../catalogue/vocabulary.ts');
    const { describeAdmission } = await import('../condition/describe/describe-admission.ts');
    return this.#connection.withFitting(async (catalogue, pool) =>
      vocabularyOf(
        catalogue,
        await readKnownValues(pool, catalogue),
        (field) => isMasked(catalogue.contacts.display, field),
        (relation) => describeAdmission(catalogue, relation),
      ),
    );
  }

  /** Checks the installation. The findings are in the order in which a person fixes them. */
  async doctor(): Promise<readonly Finding[]> {
    const { checkInstallation } = await import('./check-installation.ts');
    return checkInstallation(this.#connection);
  }

  /**
   * Accepts the server's clock after it went back, and requests a rebuild of what depends on time. Without a step back it does nothing.
   * @returns how many segments will be rebuilt
   */
  async acceptClock(): Promise<number> {
    const { acceptClock } = await import('../sweep/accept-clock.ts');
    return acceptClock(await this.#connection.pool());
  }

  /** Returns the state of every segment or of one: exact size, freshness, progress, error. @throws {Failure} `not-found` */
  async status(key?: string): Promise<readonly SegmentStatus[]> {
    checkInput(optionalText, key, 'The key of a segment');
    const { readSegmentStatus } = await import('../membership/segment-status.ts');
    return readSegmentStatus(await this.#connection.pool(), key);
  }

  /** Returns how promptly contacts enter and leave by time, by segment and field. */
  async timeliness(key?: string): Promise<readonly Timeliness[]> {
    checkInput(optionalText, key, 'The key of a segment');
    const { readTimeliness } = await import('../membership/timeliness.ts');
    return readTimeliness(await this.#connection.pool(), key);
  }

  /** Lists what segments read, directly or through others, that is frozen or was never built: of one segment, or of all. */
  async staleReferences(key?: string): Promise<readonly StaleReference[]> {
    checkInput(optionalText, key, 'The key of a segment');
    const { staleReferences } = await import('../segment/stale-reference.ts');
    return staleReferences(await this.#connection.pool(), key);
  }

  /** Lists work of workers that fails again and again. */
  async troubles(): Promise<readonly Trouble[]> {
    const { readTroubles } = await import('../postgres/trouble.ts');
    return readTroubles(await this.#connection.pool());
  }

  /** Counts what waits to be drained or rebuilt. */
  async backlog(): Promise<Backlog> {
    const { readBacklog } = await import('../membership/backlog.ts');
    return readBacklog(await this.#connection.pool());
  }

  /** Returns the progress of the rolling audit and what it found; null before its first step. */
  async auditStatus(): Promise<AuditStatus | null> {
    const { auditStatus } = await import('../audit/audit-status.ts');
    return auditStatus(await this.#connection.pool());
  }

  /** Lists the workers that run, the oldest first. A worker that was killed stays listed for half a minute. */
  async workers(): Promise<readonly RunningWorker[]> {
    const { runningWorkers } = await import('../audit/worker-status.ts');
    return runningWorkers(await this.#connection.pool());
  }

  /** Lists sessions that hold advisory locks of segmentd and should not: foreign ones, and segmentd's own after too long. */
  async lockHolders(): Promise<readonly LockHolder[]> {
    const { lockHolders } = await import('../audit/lock-holder.ts');
    return lockHolders(await this.#connection.pool());
  }

  /** Returns the health of the queue of rebuilds; opens and closes a connection. When the workers use another Redis, it says so. */
  async queueHealth(): Promise<RebuildQueueHealth> {
    const { readQueueHealth } = await import('./queue-health.ts');
    return readQueueHealth(this.#connection);
  }

  /**
   * Returns when everything that committed before the call is visible in membership, with all that it sets off, and every window that
   * ran out before the call. Fields without a usable index are swept rarely. With a key the call waits for them. Without a key it
   * waits when their next look is due within half a minute, and returns what is late.
   * @throws {Failure} `failed` after the timeout, or on a standby; `not-found`
   */
  async wait(options: WaitOptions = {}): Promise<Waited> {
    checkInput(WAIT, options, 'The options of admin.wait');
    const { waitVisible } = await import('./wait-visible.ts');
    return waitVisible(this.#connection, options);
  }

  /**
   * Compares stored with recomputed membership, of one segment or of all. It is exact when `missing` and `extra` are empty.
   * @param options.repair queues rechecks of what differs
   * @param options.onUnfit gets the key of each live segment whose condition does not fit the tables; the others are compared
   * @throws {Failure} `not-found`; `failed` for a segment that is not kept now, and without `onUnfit` for one that does not fit
   */
  async verify(options: Omit<VerifyOptions, 'patience'> = {}): Promise<readonly Verification[]> {
    checkInput(VERIFY, options, 'The options of admin.verify');
    const { verify } = await import('../audit/verify.ts');
    return this.#connection.withFitting((catalogue, pool) => verify(pool, catalogue, options));
  }

  /**
   * Erases every trace of a contact that was deleted from the contacts table, while workers run, and lists the exports that may
   * still hold it. It needs the right to delete events, which the owner has.
   * @throws {Failure} `conflict` while it is in the contacts table; `usage` for what cannot be a key; `failed` when a build still needs it
   */
  async forget(contact: string, options: ForgetOptions = {}): Promise<Forgotten> {
    checkInput(text, contact, 'The key of a contact');
    checkInput(FORGET, options, 'The options of admin.forget');
    const { forgetContact } = await import('../audit/forget.ts');
    return this.#connection.withFitting((catalogue, pool) => forgetContact(pool, catalogue, contact, options));
  }
}
