/** The base filter within a plan. */
import { expect, test } from 'vitest';
import { planVersion } from '../../src/followed/plan.ts';
import { shop } from '../condition/catalogue.ts';

const plan = (where: unknown) =>
  planVersion(
    { ...shop, contacts: { ...shop.contacts, where } },
    { segmentId: 1, version: 1, condition: null, timezone: null, kind: 'static' },
  );

test('a base filter that reads a segment makes no plan: the segment would read itself', () => {
  expect(plan({ '!': [{ in_segment: ['base'] }] })).toMatchObject({
    ok: false,
    issues: [{ code: 'segment-in-filter', pointer: '/!/0', message: expect.stringMatching(/^contacts\.where: /) }],
  });
  expect(plan({ is_empty: [{ var: 'email' }] })).toMatchObject({ ok: true });
});
