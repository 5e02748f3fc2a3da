/** A catalogue that went through JSON gives the same answers: which conditions pass, their words, and their verdicts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalogueFromJson, catalogueToJson, type CatalogueJson } from '../../src/catalogue/catalogue-json.ts';
import { check, describe, evaluate } from '../../src/condition/condition.ts';
import { random } from '../support/random.ts';
import { contactScope, randomRule } from './random-condition.ts';
import { randomDocument } from './random-document.ts';
import { catalogueWith } from './oracle-world.ts';

const now = '2024-05-15T12:00:00.000000Z';
const catalogue = catalogueWith('Africa/Cairo');
const page = catalogueFromJson(JSON.parse(JSON.stringify(catalogueToJson(catalogue))) as CatalogueJson);

test('random conditions are accepted, described and evaluated alike by server and page', () => {
  let accepted = 0;
  let held = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const r = random(seed);
      const json = randomRule(contactScope(r, catalogue, ['a']), 3);
      const [ours, theirs] = [check(json, catalogue), check(json, page)];
      if (!ours.ok || !theirs.ok) {
        expect(theirs).toEqual(ours);
        return;
      }
      accepted += 1;
      expect(describe(theirs.draft)).toBe(describe(ours.draft));
      for (let i = 0; i < 6; i += 1) {
        const document = randomDocument(r, catalogue);
        const holds = evaluate(ours.draft, document, now);
        held += Number(holds);
        expect(evaluate(theirs.draft, document, now)).toBe(holds);
      }
    }),
    { numRuns: 400 },
  );
  expect(accepted).toBeGreaterThan(300);
  expect(held).toBeGreaterThan(accepted / 2);
});

test('what a page receives names no table, no column type and no collation of the database', () => {
  const text = JSON.stringify(catalogueToJson(catalogue));
  for (const secret of ['Per son', 'fuzz', 'smallint', 'timestamp without', 'V.I.', 'numeric', 'collat', '"key"']) {
    expect(text).not.toContain(secret);
  }
});
