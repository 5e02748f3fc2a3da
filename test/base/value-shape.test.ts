/** Shapes list every mistake with its place, and change nothing. */
import { expect, test } from 'vitest';
import { all, either, listOf, objectOf, optional, passing, recordOf, type Shape } from '../../src/base/value-shape.ts';

const text = passing((value) => typeof value === 'string', 'must be text');
const short = passing((value) => String(value).length < 3, 'is long');
const object = (fields: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape =>
  objectOf<Record<string, unknown>>(fields, {
    required,
    message: 'must be an object',
    unknownField: (name, known) => `${name} is none of ${known.join(', ')}`,
  });

const said = (shape: Shape, value: unknown): readonly string[] =>
  shape(value, []).map(({ path, message }) => `${path.join('.')} ${message}`.trim());

test.each<readonly [string, Shape, unknown, readonly string[]]>([
  ['a value that passes', text, 'x', []],
  ['one that does not', text, 1, ['must be text']],
  ['the first mistake of a chain', all(text, short), 1, ['must be text']],
  ['a later mistake of a chain', all(text, short), 'long', ['is long']],
  ['one of several', either([text, listOf(text, '')], 'must be text or texts'), ['a'], []],
  ['none of several', either([text, listOf(text, '')], 'must be text or texts'), [1], ['must be text or texts']],
  ['what may be left out', optional(text), undefined, []],
  ['null is not left out', optional(text), null, ['must be text']],
  ['elements of a list', listOf(text, 'must be a list'), ['a', 1, null], ['1 must be text', '2 must be text']],
  ['no list', listOf(text, 'must be a list'), { 0: 'a' }, ['must be a list']],
  [
    'names and values of a record',
    recordOf(short, text, ''),
    { long: 1, ok: 'a' },
    ['long is long', 'long must be text'],
  ],
  ['a list is no record', recordOf(short, text, 'must be a record'), [], ['must be a record']],
  [
    'fields, then unknown ones',
    object({ a: text, b: text }),
    { c: 1, b: 2, d: 3 },
    ['b must be text', 'c c is none of a, b', 'd d is none of a, b'],
  ],
  ['a required field', object({ a: text, b: text }, ['a']), {}, ['a must be text']],
  [
    'a field inside a list',
    object({ a: listOf(object({ b: text }), '') }),
    { a: [{}, { b: 0 }] },
    ['a.1.b must be text'],
  ],
  ['no object', object({}), null, ['must be an object']],
  ['a name of every object', object({ a: text }), JSON.parse('{"__proto__": 1}'), ['__proto__ __proto__ is none of a']],
])('%s', (_, shape, value, mistakes) => {
  expect(said(shape, value)).toEqual(mistakes);
});

test('a mistake has what was given', () => {
  expect(object({ a: text })({ a: 5 }, ['root'])).toEqual([{ path: ['root', 'a'], message: 'must be text', given: 5 }]);
});
