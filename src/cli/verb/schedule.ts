/** `schedule add|edit|pause|resume|list|run|runs|remove`: exports that the worker repeats. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { Failure } from '../../base/error.ts';
import { CALL_DEFAULTS } from '../../base/option.ts';
import type { FormatName, Schedule, ScheduleChange } from '../../index.ts';
import { durationOption } from '../duration-flag.ts';
import { snakeKeys } from '../printed-output.ts';
import { addedText, editedText, runTable, scheduleTable } from '../schedule-text.ts';
import type { Verb } from '../verb.ts';
import { awaitWorker } from '../wait-flag.ts';
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

export const schedule: Verb = (verb, run) => {
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
        await session.output.print(plain(added), () => addedText(added));
      }),
    );

  addChanges(
    verb
      .command('edit <id>')
      .description('change what a schedule exports, or when; what is not given stays')
      .option('--cron <expression>', 'minute, hour, day of the month, month, weekday; or @daily and the like'),
  ).action(
    run(async (session, id: string, flags: EditFlags) => {
      const change = changeOf(flags);
      if (Object.keys(change).length === 0)
        throw new Failure(
          'usage',
          'Nothing to change: give --cron, --timezone, --format, --columns, --folder or --delta.',
        );
      const edited = await session.segmentd().schedules.edit(wholeNumber(id), change);
      await session.output.print(plain(edited), () => editedText(edited));
    }),
  );

  for (const [name, paused, says] of [
    ['pause', true, 'pause a schedule: it runs only when schedule run requests it'],
    ['resume', false, 'resume a paused schedule at its next time'],
  ] as const)
    verb
      .command(`${name} <id>`)
      .description(says)
      .action(
        run(async (session, id: string) => {
          const edited = await session.segmentd().schedules.edit(wholeNumber(id), { paused });
          await session.output.print(plain(edited), () => editedText(edited));
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
        const run = segmentd.schedules.untilRun(asked, { timeout: flags.timeout, signal: session.io.signal });
        const done = await awaitWorker(session, run);
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

/** Each switch of `add` may also be taken back. */
interface EditFlags extends Partial<Omit<Flags, 'columns' | 'delta'>> {
  readonly columns?: string;
  readonly defaultColumns?: boolean;
  readonly delta?: string | false;
}

function addChanges(command: Command): Command {
  return command
    .option('--timezone <zone>', 'in which the times are meant')
    .addOption(new Option('--format <format>', 'of the files').choices(['csv', 'ndjson', 'parquet']))
    .option('--columns <list>', 'comma-separated, as for export')
    .addOption(new Option('--default-columns', 'only what every export has').conflicts('columns'))
    .option('--gzip', 'compress')
    .option('--no-gzip', 'do not compress')
    .option('--folder <folder>', "below the worker's export folder; an empty text: that folder itself")
    .option('--delta <name>', 'only who entered and left since the last file of this name')
    .option('--no-delta', 'all members')
    .option('--passing', 'with --delta: also who did both since, once')
    .option('--no-passing', 'who did both since is left out')
    .option('--formulas', 'CSV: leave texts that a spreadsheet would run as they are')
    .option('--no-formulas', 'CSV: a spreadsheet runs no text')
    .option('--consistent', 'read all columns in one snapshot')
    .option('--no-consistent', 'read the columns as they are when each row is read')
    .option('--fresh', 'first wait until everything committed before is in')
    .option('--no-fresh', 'do not wait');
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a whole number above 0.`);
  return Number(text);
}

function plain(schedule: Schedule): object {
  return { ...schedule, lastRun: schedule.lastRun === null ? null : snakeKeys(schedule.lastRun) };
}

function changeOf({ columns, defaultColumns, delta, ...rest }: EditFlags): ScheduleChange {
  return {
    ...rest,
    ...(columns === undefined ? {} : { columns: columnList(columns) }),
    ...(defaultColumns ? { columns: null } : {}),
    ...(delta === undefined ? {} : { delta: delta === false ? null : delta }),
  };
}
