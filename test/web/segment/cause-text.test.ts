import { expect, test } from 'vitest';
import { REASON_CODES } from '../../../src/web/part/reason-text.ts';
import { causeNoun, causeText } from '../../../src/web/segment/cause-text.ts';
import { REASONS } from '../../../src/membership/reason.ts';

test('every reason has words', () => {
  expect(REASON_CODES.toSorted()).toEqual([...REASONS].toSorted());
  for (const reason of REASONS) expect(causeText({ reason, version: 2 })).not.toBe(`because ${reason}`);
});

test('an edit is named by its version', () => {
  expect(causeText({ reason: 'edit', version: 1 })).toBe('by the first build');
  expect(causeText({ reason: 'edit', version: 4 })).toBe('by version 4');
  expect(causeText({ reason: 'time', version: 4 })).toBe('because time passed');
  expect([causeNoun({ reason: 'edit', version: 1 }), causeNoun({ reason: 'edit', version: 3 })]).toEqual([
    'first build',
    'version 3',
  ]);
  expect(causeNoun({ reason: 'related', version: null })).toBe('related rows changed');
});

test('a cause that is known names what changed and the row of the condition', () => {
  const event = { reason: 'related', version: 2 };
  expect(causeText({ ...event, cause: { relation: 'orders', leaf: 'has at least 3 orders' } })).toBe(
    'because rows of orders changed: has at least 3 orders',
  );
  expect(causeText({ ...event, reason: 'contact', cause: { relation: null, leaf: 'Country is ES' } })).toBe(
    'because the contact changed: Country is ES',
  );
  expect(causeText({ ...event, reason: 'time', cause: { relation: 'orders', leaf: 'has an order' } })).toBe(
    'because time passed: has an order',
  );
  expect(causeText({ ...event, cause: null })).toBe('because related rows changed');
});
