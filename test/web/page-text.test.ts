/** Words and lines of the page that need no browser. */
import { expect, test } from 'vitest';
import { concerns } from '../../src/web/client/live-scope.ts';
import { changeText, countText, numberText, shareText } from '../../src/web/client/number-text.ts';
import { momentPace, momentText, spanText } from '../../src/web/client/time-text.ts';
import { detailText } from '../../src/web/part/action-detail.ts';
import { contactName, findWords } from '../../src/web/part/contact-name.ts';
import { commonArea, overlapCircles } from '../../src/web/part/overlap-circle.ts';
import { sparkPath } from '../../src/web/part/spark-path.ts';

test('numbers have separators, signs, and no share that is not true', () => {
  expect([numberText(1_234_567), changeText(212), changeText(-18), changeText(0)]).toEqual([
    '1,234,567',
    '+212',
    '−18',
    '0',
  ]);
  expect([countText(1, 'segment'), countText(1_200, 'segment'), countText(0, 'entry', 'entries')]).toEqual([
    '1 segment',
    '1,200 segments',
    '0 entries',
  ]);
  expect([0, 0.000_01, 0.254, 0.999_99, 1].map(shareText)).toEqual(['0%', '< 0.1%', '25.4%', '> 99.9%', '100%']);
});

test('a moment is as near as a person thinks of it', () => {
  const now = Date.parse('2026-11-30T12:00:00Z');
  const ago = (seconds: number) => momentText(now - seconds * 1_000, now);
  expect([2, 42, 61, 3_700, 90_000, 86_400 * 20, 86_400 * 400].map(ago)).toEqual([
    'just now',
    '42 seconds ago',
    '1 minute ago',
    '1 hour ago',
    '1 day ago',
    'Nov 10',
    'Oct 26, 2025',
  ]);
  expect(ago(-7_300)).toBe('in 2 hours');
  expect([10, 600, 7_200].map((seconds) => momentPace(now - seconds * 1_000, now))).toEqual([1_000, 15_000, 300_000]);
});

test('a span has the unit that fits it', () => {
  expect([-5, 400, 12_400, 300_000, 3 * 3_600_000, 72 * 3_600_000].map(spanText)).toEqual([
    '0.0 s',
    '0.4 s',
    '12 s',
    '5 min',
    '3 h',
    '3 days',
  ]);
});

test('a sparkline stays within its box, and a level one is in the middle', () => {
  expect(sparkPath([0, 10, 5], 90, 24)).toBe('M2.0 22.0L45.0 2.0L88.0 12.0');
  expect(sparkPath([7, 7], 90, 24)).toBe('M2.0 12.0L88.0 12.0');
});

test('a hint concerns what shows it, and nothing else', () => {
  const members = { segments: ['a'], kinds: ['members'] } as const;
  expect(concerns(members, ['segments', {}])).toBe(true);
  expect(concerns(members, ['segment', 'a', 'members'])).toBe(true);
  expect(concerns(members, ['segment', 'b'])).toBe(false);
  expect([concerns(members, ['overlap', 'b', 'a']), concerns(members, ['overlap', 'b', 'c'])]).toEqual([true, false]);
  expect(concerns(members, ['me'])).toBe(false);
  expect(concerns({ segments: null, kinds: ['definition'] }, ['segment', 'b'])).toBe(true);
  expect(concerns({ segments: [], kinds: ['status'] }, ['segments'])).toBe(false);
  // What nothing is known about shows whatever changes.
  expect(concerns(members, ['new kind of query'])).toBe(true);
});

test.each([
  [[100, 100], 50],
  [[1_000_000, 10], 4],
  [[7, 900], 7],
  [[5, 5], 5],
  [[300, 200], 1],
] as const)('circles of %j with %i in common have areas in proportion', (sizes, both) => {
  const { radius, distance } = overlapCircles(sizes, both, 80);
  expect(Math.max(...radius)).toBeCloseTo(80);
  expect((radius[0] / radius[1]) ** 2).toBeCloseTo(sizes[0] / sizes[1], 6);
  const common = commonArea(...radius, distance) / (Math.PI * radius[0] ** 2);
  expect(common).toBeCloseTo(both / sizes[0], 4);
});

test('circles with nothing in common stand apart; those of empty segments have no size', () => {
  const apart = overlapCircles([4, 9], 0, 30);
  expect(apart.distance).toBeGreaterThan(apart.radius[0] + apart.radius[1]);
  expect(overlapCircles([0, 0], 0, 30).radius).toEqual([0, 0]);
});

test('a contact is called by the first value that it has', () => {
  const display = ['email', 'city'].map((field) => ({ field, label: field.toUpperCase(), masked: false }));
  expect(contactName('7', { email: null, city: 'Porto' }, display)).toBe('Porto');
  expect(contactName('7', { email: '', city: null }, display)).toBe('7');
  expect([findWords(display), findWords([])]).toEqual(['EMAIL, CITY or key', 'Key']);
});

test('what is known of an action is words, and nothing where nothing is known', () => {
  expect(detailText({ version: 3, token: 'shop', by_file: null, kinds: ['a'] })).toBe(
    'version 3, token shop, kinds ["a"]',
  );
  expect(detailText(null)).toBe('');
});
