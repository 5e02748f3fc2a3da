import { expect, test } from 'vitest';
import {
  agreementText,
  leafDetail,
  nextText,
  waitingTexts,
  whyTitle,
  type Why,
} from '../../../src/web/segment/why-text.ts';

const QUIET = { changes: 0, rechecks: 0, unresolved: false, crossed: false, rebuild: false };

const NEXT = { flip: null, searched: null, error: null };

function why(change: Partial<Omit<Why, 'segment'>> & { segment?: Partial<Why['segment']> } = {}): Why {
  const { segment, ...rest } = change;
  return {
    exists: true,
    stored: { member: true },
    computed: true,
    error: null,
    override: null,
    pending: QUIET,
    next: NEXT,
    ...rest,
    segment: { state: 'live', live: true, frozen: null, building: null, ...segment },
  };
}

test('the title asks what the page answers', () => {
  expect(whyTitle('26', why())).toBe('Why is contact 26 in?');
  const out = { member: false };
  expect(whyTitle('26', why({ stored: out }))).toBe('Why is contact 26 not in?');
  expect(whyTitle('26', why({ stored: out, exists: false }))).toBe('There is no contact 26');
});

test.each<[string, Why, RegExp]>([
  ['agree', why(), /stored and computed agree\. Nothing is waiting\.$/],
  [
    'differ while a change waits',
    why({ computed: false, pending: { ...QUIET, changes: 1 } }),
    /says out.*a change of this contact/,
  ],
  ['differ and nothing waits', why({ computed: false }), /says out, the members say in.*verify --repair/],
  [
    'frozen',
    why({ segment: { frozen: '2026-11-30T10:00:00Z', state: 'invalid' } }),
    /stand still, because the segment is invalid/,
  ],
  ['no members yet', why({ segment: { live: false } }), /no members yet/],
  ['Postgres cannot say', why({ computed: null, error: '22012' }), /SQLSTATE 22012/],
  ['there is no such contact', why({ exists: false }), /no such row/],
])('what is stored and what is computed: %s', (_, given, text) => {
  expect(agreementText(given)).toMatch(text);
});

test('what waits is named', () => {
  const pending = { changes: 2, rechecks: 1, unresolved: true, crossed: true, rebuild: true };
  expect(waitingTexts(pending, why().segment)).toEqual([
    '3 changes of this contact',
    'rows whose contact is not known yet',
    'a boundary of time that has passed',
    'the segment is to be computed anew',
  ]);
  expect(waitingTexts(QUIET, why({ segment: { building: 4 } }).segment)).toEqual(['version 4 is being computed']);
});

test('a leaf says what the contact has and what is wanted', () => {
  const leaf = { result: true, actual: '87', threshold: '40' };
  expect(leafDetail(leaf)).toBe('has 87 · wants 40');
  expect(leafDetail({ ...leaf, actual: null, threshold: null })).toBe('has no value');
  expect(leafDetail({ ...leaf, actual: '', threshold: 'not empty' })).toBe('has an empty text · wants not empty');
  expect(leafDetail({ ...leaf, result: null })).toBe('');
});

test('what time alone does is said when it does nothing, and when it is not known', () => {
  expect(nextText(why())).toBe('Time alone changes nothing.');
  expect(nextText(why({ next: { ...NEXT, searched: '2036-11-30T00:00:00Z' } }))).toMatch(/within 10 years/);
  expect(nextText(why({ next: { ...NEXT, error: '57014' } }))).toMatch(/could not be found in the time/);
  expect(nextText(why({ next: { ...NEXT, flip: '2027-02-14T07:04:41Z' } }))).toBe('');
});
