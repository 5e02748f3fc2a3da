import { expect, test } from 'vitest';
import { cronOf, cronText, FIRST_RHYTHM, type Rhythm } from '../../../src/web/segment/cron-text.ts';

const rhythm = (change: Partial<Rhythm>): Rhythm => ({ ...FIRST_RHYTHM, timezone: 'UTC', ...change });

test.each<[Partial<Rhythm>, string, string]>([
  [{ every: 'hour', time: '06:05' }, '5 * * * *', 'every hour at minute 5'],
  [{ every: 'day', time: '06:00' }, '0 6 * * *', 'every day at 06:00'],
  [{ every: 'week', time: '23:30', weekday: 0 }, '30 23 * * 0', 'every Sunday at 23:30'],
  [{ every: 'month', time: '01:02', monthday: 28 }, '2 1 28 * *', 'on day 28 of every month at 01:02'],
  [{ every: 'other', cron: ' */5 * * * * ' }, '*/5 * * * *', '*/5 * * * *'],
])('%o is the cron %s, in words "%s"', (change, cron, text) => {
  const made = cronOf(rhythm(change));
  expect(made).toEqual({ cron, timezone: 'UTC' });
  expect(cronText(made.cron)).toBe(text);
});

test.each(['0 6 * 2 *', '0 6,7 * * *', '0 6 1 * 1', '0 0 6 * * *', '@daily', '0 6 * * mon'])(
  'what has no words of its own stays as cron writes it: %s',
  (cron) => {
    expect(cronText(cron)).toBe(cron);
  },
);
