/**
 * Random typed rules over random rows: what Postgres says of the compiled SQL against what json-logic-js with typed
 * operators says of the same rows. No difference is allowed, whichever of the three statements asks.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  batches,
  type Difference,
  differences,
  oracleMembers,
  randomRules,
  sqlMembers,
  type Strategy,
} from './compare.ts';
import { evaluator } from '../../src/condition/evaluate/evaluator.ts';
import { withoutWhere } from './compiler-mutant.ts';
import { countingRows } from './counting-row.ts';
import { createFuzzDatabase, type FuzzDatabase } from './fuzz-database.ts';
import { random, seed } from '../support/random.ts';
import { catalogueWith } from './oracle-world.ts';

const rulesPerZone = 1_920;
/** The member query needs a statement for each rule, which is slow: it takes the first rules of each batch. */
const membersOfBatch = 15;

let fuzz: FuzzDatabase;

beforeAll(async () => {
  console.log(`FUZZ_SEED=${seed()}`);
  fuzz = await createFuzzDatabase({ contacts: 320, orders: 600, items: 700, parts: 400 });
});

afterAll(() => fuzz?.database.drop());

function sentences(found: readonly (Difference & { strategy: Strategy })[]): string {
  return found
    .slice(0, 5)
    .map(
      ({ rule, now, contact, expected, strategy }) =>
        `${strategy}: rule ${JSON.stringify(rule.json)} in ${rule.timezone} at ${now}: contact ${contact} should ${expected ? '' : 'not '}match`,
    )
    .join('\n');
}

test.each([
  ['UTC', 1],
  ['Europe/Madrid', 2],
] as const)(
  'with timestamps read in %s, SQL agrees with the evaluator',
  { timeout: 240_000 },
  async (timestamps, offset) => {
    const { database, documents } = fuzz;
    const catalogue = catalogueWith(timestamps);
    const rules = randomRules(random(seed() + offset), catalogue, rulesPerZone);
    expect(rules.length * 2).toBeGreaterThanOrEqual(2_000);
    expect(documents.size).toBeGreaterThanOrEqual(300);
    const found: (Difference & { strategy: Strategy })[] = [];
    let matched = 0;
    for (const { rules: batch, now } of batches(rules, 120)) {
      const expected = oracleMembers(catalogue, documents, batch, now);
      for (const members of expected.values()) matched += members.size;
      for (const strategy of ['recheck', 'range', 'member'] as const) {
        const asked = strategy === 'member' ? batch.slice(0, membersOfBatch) : batch;
        const actual = await sqlMembers(database, catalogue, asked, now, strategy);
        found.push(...differences(asked, now, expected, actual).map((difference) => ({ ...difference, strategy })));
      }
    }
    expect(found, sentences(found)).toEqual([]);
    // The rules separate contacts: neither almost all nor almost none match.
    const share = matched / (rules.length * documents.size);
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.9);
  },
);

test('the evaluator leaves out by itself the rows that do not count', { timeout: 120_000 }, () => {
  const catalogue = catalogueWith('UTC');
  const rules = randomRules(random(seed() + 3), catalogue, 2_000).filter(({ json }) =>
    NARROWED.test(JSON.stringify(json)),
  );
  expect(rules.length).toBeGreaterThan(200);
  const wrong: string[] = [];
  let narrowed = 0;
  for (const { rules: batch, now } of batches(rules, 30)) {
    const pairs = [...fuzz.documents.values()].map((whole) => [whole, countingRows(catalogue, whole, now)] as const);
    for (const rule of batch) {
      const holds = evaluator(rule, now, { timestamps: catalogue.timestamps });
      const without = evaluator({ ...rule, condition: withoutWhere(rule.condition) }, now, {
        timestamps: catalogue.timestamps,
      });
      for (const [whole, counting] of pairs) {
        if (holds(whole) !== holds(counting)) wrong.push(JSON.stringify(rule.json));
        if (without(whole) !== holds(counting)) narrowed += 1;
      }
    }
  }
  expect(wrong.slice(0, 3), `${wrong.length} differ`).toEqual([]);
  // Which rows count matters to many of them.
  expect(narrowed).toBeGreaterThan(1_000);
});

const NARROWED = /"(?:bills|lines|works|house|branch)[".]/;
