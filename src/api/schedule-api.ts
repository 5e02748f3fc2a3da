/** `segmentd.schedules`: exports that the worker repeats, and what became of each run. */
import * as schedule from '../export/schedule.ts';
import { listRuns, untilRun, type ScheduleRun } from '../export/scheduled-run.ts';
import {
  checkCount,
  checkKey,
  checkObject,
  checkOptionalKey,
  checkText,
  checkTextFields,
  checkTexts,
} from './check-argument.ts';
import type { Connection, WriteOptions } from './connection.ts';

export class ScheduleApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Adds an export that the worker repeats. @throws {Failure} `not-found`; `usage` for a schedule that could never run */
  async add(input: schedule.ScheduleInput, options: WriteOptions = {}): Promise<schedule.Schedule> {
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
    return this.#connection.withFitting((catalogue) =>
      this.#connection.writing(options, (database) => schedule.addSchedule(database, catalogue, input)),
    );
  }

  /** Lists the schedules of one segment or of all, each with its last run. @throws {Failure} `not-found` */
  async list(key?: string): Promise<readonly schedule.Schedule[]> {
    checkOptionalKey(key);
    return schedule.listSchedules(await this.#connection.pool(), key);
  }

  /** Lists runs, the latest first. */
  async runs(options: { readonly schedule?: number; readonly limit?: number } = {}): Promise<readonly ScheduleRun[]> {
    checkObject(options, 'What is given');
    for (const [value, what] of [
      [options.schedule, 'The number of a schedule'],
      [options.limit, 'The limit'],
    ] as const)
      if (value !== undefined) checkCount(value, what);
    return listRuns(await this.#connection.pool(), options);
  }

  /** Requests a run now. @returns the number of the run @throws {Failure} `not-found` */
  async run(id: number, options: WriteOptions = {}): Promise<string> {
    checkCount(id, 'The number of a schedule');
    return this.#connection.writing(options, (database) => schedule.requestRun(database, id));
  }

  /** Returns when the run is over. @throws {Failure} `failed` with its reason, or after `timeout` (ms, default 10 minutes) */
  async untilRun(
    run: string,
    options: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
  ): Promise<ScheduleRun> {
    checkText(run, 'The number of a run');
    return untilRun(await this.#connection.pool(), run, options);
  }

  /** Removes a schedule; its files and the record of its runs stay. @throws {Failure} `not-found` */
  async remove(id: number, options: WriteOptions = {}): Promise<void> {
    checkCount(id, 'The number of a schedule');
    await this.#connection.writing(options, (database) => schedule.removeSchedule(database, id));
  }
}
