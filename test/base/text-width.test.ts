import { expect, test } from 'vitest';
import { cutText, fitText, textWidth, wrapText } from '../../src/base/text-width.ts';

test.each([
  ['', 0],
  ['plain', 5],
  ['café', 4],
  ['cafe\u0301', 4],
  ['\u0301', 0],
  ['美咲', 4],
  ['한국어', 6],
  ['ﾊﾞｯｸ', 4],
  ['ＡＢ', 4],
  ['🙂', 2],
  ['👨‍👩‍👧‍👦', 2],
  ['👍🏽', 2],
  ['🇪🇸🇵🇹', 4],
  ['❤️', 2],
  ['❤', 1],
  ['−·…█', 4],
  ['ไทย', 3],
  ['a\u200db', 2],
])('%s takes %i columns', (text, columns) => {
  expect(textWidth(text)).toBe(columns);
});

test('text is cut between characters as a person sees them, and filled to an exact width', () => {
  expect(fitText('美咲さん', 5)).toBe('美咲…');
  expect(fitText('美咲さん', 6)).toBe('美咲… ');
  expect(fitText('美咲', 6, 'right')).toBe('  美咲');
  expect(fitText('e\u0301a', 4)).toBe('e\u0301a  ');
  expect(cutText('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 3)).toBe('👨‍👩‍👧‍👦…');
  expect(cutText('abc', 3)).toBe('abc');
  expect([cutText('abc', 1), cutText('abc', 0), fitText('abc', 0)]).toEqual(['…', '', '']);
});

test('lines break between words, and within a word that is longer than a line', () => {
  expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapText('a verylongword b', 6)).toEqual(['a', 'verylo', 'ngword', 'b']);
  expect(wrapText('美咲さん 美咲', 5)).toEqual(['美咲', 'さん', '美咲']);
  expect(wrapText('', 5)).toEqual(['']);
  expect(wrapText('美', 1)).toEqual(['美']);
});

test.each([1, 2, 3, 7, 20])('no line of %i columns is wider than that', (columns) => {
  const text = 'over the 長い limit 🙂🙂🙂 whose-name-is-longer-than-a-line and "quoted" 👨‍👩‍👧‍👦';
  expect(wrapText(text, columns).filter((line) => textWidth(line) > Math.max(2, columns))).toEqual([]);
  expect(wrapText(text, columns).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
});
