/** `segmentd.schedules`: exports that the worker repeats, and what became of each run. */
import type { Schedule, ScheduleChange, ScheduleInput } from '../export/schedule.ts';
import type { ScheduleRun } from '../export/scheduled-run.ts';
import type { Connection } from './connection.ts';
import { RUNS, SCHEDULE, SCHEDULE_EDIT, UNTIL_RUN, WRITE } from './input-schema.ts';
import { checkInput, count, optionalText, text } from './input.ts';
import type { WriteOptions } from './call-option.ts';

export class ScheduleApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Adds an export that the worker repeats. @throws {Failure} `not-found`; `usage` for a schedule that could never run */
  async add(input: ScheduleInput, options: WriteOptions = {}): Promise<Schedule> {
    checkInput(SCHEDULE, input, 'A schedule');
    checkInput(WRITE, options, 'The options of schedules.add');
    const { addSchedule } = await import('../export/schedule.ts');
    return this.#connection.withFitting((catalogue) =>
      this.#connection.writing(options, (database) => addSchedule(database, catalogue, input)),
    );
  }

  /**
   * Changes what a schedule exports and when, or pauses it. @throws {Failure} `not-found`; `usage` for a schedule that could never run
   */
  async edit(id: number, change: ScheduleChange, options: WriteOptions = {}): Promise<Schedule> {
    checkInput(count, id, 'The number of a schedule');
    checkInput(SCHEDULE_EDIT, change, 'The change of a schedule');
    checkInput(WRITE, options, 'The options of schedules.edit');
    const { editSchedule } = await import('../export/schedule.ts');
    return this.#connection.withFitting((catalogue) =>
      this.#connection.writing(options, (database) => editSchedule(database, catalogue, id, change)),
    );
  }

  /** Lists the schedules of one segment or of all, each with its last run. @throws {Failure} `not-found` */
  async list(key?: string): Promise<readonly Schedule[]> {
    checkInput(optionalText, key, 'The key of a segment');
    const { listSchedules } = await import('../export/schedule.ts');
    return listSchedules(await this.#connection.pool(), key);
  }

  /** Lists runs, the latest first. */
  async runs(options: { readonly schedule?: number; readonly limit?: number } = {}): Promise<readonly ScheduleRun[]> {
    checkInput(RUNS, options, 'The options of schedules.runs');
    const { listRuns } = await import('../export/scheduled-run.ts');
    return listRuns(await this.#connection.pool(), options);
  }

  /** Requests a run now. @returns the number of the run @throws {Failure} `not-found` */
  async run(id: number, options: WriteOptions = {}): Promise<string> {
    checkInput(count, id, 'The number of a schedule');
    checkInput(WRITE, options, 'The options');
    const { requestRun } = await import('../export/schedule.ts');
    return this.#connection.writing(options, (database) => requestRun(database, id));
  }

  /** Returns when the run is over. @throws {Failure} `failed` with its reason, or after `timeout` (ms, default 10 minutes) */
  async untilRun(
    run: string,
    options: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
  ): Promise<ScheduleRun> {
    checkInput(text, run, 'The number of a run');
    checkInput(UNTIL_RUN, options, 'The options of schedules.untilRun');
    const { untilRun } = await import('../export/scheduled-run.ts');
    return untilRun(await this.#connection.pool(), run, options);
  }

  /** Removes a schedule; its files and the record of its runs stay. @throws {Failure} `not-found` */
  async remove(id: number, options: WriteOptions = {}): Promise<void> {
    checkInput(count, id, 'The number of a schedule');
    checkInput(WRITE, options, 'The options');
    const { removeSchedule } = await import('../export/schedule.ts');
    await this.#connection.writing(options, (database) => removeSchedule(database, id));
  }
}
