import { expect, test } from 'vitest';
import { spanText } from '../../src/base/span.ts';

test.each([
  [0, '0.0 s'],
  [5.34, '5.3 s'],
  [119, '119.0 s'],
  [120, '2 minutes'],
  [7_199, '120 minutes'],
  [7_200, '2 hours'],
  [172_799, '48 hours'],
  [34_567_192.5, '400 days'],
])('%s s', (seconds, text) => {
  expect(spanText(seconds)).toBe(text);
});
