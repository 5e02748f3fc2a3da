/** `segmentd.schedules`: exports that the worker repeats, and what became of each run. */
import * as schedule from '../export/schedule.ts';
import { listRuns, untilRun, type ScheduleRun } from '../export/scheduled-run.ts';
import type { Connection } from './connection.ts';
import { RUNS, SCHEDULE, UNTIL_RUN, WRITE } from './input-schema.ts';
import { checkInput, count, text } from './input.ts';
import type { WriteOptions } from './call-option.ts';

export class ScheduleApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Adds an export that the worker repeats. @throws {Failure} `not-found`; `usage` for a schedule that could never run */
  async add(input: schedule.ScheduleInput, options: WriteOptions = {}): Promise<schedule.Schedule> {
    checkInput(SCHEDULE, input, 'A schedule');
    checkInput(WRITE, options, 'The options of schedules.add');
    return this.#connection.withFitting((catalogue) =>
      this.#connection.writing(options, (database) => schedule.addSchedule(database, catalogue, input)),
    );
  }

  /** Lists the schedules of one segment or of all, each with its last run. @throws {Failure} `not-found` */
  async list(key?: string): Promise<readonly schedule.Schedule[]> {
    checkInput(text.optional(), key, 'The key of a segment');
    return schedule.listSchedules(await this.#connection.pool(), key);
  }

  /** Lists runs, the latest first. */
  async runs(options: { readonly schedule?: number; readonly limit?: number } = {}): Promise<readonly ScheduleRun[]> {
    checkInput(RUNS, options, 'The options of schedules.runs');
    return listRuns(await this.#connection.pool(), options);
  }

  /** Requests a run now. @returns the number of the run @throws {Failure} `not-found` */
  async run(id: number, options: WriteOptions = {}): Promise<string> {
    checkInput(count, id, 'The number of a schedule');
    checkInput(WRITE, options, 'The options');
    return this.#connection.writing(options, (database) => schedule.requestRun(database, id));
  }

  /** Returns when the run is over. @throws {Failure} `failed` with its reason, or after `timeout` (ms, default 10 minutes) */
  async untilRun(
    run: string,
    options: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
  ): Promise<ScheduleRun> {
    checkInput(text, run, 'The number of a run');
    checkInput(UNTIL_RUN, options, 'The options of schedules.untilRun');
    return untilRun(await this.#connection.pool(), run, options);
  }

  /** Removes a schedule; its files and the record of its runs stay. @throws {Failure} `not-found` */
  async remove(id: number, options: WriteOptions = {}): Promise<void> {
    checkInput(count, id, 'The number of a schedule');
    checkInput(WRITE, options, 'The options');
    await this.#connection.writing(options, (database) => schedule.removeSchedule(database, id));
  }
}
