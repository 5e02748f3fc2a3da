/** Addresses and passwords in messages are hidden in a time that grows with the text: rows may hold long text. */
import { expect, test } from 'vitest';
import { masked, maskText } from '../../src/base/mask.ts';
import { withoutSecrets } from '../../src/base/secret.ts';
import { nextTime } from '../../src/export/cron.ts';

test.each([
  ['to ana@example.org and bo@example.org', 'to …@… and …@…'],
  ['"ana@example.org",<bo@example.org>', '"…@…",<…@…>'],
  ['ana@b@c', '…@…@c'],
  ['@', '@'],
  ['ana@@b', 'ana@@b'],
])('%j', (text, shown) => {
  expect(masked(text)).toBe(shown);
});

test.each([
  ['', ''],
  ['u2417@example.com', 'u•••@example.com'],
  ['ana.lopez@example.com', 'an•••@example.com'],
  ['a@b.c', '•••@b.c'],
  ['Ana López', 'A•••'],
  ['Al', '•••'],
  ['+34 600 123 456', '+•••'],
  ['💐💐💐', '💐•••'],
  ['two@at@signs', 't•••'],
])('%j is shown as %s', (value, shown) => {
  expect(maskText(value)).toBe(shown);
});

/** A time that grows with the square would be minutes here, more than a test may take. */
const LENGTH = 300_000;

test.each(['x', ':', '[', '/', '@', 'a:', '@:', '://', ' ', 'pwd', 'pwd=', 'a@b '])('many characters of %j', (part) => {
  const text = part.repeat(LENGTH / part.length);
  for (const one of [text, `${text}@`, `@${text}`]) {
    expect(masked(one).length).toBeGreaterThan(0);
    expect(withoutSecrets(one).length).toBeGreaterThan(0);
  }
});

test('an expression and a zone of many characters are refused, and quoted in part', () => {
  for (const text of ['x', ':', '[', '* '].map((part) => part.repeat(LENGTH / part.length))) {
    for (const [cron, zone] of [
      [text, 'UTC'],
      ['@daily', text],
    ] as const) {
      expect(() => nextTime(cron, zone, new Date(0))).toThrow(/^.{1,200}$/);
    }
  }
});
