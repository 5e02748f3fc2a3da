/** Getting it out: files, deltas, schedules and the change feed. */
import { checkDestination } from '../export/destination.ts';
import { exportSegment, type ExportOptions as Exported } from '../export/export.ts';
import { feed, feedPages, type FeedEvent, type FeedOptions, type FeedPage } from '../feed/feed.ts';
import type { Manifest } from '../export/manifest.ts';
import * as schedule from '../export/schedule.ts';
import type { LateWindow } from '../worker/wait-time.ts';
import {
  checkCount,
  checkKey,
  checkObject,
  checkOptionalKey,
  checkTarget,
  checkText,
  checkTextFields,
  checkTexts,
} from './check.ts';
import type { WriteOptions } from './connection.ts';
import { Reading } from './reading.ts';

export interface ExportOptions extends Exported {
  /**
   * First waits until everything committed before the call is in; milliseconds, at most so long. A segment that will not
   * follow by itself (paused, held, invalid, failed) is exported as it stands: `state` and `version` of the manifest say so.
   */
  readonly fresh?: number;
  /** With `fresh`: hears of windows on fields without a usable index that are as of an earlier instant than the call, which do not stop it. */
  readonly onLate?: (late: readonly LateWindow[]) => void;
}

function checkFeed(options: FeedOptions): void {
  checkObject(options, 'What is given');
  checkText(options.consumer, 'The name of a reader of the feed');
  if (options.segments !== undefined) checkTexts(options.segments, 'The segments', 'The key of a segment');
}

export class Output extends Reading {
  /**
   * Writes the members of a segment, or with `delta` who entered and left since the last file of that name, to a file or
   * stream, in constant memory.
   * @throws {Failure} `not-found`; `usage` for a column, format or name; `conflict` before the first build, or while the same
   *   delta is being written; `failed` when the target fails, and with `fresh` on a standby
   */
  async export(key: string, options: ExportOptions): Promise<Manifest> {
    checkKey(key);
    checkTextFields(options, { delta: 'The name of a delta', format: 'The format' });
    checkTarget(options.to);
    if (options.columns !== undefined) checkTexts(options.columns, 'The columns', 'A column');
    await checkDestination(options.to);
    if (options.fresh !== undefined) {
      const { late } = await this.wait({ key, timeout: options.fresh, standing: true });
      if (late.length > 0) options.onLate?.(late);
    }
    return this.withFitting((catalogue, pool) => exportSegment(pool, catalogue, key, options));
  }

  /**
   * Every event of membership, from where this consumer was: asking for the next says that the one before was dealt with.
   * After a crash what was not dealt with comes again; nothing is skipped.
   * @throws {Failure} `conflict` when the consumer reads already, or its place is lost
   */
  async *feed(options: FeedOptions): AsyncGenerator<FeedEvent, void, void> {
    checkFeed(options);
    yield* feed(await this.pool(), options);
  }

  /** The same by pages, each acknowledged by the caller. */
  async *feedPages(options: FeedOptions): AsyncGenerator<FeedPage, void, void> {
    checkFeed(options);
    yield* feedPages(await this.pool(), options);
  }

  /** An export that the worker repeats. @throws {Failure} `not-found`; `usage` for whatever could never run */
  async addSchedule(input: schedule.ScheduleInput, options: WriteOptions = {}): Promise<schedule.Schedule> {
    checkTextFields(input, {
      cron: 'The times',
      timezone: 'The zone',
      format: 'The format',
      folder: 'The folder',
      delta: 'The name of a delta',
    });
    checkKey(input.key);
    checkText(input.cron, 'The times');
    if (input.columns !== undefined) checkTexts(input.columns, 'The columns', 'A column');
    return this.withFitting((catalogue) =>
      this.writing(options, (database) => schedule.addSchedule(database, catalogue, input)),
    );
  }

  /** Schedules of one segment or of all, each with its last run. @throws {Failure} `not-found` */
  async schedules(key?: string): Promise<readonly schedule.Schedule[]> {
    checkOptionalKey(key);
    return schedule.listSchedules(await this.pool(), key);
  }

  /** Runs of schedules, the latest first. */
  async scheduleRuns(
    options: { readonly schedule?: number; readonly limit?: number } = {},
  ): Promise<readonly schedule.ScheduleRun[]> {
    checkObject(options, 'What is given');
    for (const [value, what] of [
      [options.schedule, 'The number of a schedule'],
      [options.limit, 'The limit'],
    ] as const)
      if (value !== undefined) checkCount(value, what);
    return schedule.listRuns(await this.pool(), options);
  }

  /** Asks the worker for a run now. @returns the number of the run @throws {Failure} `not-found` */
  async runSchedule(id: number, options: WriteOptions = {}): Promise<string> {
    checkCount(id, 'The number of a schedule');
    return this.writing(options, (database) => schedule.requestRun(database, id));
  }

  /** Returns when the run is over. @throws {Failure} `failed` with its reason, or when the time (ms, default 10 minutes) is over */
  async untilRun(
    run: string,
    options: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
  ): Promise<schedule.ScheduleRun> {
    checkText(run, 'The number of a run');
    return schedule.untilRun(await this.pool(), run, options);
  }

  /** Ends a schedule; its files and the record of its runs stay. @throws {Failure} `not-found` */
  async removeSchedule(id: number, options: WriteOptions = {}): Promise<void> {
    checkCount(id, 'The number of a schedule');
    await this.writing(options, (database) => schedule.removeSchedule(database, id));
  }
}
