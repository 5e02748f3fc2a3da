/** A key that is there twice: JSON.parse keeps the last and says nothing. */
import { describe, expect, test } from 'vitest';
import { repeatedKey } from '../../src/condition/json-key.ts';

describe('found', () => {
  test.each<[string, string, number, number]>([
    ['{"==":[{"var":"n"},3],"==":[{"var":"n"},4]}', '==', 1, 23],
    ['{"a":1,"a":2}', 'a', 1, 8],
    ['[{"a":{"b":1,"c":[{"b":1}],"b":2}}]', 'b', 1, 28],
    ['{\n  "and": [],\n  "and" : []\n}', 'and', 3, 3],
    ['{"a":"x","\\u0061":1}', 'a', 1, 10],
    ['{"\\"":1, "\\u0022":2}', '"', 1, 10],
    ['{"":1,"":2}', '', 1, 7],
    ['{"__proto__":1,"__proto__":2}', '__proto__', 1, 16],
    ['{"a\\\\":1,"a\\\\":2}', 'a\\', 1, 10],
  ])('%s', (text, key, line, column) => {
    expect(repeatedKey(text)).toEqual({ key, line, column });
  });
});

describe('not found', () => {
  test.each([
    '{"a":"a","b":"a"}',
    '[{"a":1},{"a":2}]',
    '{"a":{"a":{"a":1}}}',
    '{"a":["a","a","a"]}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    '"a"',
    '1',
    'null',
    '{}',
    '[]',
    '{"a":"\\\\","b":"\\\\"}',
    '["a","a"]',
  ])('%s', (text) => {
    expect(repeatedKey(text)).toBeUndefined();
  });
});

test('deep and long ones are quick', () => {
  const start = performance.now();
  const depth = 100_000;
  expect(repeatedKey(`${'{"a":'.repeat(depth)}{"b":1,"b":2}${'}'.repeat(depth)}`)).toMatchObject({ key: 'b' });
  expect(
    repeatedKey(JSON.stringify({ in: [{ var: 'n' }, Array.from({ length: 100_000 }, (_, value) => `"\\${value}`)] })),
  ).toBeUndefined();
  expect(
    repeatedKey(
      JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, value) => [`k${value}`, value]))),
    ),
  ).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(2_000);
});
