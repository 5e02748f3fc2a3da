/** `schedule add|list|run|runs|remove`: exports that the worker repeats. */
import { InvalidArgumentError, Option } from 'commander';
import { CALL_DEFAULTS } from '../../base/option.ts';
import type { FormatName, Schedule } from '../../index.ts';
import { durationOption } from '../duration-flag.ts';
import { snakeKeys } from '../printed-output.ts';
import { runTable, scheduleTable } from '../schedule-text.ts';
import type { Verb } from '../verb.ts';
import { columnList } from '../column-flag.ts';

interface Flags {
  readonly cron: string;
  readonly timezone?: string;
  readonly format: FormatName;
  readonly columns?: string;
  readonly gzip?: boolean;
  readonly folder?: string;
  readonly delta?: string;
  readonly passing?: boolean;
  readonly formulas?: boolean;
  readonly consistent?: boolean;
  readonly fresh?: boolean;
}

export const schedule: Verb = (program, run) => {
  const verb = program.command('schedule').description('manage exports that the worker repeats');

  verb
    .command('add <key>')
    .description('add an export of a segment at certain times')
    .requiredOption('--cron <expression>', 'minute, hour, day of the month, month, weekday; or @daily and the like')
    .option('--timezone <zone>', "in which the times are meant; default the catalogue's")
    .addOption(new Option('--format <format>', 'of the files').choices(['csv', 'ndjson', 'parquet']).default('csv'))
    .option('--columns <list>', 'comma-separated, as for export')
    .option('--gzip', 'compress')
    .option('--folder <folder>', "below the worker's export folder")
    .option('--delta <name>', 'only who entered and left since the last file of this name')
    .option('--passing', 'with --delta: also who did both since, once')
    .option('--formulas', 'CSV: leave texts that a spreadsheet would run as they are')
    .option('--consistent', 'read all columns in one snapshot')
    .option('--fresh', 'first wait until everything committed before is in')
    .action(
      run(async (session, key: string, { columns, ...flags }: Flags) => {
        const added = await session
          .segmentd()
          .schedules.add({ key, ...flags, ...(columns === undefined ? {} : { columns: columnList(columns) }) });
        await session.output.print(plain(added), () => `schedule ${added.id}: next at ${added.nextAt ?? 'never'}`);
      }),
    );

  verb
    .command('list [key]')
    .description('list schedules, each with its last run')
    .action(
      run(async (session, key?: string) => {
        const schedules = await session.segmentd().schedules.list(key);
        await session.output.print(
          schedules.map(plain),
          () => (schedules.length === 0 ? [] : scheduleTable(schedules)),
          `${key === undefined ? 'There are no schedules' : `No schedule exports ${key}`}.`,
        );
      }),
    );

  verb
    .command('run <id>')
    .description('request a run of a schedule now')
    .option('--wait', 'return when it is done')
    .addOption(durationOption('--timeout <duration>', 'with --wait: give up after', CALL_DEFAULTS.runTimeout))
    .action(
      run(async (session, id: string, flags: { readonly wait?: boolean; readonly timeout: number }) => {
        const segmentd = session.segmentd();
        const asked = await segmentd.schedules.run(wholeNumber(id));
        if (!flags.wait) return session.output.print({ run: asked }, () => `run ${asked} requested`);
        const done = await segmentd.schedules.untilRun(asked, { timeout: flags.timeout, signal: session.io.signal });
        return session.output.print(done, () => done.file ?? '');
      }),
    );

  verb
    .command('runs [id]')
    .description('list the latest runs')
    .option('--limit <number>', 'most runs', wholeNumber, CALL_DEFAULTS.listedRuns)
    .action(
      run(async (session, id: string | undefined, { limit }: { readonly limit: number }) => {
        const runs = await session
          .segmentd()
          .schedules.runs({ limit, ...(id === undefined ? {} : { schedule: wholeNumber(id) }) });
        await session.output.print(
          runs,
          () => (runs.length === 0 ? [] : runTable(runs)),
          `${id === undefined ? 'No schedule has run yet' : `There are no runs of schedule ${id}`}.`,
        );
      }),
    );

  verb
    .command('remove <id>')
    .description('remove a schedule; its files and the record of its runs stay')
    .action(
      run(async (session, id: string) => {
        await session.segmentd().schedules.remove(wholeNumber(id));
        await session.output.print({ id: wholeNumber(id), removed: true }, () => `schedule ${id} removed`);
      }),
    );
};

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a whole number above 0.`);
  return Number(text);
}

function plain(schedule: Schedule): object {
  return { ...schedule, lastRun: schedule.lastRun === null ? null : snakeKeys(schedule.lastRun) };
}
