import { expect, test } from 'vitest';
import { visible, visibleJson, visibleLines } from '../../src/base/visible.ts';

/** Every character that can move a terminal's cursor, turn the direction of writing, or hide. */
const HOSTILE = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index),
  0x061c,
  0x180e,
  0x200b,
  0x200e,
  0x200f,
  0x2028,
  0x2029,
  0x202a,
  0x202b,
  0x202c,
  0x202d,
  0x202e,
  0x2060,
  0x2066,
  0x2067,
  0x2068,
  0x2069,
  0xfeff,
].map((code) => String.fromCharCode(code));

test('characters that act on a terminal become visible, and the others stay', () => {
  for (const one of HOSTILE) {
    expect(visible(`a${one}b`), one.charCodeAt(0).toString(16)).toMatch(/^a(\\[nrt]|\\u[0-9a-f]{4})b$/);
  }
  const plain = 'Zoë · 東京 · 👨‍👩‍👧 · می‌خواهم · a\\n "x" – €';
  expect(visible(plain)).toBe(plain);
  expect(visible('a\nb\u001b]0;x\u0007\u202e')).toBe('a\\nb\\u001b]0;x\\u0007\\u202e');
});

test('the ends of our own lines stay', () => {
  expect(visibleLines('a\r\nb\u001b[2J\n')).toBe('a\\r\nb\\u001b[2J\n');
});

test('JSON holds the same value', () => {
  const value = { [HOSTILE.join('')]: [HOSTILE, { deep: HOSTILE.join('x') }], plain: '👨‍👩‍👧' };
  for (const indent of [undefined, 2]) {
    const text = visibleJson(value, indent);
    expect(JSON.parse(text)).toEqual(value);
    expect(visibleLines(text)).toBe(text);
  }
});
