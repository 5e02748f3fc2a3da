/**
 * One condition for each operator of the table, with its words, a document that satisfies it and one that does not. A new
 * operator without a sample does not compile; the samples run through the checker, the words, the evaluator
 * (shape.test.ts) and Postgres (test/compile/operator-sample.pg.test.ts).
 */
import type { OperatorName } from '../../src/condition/operator.ts';
import type { ConditionOver } from '../../src/condition/typed.ts';
import type { DocumentValue, MembershipPast } from '../../src/condition/evaluate/document.ts';

/** The fields of the shop (catalogue.ts) that the samples read. */
export interface SampleTables {
  contacts: {
    country: string | null;
    city: string | null;
    points: number | null;
    balance: string | null;
    vip: boolean | null;
    tags: string[] | null;
    birth_date: string | null;
    created_at: string | null;
    last_seen_at: string | null;
  };
  relations: { orders: { status: string | null; total: string | null; placed_at: string | null } };
}

/** What a document holds, as Postgres prints it. The instant is 2024-05-15 at noon UTC, the zone Europe/Madrid. */
export interface SampleDocument {
  /** Of a contact that only this sample has. */
  readonly key?: string;
  readonly fields?: Readonly<Record<string, DocumentValue>>;
  readonly orders?: readonly Readonly<Record<string, DocumentValue>>[];
  readonly segments?: readonly string[];
  readonly pasts?: Readonly<Record<string, MembershipPast>>;
}

export interface Sample<Json> {
  readonly json: Json;
  readonly words: string;
  readonly holds: SampleDocument;
  readonly fails: SampleDocument;
}

const v = <const Name extends string>(name: Name): { readonly var: Name } => ({ var: name });

const paid = { '==': [v('status'), 'paid'] } as const;
const paidOrders = { filter: [v('orders'), paid] } as const;
const paidTotals = { map: [paidOrders, v('total')] } as const;

function order(status: string, total: string | null = null, placed_at = '2024-05-01 10:00:00+00') {
  return { status, total, placed_at };
}

function past(of: Partial<MembershipPast>): MembershipPast {
  return { since: null, entered: [], left: [], ...of };
}

type Typed = Sample<ConditionOver<SampleTables>>;

/** typed.ts has no `reduce`: people write `count`. */
export const samples: Readonly<Record<Exclude<OperatorName, 'reduce'>, Typed> & { reduce: Sample<unknown> }> = {
  and: {
    json: { and: [v('vip'), { '>': [v('points'), 3] }] },
    words: 'vip is yes and points is greater than 3',
    holds: { fields: { vip: 'true', points: '4' } },
    fails: { fields: { vip: 'true', points: '3' } },
  },
  or: {
    json: { or: [v('vip'), { '>': [v('points'), 3] }] },
    words: 'vip is yes or points is greater than 3',
    holds: { fields: { vip: 'false', points: '4' } },
    fails: { fields: { vip: 'false' } },
  },
  '!': {
    json: { '!': [v('vip')] },
    words: 'vip is not yes (or has no value)',
    holds: { fields: {} },
    fails: { fields: { vip: 'true' } },
  },
  '!!': {
    json: { '!!': [v('vip')] },
    words: 'vip is yes',
    holds: { fields: { vip: 'true' } },
    fails: { fields: {} },
  },
  if: {
    json: { if: [v('vip'), { '>': [v('points'), 3] }, { '>': [v('points'), 10] }] },
    words:
      '(vip is yes and points is greater than 3) or (vip is not yes (or has no value) and points is greater than 10)',
    holds: { fields: { vip: 'true', points: '4' } },
    fails: { fields: { vip: 'false', points: '4' } },
  },
  '==': {
    json: { '==': [v('country'), 'ES'] },
    words: 'country is ES',
    holds: { fields: { country: 'ES' } },
    fails: { fields: { country: 'es' } },
  },
  '===': {
    json: { '===': [v('points'), '2.0'] },
    words: 'points is 2',
    holds: { fields: { points: '2' } },
    fails: { fields: {} },
  },
  '!=': {
    json: { '!=': [v('country'), 'ES'] },
    words: 'country is not ES (or has no value)',
    holds: { fields: {} },
    fails: { fields: { country: 'ES' } },
  },
  '!==': {
    json: { '!==': [v('country'), 'ES'] },
    words: 'country is not ES (or has no value)',
    holds: { fields: { country: 'PT' } },
    fails: { fields: { country: 'ES' } },
  },
  '<': {
    json: { '<': [v('points'), 3] },
    words: 'points is less than 3',
    holds: { fields: { points: '2' } },
    fails: { fields: {} },
  },
  '<=': {
    json: { '<=': [18, { age: [v('birth_date')] }, 35] },
    words: 'the age by birth_date is between 18 and 35 (both included)',
    holds: { fields: { birth_date: '2006-05-15' } },
    fails: { fields: { birth_date: '2006-05-16' } },
  },
  '>': {
    json: { '>': [v('balance'), '2.50'] },
    words: 'balance is greater than 2.5',
    holds: { fields: { balance: '2.51' } },
    fails: { fields: { balance: '2.5' } },
  },
  '>=': {
    json: { '>=': [v('created_at'), '2024-05-01'] },
    words: 'created_at is on or after 2024-05-01',
    holds: { fields: { created_at: '2024-04-30 22:00:00+00' } },
    fails: { fields: { created_at: '2024-04-30 21:59:59+00' } },
  },
  in: {
    json: { in: [v('country'), ['ES', 'PT']] },
    words: 'country is ES or PT',
    holds: { fields: { country: 'PT' } },
    fails: { fields: { country: 'FR' } },
  },
  has_any: {
    json: { has_any: [v('tags'), ['vip', 'press']] },
    words: 'tags has any of vip or press',
    holds: { fields: { tags: ['press'] } },
    fails: { fields: { tags: ['beta'] } },
  },
  has_all: {
    json: { has_all: [v('tags'), ['vip', 'press']] },
    words: 'tags has all of vip and press',
    holds: { fields: { tags: ['press', 'vip'] } },
    fails: { fields: { tags: ['press'] } },
  },
  has_only: {
    json: { has_only: [v('tags'), ['vip', 'press']] },
    words: 'tags has only vip or press',
    holds: { fields: { tags: ['press', 'press'] } },
    fails: { fields: { tags: ['press', 'beta'] } },
  },
  starts_with: {
    json: { starts_with: [v('city'), 'Má'] },
    words: 'city starts with Má',
    holds: { fields: { city: 'Málaga' } },
    fails: { fields: { city: 'málaga' } },
  },
  ends_with: {
    json: { ends_with: [v('city'), 'ga'] },
    words: 'city ends with ga',
    holds: { fields: { city: 'Málaga' } },
    fails: { fields: { city: 'MÁLAGA' } },
  },
  ieq: {
    json: { ieq: [v('city'), 'málaga'] },
    words: 'city is málaga (upper or lower case)',
    holds: { fields: { city: 'MÁLAGA' } },
    fails: { fields: { city: 'Malaga' } },
  },
  icontains: {
    json: { icontains: [v('city'), ['zz', 'ÁL']] },
    words: 'city contains zz or ÁL (upper or lower case)',
    holds: { fields: { city: 'Málaga' } },
    fails: { fields: { city: 'Cádiz' } },
  },
  istarts_with: {
    json: { istarts_with: [v('city'), 'má'] },
    words: 'city starts with má (upper or lower case)',
    holds: { fields: { city: 'MÁLAGA' } },
    fails: { fields: { city: 'Cádiz' } },
  },
  iends_with: {
    json: { iends_with: [v('city'), 'GA'] },
    words: 'city ends with GA (upper or lower case)',
    holds: { fields: { city: 'Málaga' } },
    fails: { fields: { city: 'Cádiz' } },
  },
  iin: {
    json: { iin: [v('city'), ['málaga', 'cádiz']] },
    words: 'city is málaga or cádiz (upper or lower case)',
    holds: { fields: { city: 'CÁDIZ' } },
    fails: { fields: { city: 'Madrid' } },
  },
  is_empty: {
    json: { is_empty: [v('city')] },
    words: 'city is empty or missing',
    holds: { fields: { city: '' } },
    fails: { fields: { city: ' ' } },
  },
  in_last: {
    json: { in_last: [v('last_seen_at'), 30, 'day'] },
    words: 'last_seen_at is within the last 30 days',
    holds: { fields: { last_seen_at: '2024-05-15 12:00:00+00' } },
    fails: { fields: { last_seen_at: '2024-04-15 12:00:00+00' } },
  },
  before_last: {
    json: { before_last: [v('last_seen_at'), 30, 'day'] },
    words: 'last_seen_at is at least 30 days ago',
    holds: { fields: { last_seen_at: '2024-04-15 12:00:00+00' } },
    fails: { fields: {} },
  },
  in_next: {
    json: { in_next: [v('last_seen_at'), 2, 'hour'] },
    words: 'last_seen_at is within the next 2 hours',
    holds: { fields: { last_seen_at: '2024-05-15 14:00:00+00' } },
    fails: { fields: { last_seen_at: '2024-05-15 12:00:00+00' } },
  },
  is_past: {
    json: { is_past: [v('last_seen_at')] },
    words: 'last_seen_at is in the past',
    holds: { fields: { last_seen_at: '2024-05-15 12:00:00+00' } },
    fails: { fields: { last_seen_at: '2024-05-15 12:00:00.000001+00' } },
  },
  is_future: {
    json: { is_future: [v('last_seen_at')] },
    words: 'last_seen_at is in the future',
    holds: { fields: { last_seen_at: 'infinity' } },
    fails: { fields: { last_seen_at: '2024-05-15 12:00:00+00' } },
  },
  known_for: {
    json: { known_for: [1, 'month'] },
    words: 'created_at is at least 1 month ago',
    holds: { fields: { created_at: '2024-04-15 21:59:59+00' } },
    fails: { fields: { created_at: '2024-04-15 22:00:00+00' } },
  },
  in_period: {
    json: { in_period: [v('created_at'), 'month', -1] },
    words: 'created_at is in last month',
    holds: { fields: { created_at: '2024-04-30 21:59:59+00' } },
    fails: { fields: { created_at: '2024-04-30 22:00:00+00' } },
  },
  anniversary_in_next: {
    json: { anniversary_in_next: [v('birth_date'), 7] },
    words: 'an anniversary of birth_date is today or in the next 7 days',
    holds: { fields: { birth_date: '1990-05-22' } },
    fails: { fields: { birth_date: '1990-05-23' } },
  },
  anniversary_in_last: {
    json: { anniversary_in_last: [v('created_at'), 7] },
    words: 'an anniversary of created_at is today or was in the last 7 days',
    holds: { fields: { created_at: '2020-05-07 22:00:00+00' } },
    fails: { fields: { created_at: '2020-05-07 21:59:59+00' } },
  },
  anniversary_in_period: {
    json: { anniversary_in_period: [v('birth_date'), 'week', 1] },
    words: 'an anniversary of birth_date is in next week',
    holds: { fields: { birth_date: '1990-05-26' } },
    fails: { fields: { birth_date: '1990-05-27' } },
  },
  anniversary_today: {
    json: { anniversary_today: [v('birth_date')] },
    words: 'today is an anniversary of birth_date',
    holds: { fields: { birth_date: '1990-05-15' } },
    fails: { fields: { birth_date: '1990-05-16' } },
  },
  within_km: {
    json: { within_km: [v('points'), v('balance'), [3, '-179.9'], 25] },
    words: 'the place (points, balance) is within 25 km of (3, -179.9)',
    holds: { fields: { points: '3', balance: '179.9' } },
    fails: { fields: { points: '3', balance: '179.8' } },
  },
  some: {
    json: { some: [v('orders'), paid] },
    words: 'has rows of orders where (status is paid)',
    holds: { orders: [order('new'), order('paid')] },
    fails: { orders: [order('new')] },
  },
  none: {
    json: { none: [v('orders'), paid] },
    words: 'has no rows of orders where (status is paid)',
    holds: { orders: [] },
    fails: { orders: [order('paid')] },
  },
  all: {
    json: { all: [v('orders'), paid] },
    words: 'has rows of orders and every one of rows of orders, if any, satisfies (status is paid)',
    holds: { orders: [order('paid')] },
    fails: { orders: [] },
  },
  in_segment: {
    json: { in_segment: ['a'] },
    words: 'is in the segment a',
    holds: { segments: ['a'] },
    fails: { segments: ['b'] },
  },
  member_for: {
    json: { member_for: ['a', 14, 'day'] },
    words: 'has been in the segment a for at least 14 days',
    holds: { pasts: { a: past({ since: '2024-05-01 12:00:00+00' }) } },
    fails: { pasts: { a: past({ since: '2024-05-01 12:00:00.000001+00' }) } },
  },
  entered_in_last: {
    json: { entered_in_last: ['a', 1, 'week'] },
    words: 'entered the segment a within the last 1 week',
    holds: { pasts: { a: past({ entered: ['2023-01-01 00:00:00+00', '2024-05-08 12:00:00.000001+00'] }) } },
    fails: {
      pasts: {
        a: past({
          entered: ['2024-05-08 12:00:00+00', '2024-05-15 12:00:00.000001+00'],
          left: ['2024-05-15 12:00:00+00'],
        }),
      },
    },
  },
  left_in_last: {
    json: { left_in_last: ['a', 90, 'minute'] },
    words: 'left the segment a within the last 90 minutes',
    holds: { pasts: { a: past({ left: ['2024-05-15 12:00:00+00'] }) } },
    fails: { pasts: { a: past({ left: ['2024-05-15 10:30:00+00'], entered: ['2024-05-15 11:00:00+00'] }) } },
  },
  var: {
    json: v('vip'),
    words: 'vip is yes',
    holds: { fields: { vip: 'true' } },
    fails: { fields: { vip: 'false' } },
  },
  age: {
    json: { in: [{ age: [v('birth_date')] }, [17, 18]] },
    words: 'the age by birth_date is 17 or 18',
    holds: { fields: { birth_date: '2006-05-15' } },
    fails: { fields: { birth_date: '2005-05-15' } },
  },
  weekday: {
    json: { '==': [{ weekday: [v('created_at')] }, 3] },
    words: 'the weekday (Monday is 1) of created_at is 3',
    holds: { fields: { created_at: '2024-05-14 22:00:00+00' } },
    fails: { fields: { created_at: '2024-05-14 21:59:59+00' } },
  },
  anniversary_month: {
    json: { '==': [{ anniversary_month: [v('birth_date')] }, 5] },
    words: 'the month of birth_date is 5',
    holds: { fields: { birth_date: '1990-05-31' } },
    fails: { fields: { birth_date: '1990-06-01' } },
  },
  length: {
    json: { '>': [{ length: [v('city')] }, 5] },
    words: 'the length of city is greater than 5',
    holds: { fields: { city: 'Málaga' } },
    fails: { fields: { city: '💐💐💐' } },
  },
  size: {
    json: { '<': [{ size: [v('tags')] }, 2] },
    words: 'the number of values in tags is less than 2',
    holds: { fields: { tags: [] } },
    fails: { fields: {} },
  },
  '+': {
    json: { '>=': [{ '+': [v('points'), v('balance'), 1] }, 5] },
    words: '(points + balance + 1) is at least 5',
    holds: { fields: { points: '3', balance: '1.00' } },
    fails: { fields: { points: '30' } },
  },
  '-': {
    json: { '<': [{ '-': [v('points'), { '*': [v('balance'), 2] }] }, 0] },
    words: '(points - (balance * 2)) is less than 0',
    holds: { fields: { points: '3', balance: '1.51' } },
    fails: { fields: { points: '3', balance: '1.5' } },
  },
  '*': {
    json: {
      '>': [{ '*': [2, { count: [paidOrders] }] }, { sum: [{ map: [v('orders'), { '*': [v('total'), '0.5'] }] }] }],
    },
    words:
      '(2 * (the number of rows of orders where (status is paid))) is greater than the sum of (total * 0.5) across rows of orders',
    holds: { orders: [order('paid', '3.99')] },
    fails: { orders: [order('paid', '1'), order('new', '3')] },
  },
  plus: {
    json: { '<=': [v('last_seen_at'), { plus: [v('created_at'), 2, 'hour'] }] },
    words: 'last_seen_at is on or before (2 hours after created_at)',
    holds: { fields: { created_at: '2024-05-01 10:00:00+00', last_seen_at: '2024-05-01 12:00:00+00' } },
    fails: { fields: { created_at: '2024-05-01 10:00:00+00', last_seen_at: '2024-05-01 12:00:00.000001+00' } },
  },
  minus: {
    json: { '<': [{ minus: [{ max_of: [{ map: [v('orders'), v('placed_at')] }] }, 1, 'week'] }, v('created_at')] },
    words: '(1 week before the latest placed_at among rows of orders) is before the value of created_at',
    holds: { fields: { created_at: '2024-05-01 10:00:00+00' }, orders: [order('new', null, '2024-05-08 09:59:59+00')] },
    fails: { fields: { created_at: '2024-05-01 10:00:00+00' }, orders: [order('new', null, '2024-05-08 10:00:00+00')] },
  },
  bucket: {
    json: { '<': [{ bucket: ['letter', 100] }, 45] },
    words: 'the bucket by letter (0 to 99) is less than 45',
    holds: { key: '9007' },
    fails: { key: '9002' },
  },
  count: {
    json: { '>=': [{ count: [paidOrders] }, 2] },
    words: 'the number of rows of orders where (status is paid) is at least 2',
    holds: { orders: [order('paid'), order('paid')] },
    fails: { orders: [order('paid'), order('new')] },
  },
  count_distinct: {
    json: { '>=': [{ count_distinct: [{ map: [v('orders'), v('status')] }] }, 2] },
    words: 'the number of different values of status among rows of orders is at least 2',
    holds: { orders: [order('paid'), order('paid'), order('new')] },
    fails: { orders: [order('paid'), order('paid'), { total: '1' }] },
  },
  sum: {
    json: { '==': [{ sum: [paidTotals] }, 0] },
    words: 'the sum of total across rows of orders where (status is paid) is 0',
    holds: { orders: [] },
    fails: { orders: [order('paid', '0.01')] },
  },
  avg: {
    json: { '==': [{ avg: [paidTotals] }, '0.15'] },
    words: 'the average total across rows of orders where (status is paid) is 0.15',
    holds: { orders: [order('paid', '0.1'), order('paid', '0.2')] },
    fails: { orders: [] },
  },
  min_of: {
    json: { '<': [{ min_of: [paidTotals] }, 5] },
    words: 'the lowest total among rows of orders where (status is paid) is less than 5',
    holds: { orders: [order('paid', '9'), order('paid', '4')] },
    fails: { orders: [order('new', '4')] },
  },
  max_of: {
    json: { '>': [{ max_of: [{ map: [{ newest: [2, paidOrders] }, v('total')] }] }, 5] },
    words: 'the highest total among the 2 newest of (rows of orders where (status is paid)) is greater than 5',
    holds: {
      orders: [
        order('paid', '9'),
        order('paid', '4', '2024-05-02 10:00:00+00'),
        order('new', '1', '2024-05-03 10:00:00+00'),
      ],
    },
    fails: {
      orders: [
        order('paid', '9'),
        order('paid', '4', '2024-05-02 10:00:00+00'),
        order('paid', '1', '2024-05-03 10:00:00+00'),
      ],
    },
  },
  first: {
    json: { '==': [{ first: [v('orders'), v('status')] }, 'paid'] },
    words: 'the first status (by placed_at) among rows of orders is paid',
    holds: { orders: [order('new', null, '2024-05-02 10:00:00+00'), order('paid')] },
    fails: { orders: [order('paid', null, '2024-05-02 10:00:00+00'), order('new')] },
  },
  last: {
    json: { '==': [{ last: [v('orders'), v('total'), paid] }, null] },
    words: 'the last total (by placed_at) among rows of orders where (status is paid) has no value',
    holds: { orders: [order('paid', '5'), order('paid', null, '2024-05-02 10:00:00+00')] },
    fails: { orders: [order('paid', '5'), order('new', null, '2024-05-02 10:00:00+00')] },
  },
  reduce: {
    json: { '>': [{ reduce: [paidOrders, { '+': [1, v('accumulator')] }, 0] }, 1] },
    words: 'the number of rows of orders where (status is paid) is greater than 1',
    holds: { orders: [order('paid'), order('paid')] },
    fails: { orders: [order('paid')] },
  },
};
