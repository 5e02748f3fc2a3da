/** Schedules and their runs for people: a table each. */
import type { Schedule, ScheduleRun } from '../index.ts';
import { authorText } from './author-text.ts';
import { table, type Line } from './table.ts';

export function scheduleTable(schedules: readonly Schedule[]): readonly Line[] {
  return table(schedules, [
    { title: 'id', value: (row) => row.id, right: true },
    { title: 'segment', value: (row) => row.key },
    { title: 'cron', value: (row) => row.cron },
    { title: 'zone', value: (row) => row.timezone },
    {
      title: 'what',
      value: (row) =>
        [row.format, ...(row.gzip ? ['gzip'] : []), ...(row.delta === null ? [] : [`delta ${row.delta}`])].join(' '),
    },
    { title: 'files in', value: (row) => folderText(row.folder) },
    { title: 'next', value: nextText },
    {
      title: 'last',
      value: (row) => (row.lastRun === null ? '' : `${row.lastRun.state} ${row.lastRun.finishedAt ?? ''}`.trim()),
    },
    { title: 'by', value: authorText },
    { title: 'error', value: (row) => row.error ?? row.lastRun?.error ?? '' },
  ]);
}

export function runTable(runs: readonly ScheduleRun[]): readonly Line[] {
  return table(runs, [
    { title: 'run', value: (row) => row.id, right: true },
    { title: 'schedule', value: (row) => row.schedule, right: true },
    { title: 'segment', value: (row) => row.key },
    { title: 'state', value: (row) => row.state },
    { title: 'due', value: (row) => row.dueAt ?? 'asked for' },
    { title: 'attempt', value: (row) => row.attempt, right: true },
    { title: 'rows', value: (row) => row.count, right: true },
    { title: 'file', value: (row) => row.file },
    { title: 'error', value: (row) => row.error },
  ]);
}

/** Where the files of a schedule go. The worker knows its own folder, and this command does not. */
function folderText(folder: string): string {
  return ['EXPORT_FOLDER', folder].filter((part) => part !== '').join('/');
}

/** When a schedule runs next. */
function nextText({ paused, nextAt }: Schedule): string {
  return paused ? 'paused' : (nextAt ?? 'never');
}

/** What `schedule edit`, `pause` and `resume` say. */
export function editedText(schedule: Schedule): string {
  return `schedule ${schedule.id}: ${schedule.paused ? 'paused' : `next at ${nextText(schedule)}`}`;
}

/** What `schedule add` says: when it runs first, and where its files will be. */
export function addedText({ id, nextAt, folder }: Schedule): string {
  const next = `schedule ${id}: next at ${nextAt ?? 'never'}`;
  return `${next}; files in ${folderText(folder)}, where EXPORT_FOLDER is --export-folder of the worker (default ./export)`;
}
