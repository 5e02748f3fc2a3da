/** Tables in a terminal: they fit its width, numbers and the first column last to be cut; elsewhere nothing is cut. */
import { expect, test } from 'vitest';
import { textWidth } from '../../src/base/text-width.ts';
import { rowsOfTable, table } from '../../src/cli/table.ts';

const rows = [
  { key: 'spain', members: 1_234_567, name: 'Everybody from Spain who has bought in the last ninety days' },
  { key: 'a_key_that_is_rather_long_and_still_typed', members: 2, name: 'Short' },
];
const [made] = table(rows, [
  { title: 'key', value: (row) => row.key },
  { title: 'members', value: (row) => row.members, right: true },
  { title: 'name', value: (row) => row.name },
]);

test('a pipe gets every value whole', () => {
  expect(rowsOfTable(made)).toEqual([
    'KEY                                        MEMBERS  NAME',
    'spain                                      1234567  Everybody from Spain who has bought in the last ninety days',
    'a_key_that_is_rather_long_and_still_typed        2  Short',
  ]);
});

test.each([200, 100, 80, 60, 50])('a terminal of %d columns gets lines that fit', (width) => {
  const lines = rowsOfTable(made, width);
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
  expect(lines[1]).toContain('1234567');
  if (width >= 80) expect(lines[2]).toContain(rows[1]?.key);
});

test('what cannot be narrowed stays whole', () => {
  const [numbers] = table([{ n: 12_345_678_901 }], [{ title: 'n', value: (row) => row.n, right: true }]);
  expect(rowsOfTable(numbers, 5)).toEqual(['          N', '12345678901']);
});

test('a table of too many columns becomes a block a row; columns without a value are left out first', () => {
  const names = ['first', 'second', 'third', 'fourth', 'empty'];
  const [many] = table(
    [1, 2],
    names.map((title) => ({ title, value: (row) => (title === 'empty' ? '' : `${title} of row ${row}`) })),
  );
  expect(rowsOfTable(many, 60)[0]).toBe('FIRST           SECOND         THIRD          FOURTH');
  expect(rowsOfTable(many, 30)).toEqual([
    'FIRST   first of row 1',
    'SECOND  second of row 1',
    'THIRD   third of row 1',
    'FOURTH  fourth of row 1',
    '',
    'FIRST   first of row 2',
    'SECOND  second of row 2',
    'THIRD   third of row 2',
    'FOURTH  fourth of row 2',
  ]);
});

test('an end of a line in a value is no end of a row', () => {
  const [hostile] = table([{ a: 'x\ny' }], [{ title: 'a', value: (row) => row.a }]);
  expect(rowsOfTable(hostile)).toEqual(['A', String.raw`x\ny`]);
});

test('columns stay aligned with texts of any script', () => {
  const some = ['plain', '美咲さん', '👨‍👩‍👧‍👦', 'e\u0301'].map((key, at) => ({ key, members: 10 ** at }));
  const [scripts] = table(some, [
    { title: 'key', value: (row) => row.key },
    { title: 'members', value: (row) => row.members, right: true },
  ]);
  const lines = rowsOfTable(scripts);
  expect(lines).toEqual([
    'KEY       MEMBERS',
    'plain           1',
    '美咲さん       10',
    '👨‍👩‍👧‍👦            100',
    'e\u0301            1000',
  ]);
  expect(new Set(lines.map(textWidth)).size).toBe(1);
});
