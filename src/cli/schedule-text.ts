/** Schedules and their runs for people: a table each. */
import type { Schedule, ScheduleRun } from '../index.ts';
import { table } from './printed-output.ts';

export function scheduleTable(schedules: readonly Schedule[]): readonly string[] {
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
    { title: 'next', value: (row) => row.nextAt ?? 'never' },
    {
      title: 'last',
      value: (row) => (row.lastRun === null ? '' : `${row.lastRun.state} ${row.lastRun.finishedAt ?? ''}`.trim()),
    },
    { title: 'error', value: (row) => row.error ?? row.lastRun?.error ?? '' },
  ]);
}

export function runTable(runs: readonly ScheduleRun[]): readonly string[] {
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
