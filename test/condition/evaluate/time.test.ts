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
