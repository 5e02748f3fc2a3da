/**
 * One condition for each operator of the table, with its words, a document that satisfies it and one that does not. A new
 * operator without a sample does not compile; the samples run through the checker, the words, the evaluator
 * (shape.test.ts) and Postgres (test/compile/operator-sample.pg.test.ts).
 */
import type { OperatorName } from '../../src/condition/operator.ts';
import type { ConditionOver } from '../../src/condition/typed.ts';
import type { DocumentValue } from '../../src/condition/evaluate/document.ts';

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
  readonly fields?: Readonly<Record<string, DocumentValue>>;
  readonly orders?: readonly Readonly<Record<string, DocumentValue>>[];
  readonly segments?: readonly string[];
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

type Typed = Sample<ConditionOver<SampleTables>>;

/** typed.ts has no `reduce`: people write `count`. */
export const samples: Readonly<Record<Exclude<OperatorName, 'reduce'>, Typed> & { reduce: Sample<unknown> }> = {
  and: {
    json: { and: [v('vip'), { '>': [v('points'), 3] }] },
    words: 'Vip is yes and points is greater than 3',
    holds: { fields: { vip: 'true', points: '4' } },
    fails: { fields: { vip: 'true', points: '3' } },
  },
  or: {
    json: { or: [v('vip'), { '>': [v('points'), 3] }] },
    words: 'Vip is yes or points is greater than 3',
    holds: { fields: { vip: 'false', points: '4' } },
    fails: { fields: { vip: 'false' } },
  },
  '!': {
    json: { '!': [v('vip')] },
    words: 'Vip is not yes (or has no value)',
    holds: { fields: {} },
    fails: { fields: { vip: 'true' } },
  },
  '!!': {
    json: { '!!': [v('vip')] },
    words: 'Vip is yes',
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
    words: 'Country is "ES"',
    holds: { fields: { country: 'ES' } },
    fails: { fields: { country: 'es' } },
  },
  '===': {
    json: { '===': [v('points'), '2.0'] },
    words: 'Points is 2',
    holds: { fields: { points: '2' } },
    fails: { fields: {} },
  },
  '!=': {
    json: { '!=': [v('country'), 'ES'] },
    words: 'Country is not "ES" (or has no value)',
    holds: { fields: {} },
    fails: { fields: { country: 'ES' } },
  },
  '!==': {
    json: { '!==': [v('country'), 'ES'] },
    words: 'Country is not "ES" (or has no value)',
    holds: { fields: { country: 'PT' } },
    fails: { fields: { country: 'ES' } },
  },
  '<': {
    json: { '<': [v('points'), 3] },
    words: 'Points is less than 3',
    holds: { fields: { points: '2' } },
    fails: { fields: {} },
  },
  '<=': {
    json: { '<=': [18, { age: [v('birth_date')] }, 35] },
    words: 'The age by birth_date is between 18 and 35 (both included)',
    holds: { fields: { birth_date: '2006-05-15' } },
    fails: { fields: { birth_date: '2006-05-16' } },
  },
  '>': {
    json: { '>': [v('balance'), '2.50'] },
    words: 'Balance is greater than 2.5',
    holds: { fields: { balance: '2.51' } },
    fails: { fields: { balance: '2.5' } },
  },
  '>=': {
    json: { '>=': [v('created_at'), '2024-05-01'] },
    words: 'Created_at is on or after 2024-05-01',
    holds: { fields: { created_at: '2024-04-30 22:00:00+00' } },
    fails: { fields: { created_at: '2024-04-30 21:59:59+00' } },
  },
  in: {
    json: { in: [v('country'), ['ES', 'PT']] },
    words: 'Country is one of ["ES", "PT"]',
    holds: { fields: { country: 'PT' } },
    fails: { fields: { country: 'FR' } },
  },
  has_any: {
    json: { has_any: [v('tags'), ['vip', 'press']] },
    words: 'Tags has any of ["vip", "press"]',
    holds: { fields: { tags: ['press'] } },
    fails: { fields: { tags: ['beta'] } },
  },
  has_all: {
    json: { has_all: [v('tags'), ['vip', 'press']] },
    words: 'Tags has all of ["vip", "press"]',
    holds: { fields: { tags: ['press', 'vip'] } },
    fails: { fields: { tags: ['press'] } },
  },
  starts_with: {
    json: { starts_with: [v('city'), 'Má'] },
    words: 'City starts with "Má"',
    holds: { fields: { city: 'Málaga' } },
    fails: { fields: { city: 'málaga' } },
  },
  ends_with: {
    json: { ends_with: [v('city'), 'ga'] },
    words: 'City ends with "ga"',
    holds: { fields: { city: 'Málaga' } },
    fails: { fields: { city: 'MÁLAGA' } },
  },
  ieq: {
    json: { ieq: [v('city'), 'málaga'] },
    words: 'City is "málaga" (upper or lower case)',
    holds: { fields: { city: 'MÁLAGA' } },
    fails: { fields: { city: 'Malaga' } },
  },
  icontains: {
    json: { icontains: [v('city'), 'ÁL'] },
    words: 'City contains "ÁL" (upper or lower case)',
    holds: { fields: { city: 'Málaga' } },
    fails: { fields: { city: 'Cádiz' } },
  },
  istarts_with: {
    json: { istarts_with: [v('city'), 'má'] },
    words: 'City starts with "má" (upper or lower case)',
    holds: { fields: { city: 'MÁLAGA' } },
    fails: { fields: { city: 'Cádiz' } },
  },
  iends_with: {
    json: { iends_with: [v('city'), 'GA'] },
    words: 'City ends with "GA" (upper or lower case)',
    holds: { fields: { city: 'Málaga' } },
    fails: { fields: { city: 'Cádiz' } },
  },
  iin: {
    json: { iin: [v('city'), ['málaga', 'cádiz']] },
    words: 'City is one of ["málaga", "cádiz"] (upper or lower case)',
    holds: { fields: { city: 'CÁDIZ' } },
    fails: { fields: { city: 'Madrid' } },
  },
  is_empty: {
    json: { is_empty: [v('city')] },
    words: 'City is empty or missing',
    holds: { fields: { city: '' } },
    fails: { fields: { city: ' ' } },
  },
  in_last: {
    json: { in_last: [v('last_seen_at'), 30, 'day'] },
    words: 'Last_seen_at is within the last 30 days',
    holds: { fields: { last_seen_at: '2024-05-15 12:00:00+00' } },
    fails: { fields: { last_seen_at: '2024-04-15 12:00:00+00' } },
  },
  before_last: {
    json: { before_last: [v('last_seen_at'), 30, 'day'] },
    words: 'Last_seen_at is at least 30 days ago',
    holds: { fields: { last_seen_at: '2024-04-15 12:00:00+00' } },
    fails: { fields: {} },
  },
  in_next: {
    json: { in_next: [v('last_seen_at'), 2, 'hour'] },
    words: 'Last_seen_at is within the next 2 hours',
    holds: { fields: { last_seen_at: '2024-05-15 14:00:00+00' } },
    fails: { fields: { last_seen_at: '2024-05-15 12:00:00+00' } },
  },
  known_for: {
    json: { known_for: [1, 'week'] },
    words: 'Created_at is at least 1 week ago',
    holds: { fields: { created_at: '2024-05-08 12:00:00+00' } },
    fails: { fields: { created_at: '2024-05-08 12:00:01+00' } },
  },
  in_period: {
    json: { in_period: [v('created_at'), 'month', -1] },
    words: 'Created_at is in last month',
    holds: { fields: { created_at: '2024-04-30 21:59:59+00' } },
    fails: { fields: { created_at: '2024-04-30 22:00:00+00' } },
  },
  anniversary_in_next: {
    json: { anniversary_in_next: [v('birth_date'), 7] },
    words: 'An anniversary of birth_date is today or in the next 7 days',
    holds: { fields: { birth_date: '1990-05-22' } },
    fails: { fields: { birth_date: '1990-05-23' } },
  },
  anniversary_today: {
    json: { anniversary_today: [v('birth_date')] },
    words: 'Today is an anniversary of birth_date',
    holds: { fields: { birth_date: '1990-05-15' } },
    fails: { fields: { birth_date: '1990-05-16' } },
  },
  some: {
    json: { some: [v('orders'), paid] },
    words: 'Has rows of orders where (status is "paid")',
    holds: { orders: [order('new'), order('paid')] },
    fails: { orders: [order('new')] },
  },
  none: {
    json: { none: [v('orders'), paid] },
    words: 'Has no rows of orders where (status is "paid")',
    holds: { orders: [] },
    fails: { orders: [order('paid')] },
  },
  all: {
    json: { all: [v('orders'), paid] },
    words: 'Has rows of orders and every one of rows of orders, if any, satisfies (status is "paid")',
    holds: { orders: [order('paid')] },
    fails: { orders: [] },
  },
  in_segment: {
    json: { in_segment: ['a'] },
    words: 'Is in the segment "a"',
    holds: { segments: ['a'] },
    fails: { segments: ['b'] },
  },
  var: {
    json: v('vip'),
    words: 'Vip is yes',
    holds: { fields: { vip: 'true' } },
    fails: { fields: { vip: 'false' } },
  },
  age: {
    json: { in: [{ age: [v('birth_date')] }, [17, 18]] },
    words: 'The age by birth_date is one of [17, 18]',
    holds: { fields: { birth_date: '2006-05-15' } },
    fails: { fields: { birth_date: '2005-05-15' } },
  },
  weekday: {
    json: { '==': [{ weekday: [v('created_at')] }, 3] },
    words: 'The weekday (Monday is 1) of created_at is 3',
    holds: { fields: { created_at: '2024-05-14 22:00:00+00' } },
    fails: { fields: { created_at: '2024-05-14 21:59:59+00' } },
  },
  anniversary_month: {
    json: { '==': [{ anniversary_month: [v('birth_date')] }, 5] },
    words: 'The month of birth_date is 5',
    holds: { fields: { birth_date: '1990-05-31' } },
    fails: { fields: { birth_date: '1990-06-01' } },
  },
  count: {
    json: { '>=': [{ count: [paidOrders] }, 2] },
    words: 'The number of rows of orders where (status is "paid") is at least 2',
    holds: { orders: [order('paid'), order('paid')] },
    fails: { orders: [order('paid'), order('new')] },
  },
  sum: {
    json: { '==': [{ sum: [paidTotals] }, 0] },
    words: 'The sum of total over rows of orders where (status is "paid") is 0',
    holds: { orders: [] },
    fails: { orders: [order('paid', '0.01')] },
  },
  avg: {
    json: { '==': [{ avg: [paidTotals] }, '0.15'] },
    words: 'The average of total over rows of orders where (status is "paid") is 0.15',
    holds: { orders: [order('paid', '0.1'), order('paid', '0.2')] },
    fails: { orders: [] },
  },
  min_of: {
    json: { '<': [{ min_of: [paidTotals] }, 5] },
    words: 'The least total over rows of orders where (status is "paid") is less than 5',
    holds: { orders: [order('paid', '9'), order('paid', '4')] },
    fails: { orders: [order('new', '4')] },
  },
  max_of: {
    json: { '>': [{ max_of: [paidTotals] }, 5] },
    words: 'The greatest total over rows of orders where (status is "paid") is greater than 5',
    holds: { orders: [order('paid', '9'), order('paid', '4')] },
    fails: { orders: [order('new', '9')] },
  },
  first: {
    json: { '==': [{ first: [v('orders'), v('status')] }, 'paid'] },
    words: 'The first status (by placed_at) over rows of orders is "paid"',
    holds: { orders: [order('new', null, '2024-05-02 10:00:00+00'), order('paid')] },
    fails: { orders: [order('paid', null, '2024-05-02 10:00:00+00'), order('new')] },
  },
  last: {
    json: { '==': [{ last: [v('orders'), v('total'), paid] }, null] },
    words: 'The last total (by placed_at) over rows of orders where (status is "paid") has no value',
    holds: { orders: [order('paid', '5'), order('paid', null, '2024-05-02 10:00:00+00')] },
    fails: { orders: [order('paid', '5'), order('new', null, '2024-05-02 10:00:00+00')] },
  },
  reduce: {
    json: { '>': [{ reduce: [paidOrders, { '+': [1, v('accumulator')] }, 0] }, 1] },
    words: 'The number of rows of orders where (status is "paid") is greater than 1',
    holds: { orders: [order('paid'), order('paid')] },
    fails: { orders: [order('paid')] },
  },
};
