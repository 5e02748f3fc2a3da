/** What is said of a segment that needs a person: whole sentences, whatever the worker stored. */
import { expect, test } from 'vitest';
import { needOf, storedSentence } from '../../src/overview/segment-need.ts';

const issue = { message: 'There is no field "contry".', hint: 'did you mean `country`?' };

test.each<[unknown, string]>([
  [{ issues: [issue] }, 'There is no field "contry": did you mean `country`?'],
  [{ issues: [issue, issue] }, 'There is no field "contry": did you mean `country`? (and 1 more).'],
  [{ issues: [{ message: 'The value is no number.' }] }, 'The value is no number.'],
  [{ message: 'division by zero' }, 'division by zero.'],
  [null, 'the reason is not known.'],
  ['text', 'the reason is not known.'],
])('%j', (error, sentence) => expect(storedSentence(error)).toBe(sentence));

test('what is kept stands behind the reason as a sentence of its own', () => {
  const needing = { key: 'a', code: 'invalid', version: 2, liveVersion: 1, stale: [], lateBy: null } as const;
  expect(needOf({ ...needing, error: { issues: [issue] } }).sentence).toBe(
    'Version 2 does not fit: There is no field "contry": did you mean `country`? The members of version 1 are kept.',
  );
});
