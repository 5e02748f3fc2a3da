/** Windows, calendar, ages and anniversaries, at the boundaries and in zones whose days are odd. */
import { describe, expect, test } from 'vitest';
import { v } from '../ask.ts';
import { holds, verdicts } from './holds.ts';

const now = '2024-05-15T12:00:00.000000Z';

describe('rolling windows', () => {
  // now, a µs after, a µs before, now − 1 h, a µs after that, now + 1 h, a µs after that
  const values = [
    '2024-05-15 12:00:00+00',
    '2024-05-15 12:00:00.000001+00',
    '2024-05-15 11:59:59.999999+00',
    '2024-05-15 11:00:00+00',
    '2024-05-15 11:00:00.000001+00',
    '2024-05-15 13:00:00+00',
    '2024-05-15 13:00:00.000001+00',
    'infinity',
    '-infinity',
    null,
  ];
  test.each([
    ['in_last', [true, false, true, false, true, false, false, false, false, false]],
    ['before_last', [false, false, false, true, false, false, false, false, true, false]],
    ['in_next', [false, true, false, false, false, true, false, false, false, false]],
  ])('%s 1 hour', (operator, expected) => {
    expect(verdicts({ [operator]: [v('created_at'), 1, 'hour'] }, 'created_at', values, { now })).toEqual(expected);
    expect(verdicts({ [operator]: [v('created_at'), 60, 'minute'] }, 'created_at', values, { now })).toEqual(expected);
    expect(verdicts({ '!': [{ [operator]: [v('created_at'), 1, 'hour'] }] }, 'created_at', values, { now })).toEqual(
      expected.map((value) => !value),
    );
  });
  test('a day is 24 hours, also across a change of clocks', () => {
    const given = { now: '2024-03-31T12:00:00Z', zone: 'Europe/Madrid' };
    expect(
      verdicts(
        { in_last: [v('created_at'), 1, 'day'] },
        'created_at',
        ['2024-03-30 12:00:00+00', '2024-03-30 12:00:00.000001+00'],
        given,
      ),
    ).toEqual([false, true]);
    expect(
      verdicts(
        { before_last: [v('created_at'), 2, 'week'] },
        'created_at',
        ['2024-03-17 12:00:00+00', '2024-03-17 12:00:00.000001+00'],
        given,
      ),
    ).toEqual([true, false]);
  });
  test('a date counts from its local midnight', () => {
    const dates = ['2024-05-14', '2024-05-15', '2024-05-16', '2024-05-17', null];
    const given = { now: '2024-05-15T22:30:00Z', zone: 'Europe/Madrid' }; // 16 May, 00:30
    expect(verdicts({ in_last: [v('renews_on'), 24, 'hour'] }, 'renews_on', dates, given)).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
    expect(verdicts({ in_last: [v('renews_on'), 25, 'hour'] }, 'renews_on', dates, given)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(verdicts({ in_next: [v('renews_on'), 24, 'hour'] }, 'renews_on', dates, given)).toEqual([
      false,
      false,
      false,
      true,
      false,
    ]);
    expect(verdicts({ before_last: [v('renews_on'), 1, 'day'] }, 'renews_on', dates, given)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
  test('a timestamp without zone is compared with the clock of its zone', () => {
    const json = { in_last: [v('local_seen'), 1, 'hour'] };
    const values = ['2024-05-15 12:00:00', '2024-05-15 14:00:00', '2024-05-15 13:00:00.5', 'infinity'];
    expect(verdicts(json, 'local_seen', values, { now })).toEqual([true, false, false, false]);
    expect(verdicts(json, 'local_seen', values, { now, timestamps: 'Europe/Madrid' })).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
  test('a value is in the past from its own instant on; infinite values have a side, missing ones have none', () => {
    const past = { is_past: [v('created_at')] };
    const future = { is_future: [v('created_at')] };
    const expected = [true, false, true, true, true, false, false, false, true];
    expect(verdicts(past, 'created_at', values, { now })).toEqual([...expected, false]);
    expect(verdicts(future, 'created_at', values, { now })).toEqual([...expected.map((value) => !value), false]);
    expect(verdicts({ '!': [past] }, 'created_at', [null], { now })).toEqual([true]);
    const dates = ['2024-05-15', '2024-05-16', '2024-05-17', 'infinity', '-infinity', null];
    const given = { now: '2024-05-15T22:30:00Z', zone: 'Europe/Madrid' }; // 16 May, 00:30
    expect(verdicts({ is_past: v('renews_on') }, 'renews_on', dates, given)).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
    const clocks = ['2024-05-15 14:00:00', '2024-05-15 14:00:00.000001', 'infinity'];
    expect(
      verdicts({ is_future: [v('local_seen')] }, 'local_seen', clocks, { now, timestamps: 'Europe/Madrid' }),
    ).toEqual([false, true, true]);
  });
  test('known_for counts from the time that the contact was created', () => {
    expect(
      verdicts(
        { known_for: [30, 'day'] },
        'created_at',
        ['2024-04-15 12:00:00+00', '2024-04-15 12:00:00.000001+00', null],
        { now },
      ),
    ).toEqual([true, false, false]);
  });
});

describe('windows by the calendar', () => {
  const dates = [
    '2024-02-28',
    '2024-02-29',
    '2024-03-01',
    '2024-03-31',
    '2024-04-01',
    '2024-04-30',
    '2024-05-01',
    null,
  ];
  const at = (operator: string, amount: number, unit: string, day: string): boolean[] =>
    verdicts({ [operator]: [v('renews_on'), amount, unit] }, 'renews_on', dates, { now: `${day}T12:00:00Z` });

  test('the end of the month clamps: on 31 March a month ago was 29 February', () => {
    expect(at('in_last', 1, 'month', '2024-03-31')).toEqual([false, false, true, true, false, false, false, false]);
    expect(at('before_last', 1, 'month', '2024-03-31')).toEqual([true, true, false, false, false, false, false, false]);
    // On 29, 30 and 31 March it was the same day.
    expect(at('before_last', 1, 'month', '2024-03-29')).toEqual(at('before_last', 1, 'month', '2024-03-31'));
    expect(at('before_last', 1, 'month', '2024-03-28')).toEqual([true, ...Array.from({ length: 7 }, () => false)]);
    expect(at('in_next', 1, 'month', '2024-03-31')).toEqual([false, false, false, false, true, true, false, false]);
    expect(at('in_next', 1, 'month', '2024-01-31')).toEqual([true, true, false, false, false, false, false, false]);
  });
  test('a quarter is three months, and a year twelve', () => {
    expect(at('before_last', 1, 'quarter', '2024-05-31')).toEqual(at('before_last', 3, 'month', '2024-05-31'));
    expect(at('before_last', 1, 'quarter', '2024-05-31')).toEqual([
      true,
      true,
      ...Array.from({ length: 6 }, () => false),
    ]);
    expect(at('before_last', 1, 'year', '2025-02-28')).toEqual([true, ...Array.from({ length: 7 }, () => false)]);
    expect(at('in_next', 1, 'year', '2023-02-28')).toEqual([true, ...Array.from({ length: 7 }, () => false)]);
    expect(at('in_next', 12, 'month', '2023-02-28')).toEqual(at('in_next', 1, 'year', '2023-02-28'));
  });
  test('an instant is in the window by its local day, and ends it at its own microsecond', () => {
    const given = { now: '2024-05-15T12:00:00Z', zone: 'Europe/Madrid' };
    const instants = [
      '2024-04-15 21:59:59.999999+00',
      '2024-04-15 22:00:00+00',
      '2024-05-15 12:00:00+00',
      '2024-05-15 12:00:00.000001+00',
      '2024-06-15 21:59:59.999999+00',
      '2024-06-15 22:00:00+00',
      'infinity',
      '-infinity',
      null,
    ];
    const of = (operator: string): boolean[] =>
      verdicts({ [operator]: [v('created_at'), 1, 'month'] }, 'created_at', instants, given);
    expect(of('in_last')).toEqual([false, true, true, false, false, false, false, false, false]);
    expect(of('before_last')).toEqual([true, false, false, false, false, false, false, true, false]);
    expect(of('in_next')).toEqual([false, false, false, true, true, false, false, false, false]);
  });
  test('today is a local day of the zone', () => {
    // 16 May in Madrid, 15 May in Havana.
    const given = { now: '2024-05-15T22:30:00Z' };
    const ago = { before_last: [v('renews_on'), 1, 'month'] };
    const days = ['2024-04-15', '2024-04-16', '2024-04-17'];
    expect(verdicts(ago, 'renews_on', days, { ...given, zone: 'Europe/Madrid' })).toEqual([true, true, false]);
    expect(verdicts(ago, 'renews_on', days, { ...given, zone: 'America/Havana' })).toEqual([true, false, false]);
  });
});

describe('calendar operators', () => {
  test.each([
    ['day', 0, ['2024-05-15'], ['2024-05-14', '2024-05-16']],
    ['day', -1, ['2024-05-14'], ['2024-05-15']],
    ['week', 0, ['2024-05-13', '2024-05-19'], ['2024-05-12', '2024-05-20']],
    ['week', 1, ['2024-05-20', '2024-05-26'], ['2024-05-19', '2024-05-27']],
    ['month', 0, ['2024-05-01', '2024-05-31'], ['2024-04-30', '2024-06-01']],
    ['month', -5, ['2023-12-01', '2023-12-31'], ['2023-11-30', '2024-01-01']],
    ['quarter', 0, ['2024-04-01', '2024-06-30'], ['2024-03-31', '2024-07-01']],
    ['quarter', -2, ['2023-10-01', '2023-12-31'], ['2023-09-30', '2024-01-01']],
    ['year', 1, ['2025-01-01', '2025-12-31'], ['2024-12-31', '2026-01-01']],
  ])('in_period %s %i', (unit, k, inside, outside) => {
    const json = { in_period: [v('renews_on'), unit, k] };
    expect(verdicts(json, 'renews_on', inside, { now })).toEqual(inside.map(() => true));
    expect(verdicts(json, 'renews_on', [...outside, 'infinity', '-infinity', null], { now })).toEqual(
      [...outside, 1, 1, 1].map(() => false),
    );
  });
  test('a date literal is a local day of the zone', () => {
    const json = { in_period: [v('created_at'), 'day', 0] };
    const values = [
      '2024-05-14 22:00:00+00',
      '2024-05-14 21:59:59.999999+00',
      '2024-05-15 21:59:59+00',
      '2024-05-15 22:00:00+00',
    ];
    expect(verdicts(json, 'created_at', values, { now, zone: 'Europe/Madrid' })).toEqual([true, false, true, false]);
    expect(verdicts(json, 'created_at', values, { now, zone: 'UTC' })).toEqual([false, false, true, true]);
  });
  test('a midnight may be missing or come twice', () => {
    const json = { '==': [v('created_at'), '2024-04-26'] };
    // Cairo: 25 April 24:00 is 26 April 01:00
    expect(
      verdicts(
        json,
        'created_at',
        ['2024-04-25 21:59:59+00', '2024-04-25 22:00:00+00', '2024-04-26 20:59:59+00', '2024-04-26 21:00:00+00'],
        { now, zone: 'Africa/Cairo' },
      ),
    ).toEqual([false, true, true, false]);
    const twice = { '==': [v('created_at'), '2024-11-03'] };
    // Havana: 3 November 01:00 becomes 00:00, the day has 25 hours
    expect(
      verdicts(
        twice,
        'created_at',
        ['2024-11-03 03:59:59+00', '2024-11-03 04:00:00+00', '2024-11-04 04:59:59+00', '2024-11-04 05:00:00+00'],
        { now, zone: 'America/Havana' },
      ),
    ).toEqual([false, true, true, false]);
  });
  test('ordering against a date is by local day', () => {
    const values = [
      '2024-05-14 21:59:59+00',
      '2024-05-14 22:00:00+00',
      '2024-05-15 22:00:00+00',
      'infinity',
      '-infinity',
      null,
    ];
    expect(verdicts({ '<': [v('created_at'), '2024-05-15'] }, 'created_at', values)).toEqual([
      true,
      false,
      false,
      false,
      true,
      false,
    ]);
    expect(verdicts({ '<=': [v('created_at'), '2024-05-15'] }, 'created_at', values)).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(verdicts({ '>': [v('created_at'), '2024-05-15'] }, 'created_at', values)).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(verdicts({ '!=': [v('created_at'), '2024-05-15'] }, 'created_at', values)).toEqual([
      true,
      false,
      true,
      true,
      true,
      true,
    ]);
  });
  test('weekday is the ISO day of the local date', () => {
    expect(
      verdicts({ in: [{ weekday: [v('renews_on')] }, [6, 7]] }, 'renews_on', [
        '2024-05-18',
        '2024-05-19',
        '2024-05-20',
        'infinity',
        null,
      ]),
    ).toEqual([true, true, false, false, false]);
    expect(
      verdicts({ '==': [{ weekday: [v('created_at')] }, 1] }, 'created_at', [
        '2024-05-19 22:00:00+00',
        '2024-05-19 21:59:59+00',
      ]),
    ).toEqual([true, false]);
  });
});

describe('ages and anniversaries', () => {
  const at = (json: unknown, dates: readonly (string | null)[], day: string): boolean[] =>
    verdicts(json, 'birth_date', dates, { now: `${day}T12:00:00Z` });

  test('age counts whole years; 29 February counts from the 28th in common years', () => {
    const adult = { '>=': [{ age: [v('birth_date')] }, 18] };
    expect(at(adult, ['2006-05-15', '2006-05-16', null], '2024-05-15')).toEqual([true, false, false]);
    expect(at(adult, ['2004-02-29'], '2022-02-27')).toEqual([false]);
    expect(at(adult, ['2004-02-29'], '2022-02-28')).toEqual([true]);
    const twenty = { '>=': [{ age: [v('birth_date')] }, 20] };
    expect(at(twenty, ['2004-02-29'], '2024-02-28')).toEqual([false]);
    expect(at(twenty, ['2004-02-29'], '2024-02-29')).toEqual([true]);
    expect(
      at({ '<': [{ age: [v('birth_date')] }, 1] }, ['2030-01-01', 'infinity', '-infinity', null], '2024-05-15'),
    ).toEqual([true, true, false, false]);
    expect(at({ '==': [{ age: [v('birth_date')] }, 17] }, ['2006-05-16', '2006-05-15'], '2024-05-15')).toEqual([
      true,
      false,
    ]);
  });
  test('today is a local day of the zone', () => {
    const json = { '>=': [{ age: [v('birth_date')] }, 18] };
    const given = { fields: { birth_date: '2006-05-16' }, now: '2024-05-15T22:00:00Z' };
    expect(holds(json, { ...given, zone: 'Europe/Madrid' })).toBe(true);
    expect(holds(json, { ...given, zone: 'UTC' })).toBe(false);
  });
  test('anniversaries within the next days', () => {
    const soon = { anniversary_in_next: [v('birth_date'), 7] };
    expect(at(soon, ['1990-05-15', '1990-05-22', '1990-05-23', '1990-05-14', 'infinity', null], '2024-05-15')).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(at(soon, ['1990-01-02', '1990-12-30'], '2024-12-28')).toEqual([true, true]);
    expect(at({ anniversary_today: [v('birth_date')] }, ['2004-02-29', '2004-02-28'], '2023-02-28')).toEqual([
      true,
      true,
    ]);
    expect(at({ anniversary_today: [v('birth_date')] }, ['2004-02-29', '2004-02-28'], '2024-02-28')).toEqual([
      false,
      true,
    ]);
    expect(at({ anniversary_in_next: [v('birth_date'), 366] }, ['2004-02-29', '1990-07-07'], '2023-03-01')).toEqual([
      true,
      true,
    ]);
  });
  test('anniversaries within the last days', () => {
    const lately = { anniversary_in_last: [v('birth_date'), 7] };
    expect(
      at(lately, ['1990-05-15', '1990-05-08', '1990-05-07', '1990-05-16', 'infinity', null], '2024-05-15'),
    ).toEqual([true, true, false, false, false, false]);
    expect(at(lately, ['1990-12-30', '1990-01-03', '1990-12-26'], '2024-01-02')).toEqual([true, false, true]);
    expect(at({ anniversary_in_last: [v('birth_date'), 1] }, ['2004-02-29', '2004-02-28'], '2023-03-01')).toEqual([
      true,
      true,
    ]);
    expect(at({ anniversary_in_last: [v('birth_date'), 1] }, ['2004-02-29', '2004-02-28'], '2024-03-01')).toEqual([
      true,
      false,
    ]);
  });
  test('anniversaries in weeks and months', () => {
    const week = { anniversary_in_period: [v('birth_date'), 'week', 0] };
    expect(at(week, ['1990-12-30', '1990-12-29', '1990-01-05', '1990-01-06', null], '2025-01-01')).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    const month = { anniversary_in_period: [v('birth_date'), 'month', -11] };
    expect(at(month, ['2004-02-29', '1990-02-01', '1990-03-01', '-infinity'], '2024-01-31')).toEqual([
      true,
      true,
      false,
      false,
    ]);
    // 28 February 2023 was a Tuesday.
    expect(at({ anniversary_in_period: [v('birth_date'), 'week', 1] }, ['2004-02-29'], '2023-02-22')).toEqual([true]);
  });
  test('an instant has its anniversaries by its local day', () => {
    const given = { now: '2024-05-15T22:30:00Z' }; // 16 May in Madrid
    const instants = ['2020-05-15 21:59:59+00', '2020-05-15 22:00:00+00', '2020-05-16 22:00:00+00', 'infinity', null];
    const today = { anniversary_today: [v('created_at')] };
    expect(verdicts(today, 'created_at', instants, { ...given, zone: 'Europe/Madrid' })).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(verdicts(today, 'created_at', instants, { ...given, zone: 'UTC' })).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    const may = { '==': [{ anniversary_month: [v('created_at')] }, 5] };
    expect(
      verdicts(may, 'created_at', ['2020-05-31 21:59:59+00', '2020-05-31 22:00:00+00', 'infinity'], {
        ...given,
        zone: 'Europe/Madrid',
      }),
    ).toEqual([true, false, false]);
  });
  test('anniversary_month is the month of the date', () => {
    expect(
      at({ '==': [{ anniversary_month: [v('birth_date')] }, 2] }, ['2004-02-29', '2004-03-01', null], '2024-05-15'),
    ).toEqual([true, false, false]);
  });
  test('infinite and very old dates have verdicts', () => {
    expect(at({ '<': [v('birth_date'), '0001-01-01'] }, ['0044-03-15 BC', '5874897-12-31'], '2024-05-15')).toEqual([
      true,
      false,
    ]);
    expect(at({ '>=': [{ age: [v('birth_date')] }, 2000] }, ['0044-03-15 BC', '5874897-12-31'], '2024-05-15')).toEqual([
      true,
      false,
    ]);
  });
});
