/** Comparisons, sets, text and emptiness, over one document. */
import { describe, expect, test } from 'vitest';
import { v } from '../ask.ts';
import { holds, verdicts } from './holds.ts';

const points = ['1', '2', '3', null] as const;

test.each([
  [{ '==': [v('points'), 2] }, [false, true, false, false]],
  [{ '!=': [v('points'), 2] }, [true, false, true, true]],
  [{ '<': [v('points'), 2] }, [true, false, false, false]],
  [{ '<=': [v('points'), 2] }, [true, true, false, false]],
  [{ '>': [v('points'), 2] }, [false, false, true, false]],
  [{ '>=': [v('points'), 2] }, [false, true, true, false]],
  [{ '!': [{ '>=': [v('points'), 2] }] }, [true, false, false, true]],
  [{ '<': [1, v('points'), 3] }, [false, true, false, false]],
  [{ '<=': [1, v('points'), 3] }, [true, true, true, false]],
  [{ '==': [v('points'), null] }, [false, false, false, true]],
  [{ '!=': [v('points'), null] }, [true, true, true, false]],
  [{ in: [v('points'), [1, 3]] }, [true, false, true, false]],
  [{ '!': [{ in: [v('points'), [1, 3]] }] }, [false, true, false, true]],
  [{ is_empty: [v('points')] }, [false, false, false, true]],
])('%j', (json, expected) => expect(verdicts(json, 'points', points)).toEqual(expected));

describe('numbers compare exactly', () => {
  test('beyond doubles', () => {
    const same = { '==': [v('balance'), '9007199254740993'] };
    expect(verdicts(same, 'balance', ['9007199254740993', '9007199254740992', '9007199254740993.000'])).toEqual([
      true,
      false,
      true,
    ]);
    expect(verdicts({ '<': [v('balance'), '0.3'] }, 'balance', ['0.29999999999999999999', '0.30'])).toEqual([
      true,
      false,
    ]);
  });
  test('exponents of floats, infinities, NaN is missing', () => {
    const values = ['1e+20', '1.5e-07', 'Infinity', '-Infinity', 'NaN'];
    expect(verdicts({ '>': [v('score'), '99999999999999999999'] }, 'score', values)).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    expect(verdicts({ '<': [v('score'), '0.00000015'] }, 'score', values)).toEqual([false, false, false, true, false]);
    expect(verdicts({ '==': [v('score'), null] }, 'score', values)).toEqual([false, false, false, false, true]);
    expect(verdicts({ '!=': [v('score'), 1] }, 'score', values)).toEqual([true, true, true, true, true]);
  });
  test('of two fields, and not when one is missing', () => {
    const fields = { points: '2', balance: '2.00' };
    expect(holds({ '==': [v('points'), v('balance')] }, { fields })).toBe(true);
    expect(holds({ '==': [v('points'), v('balance')] })).toBe(false);
    expect(holds({ '!=': [v('points'), v('balance')] })).toBe(true);
  });
});

describe('text compares exactly', () => {
  const words = ['Ana', 'ana', '', 'an\u0301a', '50%_x', 'a\\b', null];
  test.each([
    [{ '==': [v('city'), 'ana'] }, [false, true, false, false, false, false, false]],
    [{ '!=': [v('city'), 'ana'] }, [true, false, true, true, true, true, true]],
    [{ in: ['n', v('city')] }, [true, true, false, true, false, false, false]],
    [{ in: ['%_', v('city')] }, [false, false, false, false, true, false, false]],
    [{ in: ['\\', v('city')] }, [false, false, false, false, false, true, false]],
    [{ starts_with: [v('city'), 'a'] }, [false, true, false, true, false, true, false]],
    [{ ends_with: [v('city'), 'a'] }, [true, true, false, true, false, false, false]],
    [{ is_empty: [v('city')] }, [false, false, true, false, false, false, true]],
    [{ '==': [v('city'), ''] }, [false, false, true, false, false, false, false]],
  ])('%j', (json, expected) => expect(verdicts(json, 'city', words)).toEqual(expected));
});

describe('text compares without case', () => {
  const words = ['ÉCIJA', 'écija', 'E\u0301CIJA', 'ΑΣ', 'İx', 'straße', null];
  test.each([
    [{ ieq: [v('city'), 'écija'] }, [true, true, false, false, false, false, false]],
    [{ icontains: [v('city'), 'CIJ'] }, [true, true, true, false, false, false, false]],
    [{ istarts_with: [v('city'), 'É'] }, [true, true, false, false, false, false, false]],
    [{ iends_with: [v('city'), 'JA'] }, [true, true, true, false, false, false, false]],
    [{ iin: [v('city'), ['ας', 'STRASSE']] }, [false, false, false, true, false, false, false]],
    [{ ieq: [v('city'), 'i\u0307X'] }, [false, false, false, false, true, false, false]],
  ])('%j', (json, expected) => expect(verdicts(json, 'city', words)).toEqual(expected));
});

test('a boolean is true, false or missing', () => {
  const values = ['true', 'false', null];
  expect(verdicts(v('vip'), 'vip', values)).toEqual([true, false, false]);
  expect(verdicts({ '!': [v('vip')] }, 'vip', values)).toEqual([false, true, true]);
  expect(verdicts({ '==': [v('vip'), false] }, 'vip', values)).toEqual([false, true, false]);
});

test('an array is searched by element; a missing array has none', () => {
  const values = [['vip', 'press'], ['vip', null], [null], [], null];
  expect(verdicts({ in: ['vip', v('tags')] }, 'tags', values)).toEqual([true, true, false, false, false]);
  expect(verdicts({ has_any: [v('tags'), ['x', 'press']] }, 'tags', values)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(verdicts({ has_all: [v('tags'), ['press', 'vip']] }, 'tags', values)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(verdicts({ '!': [{ has_all: [v('tags'), ['press', 'vip']] }] }, 'tags', values)).toEqual([
    false,
    true,
    true,
    true,
    true,
  ]);
  expect(verdicts({ is_empty: [v('tags')] }, 'tags', values)).toEqual([false, false, false, true, true]);
  expect(verdicts({ '==': [v('tags'), null] }, 'tags', values)).toEqual([false, false, false, false, true]);
  expect(verdicts({ has_any: [v('sizes'), ['1.0', 2.5]] }, 'sizes', [['1'], ['2']])).toEqual([true, false]);
});

describe('a value inside jsonb', () => {
  const json = ['"pro"', '""', '5', 'null', '{}', '[]', null];
  test('of type text', () => {
    expect(verdicts({ '==': [v('attributes.plan'), 'pro'] }, 'attributes.plan', json)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(verdicts({ '!=': [v('attributes.plan'), 'pro'] }, 'attributes.plan', json)).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(verdicts({ '==': [v('attributes.plan'), null] }, 'attributes.plan', json)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
  });
  test('of type number is exact and of the declared type only', () => {
    const values = ['5', '5.00', '"5"', '5.5', '12345678901234567890', 'true'];
    expect(verdicts({ '>=': [v('attributes.rate'), 5] }, 'attributes.rate', values)).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
    expect(verdicts({ '==': [v('attributes.rate'), '12345678901234567890'] }, 'attributes.rate', values)).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
    expect(verdicts({ '>=': [v('attributes.age'), 5] }, 'attributes.age', values)).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });
  test('of type boolean, date or instant', () => {
    expect(verdicts(v('attributes.active'), 'attributes.active', ['true', 'false', '"true"', '1'])).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const dates = ['"2024-02-29"', '"2023-02-29"', '"2024-02-29T00:00:00Z"', '20240229'];
    expect(verdicts({ '==': [v('attributes.since'), '2024-02-29'] }, 'attributes.since', dates)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const instants = [
      '"2024-05-01T10:00:00Z"',
      '"2024-05-01T12:00:00+02:00"',
      '"2024-05-01T10:00:00"',
      '"2024-05-01"',
      '1714557600',
    ];
    expect(verdicts({ '==': [v('attributes.seen'), '2024-05-01T10:00:00Z'] }, 'attributes.seen', instants)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
  test('of an array type', () => {
    const values = ['["a, \\"b\\"", 1, null]', '["1"]', '[]', '"a"', '{"a": 1}', 'null'];
    expect(verdicts({ has_any: [v('attributes.likes'), ['a, "b"', '1']] }, 'attributes.likes', values)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(verdicts({ is_empty: [v('attributes.likes')] }, 'attributes.likes', values)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });
  test('is empty or not when the whole column is asked for', () => {
    expect(
      verdicts({ is_empty: [v('attributes')] }, 'attributes', [
        '{}',
        '[]',
        '""',
        'null',
        null,
        '{"a": 1}',
        '0',
        'false',
      ]),
    ).toEqual([true, true, true, true, true, false, false, false]);
  });
});

test('if decides by the first test that holds', () => {
  const json = {
    if: [{ '==': [v('points'), 1] }, v('vip'), { '==': [v('points'), 2] }, true, { '==': [v('points'), null] }],
  };
  const cases = [
    ['1', 'true'],
    ['1', 'false'],
    ['2', 'false'],
    ['3', 'true'],
    [null, 'false'],
  ] as const;
  expect(cases.map(([given, vip]) => holds(json, { fields: { points: given, vip } }))).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
});

test('in_segment reads the segments of the document', () => {
  expect(holds({ in_segment: ['a'] }, { segments: ['b', 'a'] })).toBe(true);
  expect(holds({ '!': [{ in_segment: ['a'] }] }, { segments: ['aa'] })).toBe(true);
});
