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

describe('reads each character once: more than one look at each of very many would not end within the timeout', () => {
  const MANY = 300_000;

  test('many levels deep', () => {
    const text = `${'{"a":'.repeat(MANY)}{"b":1,"b":2}${'}'.repeat(MANY)}`;
    expect(repeatedKey(text)).toEqual({ key: 'b', line: 1, column: MANY * 5 + 8 });
  });

  test('many texts of one array', () => {
    const texts = Array.from({ length: MANY }, (_, value) => `"\\${value}`);
    expect(repeatedKey(JSON.stringify({ in: [{ var: 'n' }, texts] }))).toBeUndefined();
  });

  test('many keys of one object', () => {
    const keys = Array.from({ length: MANY }, (_, value) => `"k${value}":1`);
    expect(repeatedKey(`{${keys.join(',')}}`)).toBeUndefined();
  });
});
