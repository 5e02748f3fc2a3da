/** What may be said of a segment beside its condition. */
import { expect, test } from 'vitest';
import { textMistakes } from '../../src/segment/storable-text.ts';

test.each([
  [{ name: 'a'.repeat(1_001) }, ['name is too long: it has at most 1,000 characters']],
  [{ description: 'a'.repeat(10_001) }, ['description is too long: it has at most 10,000 characters']],
  [{ tags: ['a'.repeat(5_000), 'b'.repeat(5_001)] }, ['tags is too long: all together have at most 10,000 characters']],
  [{ tags: ['a', ''] }, ['tags is empty']],
  [{ tags: ['a', null] }, ['tags is empty']],
  [
    { name: 'a\0', tags: ['\ud800', ''] },
    [
      'name holds a character that Postgres cannot store (NUL or half of a surrogate pair)',
      'tags holds a character that Postgres cannot store (NUL or half of a surrogate pair)',
      'tags is empty',
    ],
  ],
])('the mistakes of %.60j', (given, mistakes) => {
  expect(textMistakes(given).map(({ field, message }) => `${field} ${message}`)).toEqual(mistakes);
});

test('texts without a mistake', () => {
  expect(textMistakes({})).toEqual([]);
  expect(textMistakes({ name: '', description: null, tags: [] })).toEqual([]);
  expect(textMistakes({ name: '😀'.repeat(1_000), description: 'é'.repeat(10_000), tags: ['a', 'a', ' '] })).toEqual(
    [],
  );
});
