/** Edits in words. */
import { expect, test } from 'vitest';
import { differenceLines, differenceOf } from '../../src/segment/edit-difference.ts';
import { shop as catalogue } from '../condition/catalogue.ts';

const es = { '==': [{ var: 'country' }, 'ES'] };
const pt = { '==': [{ var: 'country' }, 'PT'] };
const vip = { var: 'vip' };
const lines = (before: unknown, after: unknown, zones: readonly [string | null, string | null] = [null, null]) =>
  differenceLines(
    differenceOf(catalogue, { condition: before, timezone: zones[0] }, { condition: after, timezone: zones[1] }),
  );

test.each([
  ['nothing', es, es, []],
  ['one for another', es, pt, ['- country is ES', '+ country is PT']],
  ['one more', es, { and: [es, vip] }, ['+ vip is yes']],
  ['one less', { and: [es, vip] }, vip, ['- country is ES']],
  ['an alternative', { or: [es, vip] }, { or: [es, vip, pt] }, ['+ country is PT']],
  ['an alternative for a condition', es, { or: [es, pt] }, ['- country is ES', '+ country is ES or country is PT']],
  ['another order', { and: [es, vip] }, { and: [vip, es] }, ['written differently, means the same']],
  ['twice and once', { and: [es, es] }, { and: [es, vip] }, ['- country is ES', '+ vip is yes']],
  ['every contact', es, true, ['- country is ES', '+ every contact']],
  ['what no longer fits', { '==': [{ var: 'missing' }, 1] }, es, ['- {"==":[{"var":"missing"},1]}', '+ country is ES']],
  ['from static to dynamic', null, es, ['+ country is ES']],
])('%s', (_, before, after, expected) => {
  expect(lines(before, after)).toEqual(expected);
});

test('a difference of the time zone', () => {
  expect(lines(es, es, [null, 'Asia/Kolkata'])).toEqual([`timezone: ${catalogue.timezone} → Asia/Kolkata`]);
  expect(lines(es, es, [null, catalogue.timezone])).toEqual([]);
});
