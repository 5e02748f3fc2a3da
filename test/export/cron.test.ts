/** Cron around changes of clocks, and what is no expression. */
import { expect, test } from 'vitest';
import { nextTime } from '../../src/export/cron.ts';

const times = (cron: string, zone: string, after: string, count: number): string[] => {
  const found: string[] = [];
  for (let at = new Date(after); found.length < count;) {
    const next = nextTime(cron, zone, at);
    if (next === null) break;
    found.push(next.slice(0, 16));
    at = new Date(next);
  }
  return found;
};

test.each([
  // a time that does not exist fires when the clock has jumped over it, one that comes twice fires once
  ['30 2 * * *', 'Europe/Madrid', '2024-03-30T12:00:00Z', ['2024-03-31T01:00', '2024-04-01T00:30']],
  ['30 2 * * *', 'Europe/Madrid', '2024-10-26T12:00:00Z', ['2024-10-27T00:30', '2024-10-28T01:30']],
  ['0 0 * * *', 'Africa/Cairo', '2024-04-25T12:00:00Z', ['2024-04-25T22:00', '2024-04-26T21:00']],
  ['0 0 * * *', 'America/Havana', '2024-11-02T12:00:00Z', ['2024-11-03T04:00', '2024-11-04T05:00']],
  ['*/20 * * * *', 'Australia/Lord_Howe', '2024-04-06T14:30:00Z', ['2024-04-06T14:40', '2024-04-06T15:10']],
  ['0 9 * * MON-FRI', 'Asia/Kolkata', '2024-05-17T12:00:00Z', ['2024-05-20T03:30']],
  ['0 0 29 2 *', 'UTC', '2024-03-01T00:00:00Z', ['2028-02-29T00:00']],
  ['0 0 L * *', 'UTC', '2024-02-01T00:00:00Z', ['2024-02-29T00:00', '2024-03-31T00:00']],
  ['@hourly', 'UTC', '2024-02-01T00:00:00Z', ['2024-02-01T01:00']],
  ['  0   6 * * * ', 'UTC', '2024-02-01T00:00:00Z', ['2024-02-01T06:00']],
  ['0 0 30 2 *', 'UTC', '2024-02-01T00:00:00Z', []],
] as const)('%s in %s after %s', (cron, zone, after, expected) => {
  expect(times(cron, zone, after, Math.max(1, expected.length))).toEqual(expected);
});

test.each([
  '',
  ' ',
  '* * * *',
  '* * * * * *',
  '* * * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  'a b c d e',
  '*/0 * * * *',
  '5-1 * * * *',
  '@',
  '@reboot',
  '2024-01-01T00:00:00',
  '0 6 * * 1;',
  '* * * * *\n* * * * *',
])('%j is refused', (cron) => {
  expect(() => nextTime(cron, 'UTC', new Date(0))).toThrow(/is not a cron expression/);
});

test.each(['', 'Mars/Base', '+02', 'local'])('nextTime refuses the zone %j', (zone) => {
  expect(() => nextTime('@daily', zone, new Date(0))).toThrow(/is not a time zone/);
});
