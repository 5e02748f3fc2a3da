/** Text of a person's files: a value, or one sentence about what it is not. */
import { expect, test } from 'vitest';
import { readYaml } from '../../src/base/yaml.ts';

test('YAML, and JSON as a part of it; what is said twice may be an alias', () => {
  expect(readYaml('a: &one {b: [1, x]}\nc: *one')).toEqual({ value: { a: { b: [1, 'x'] }, c: { b: [1, 'x'] } } });
  expect(readYaml('{"a": null}')).toEqual({ value: { a: null } });
});

test.each([
  ['a: [1,\nb: 2', 2, /./],
  ['a: 1\na: 2', 2, /unique/],
  ['a: &a [*a]', undefined, /^an alias stands in what it names$/],
  ['a: &a {and: [true, {or: [*a]}]}', undefined, /^an alias stands in what it names$/],
  ['a: &a [1, &b [*a]]\nb: *b', undefined, /^an alias stands in what it names$/],
  ['a: *absent', undefined, /absent/],
  [bomb(9), undefined, /^Excessive alias count/],
  [`a: ${'['.repeat(200_000)}${']'.repeat(200_000)}`, 1, /^it is nested too deeply$/],
  [`a: &a ${'['.repeat(3_000)}*a${']'.repeat(3_000)}`, undefined, /./],
])('%j is refused', (text, line, mistake) => {
  const read = readYaml(text);
  if ('value' in read) throw new Error('it was taken');
  expect(read.mistake).toMatch(mistake);
  expect(read.mistake).not.toMatch(/stack|\n/);
  if (line !== undefined) expect(read.line).toBe(line);
});

/** A billion laughs: each level names the one before nine times. */
function bomb(levels: number): string {
  const lines = Array.from(
    { length: levels },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array.from({ length: 9 }, () => `*l${level}`).join(', ')}]`,
  );
  return ['l0: &l0 [x]', ...lines].join('\n');
}
