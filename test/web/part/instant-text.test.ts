import { expect, test } from 'vitest';
import { instantText } from '../../../src/web/part/instant-text.ts';

test('an instant says the day unless it is today, and the year unless it is this one', () => {
  const now = new Date(2026, 10, 30, 12, 0, 0);
  expect(instantText(new Date(2026, 10, 30, 9, 5, 7), now)).toBe('today, 09:05:07');
  expect(instantText(new Date(2026, 10, 25, 23, 4, 0), now)).toBe('Nov 25, 23:04');
  expect(instantText(new Date(2025, 9, 26, 0, 0, 0), now)).toBe('Oct 26, 2025, 00:00');
});
