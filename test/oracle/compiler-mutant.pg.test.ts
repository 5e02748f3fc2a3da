/** The differential test can fail: every compiler with a seeded mistake is caught by the same comparison. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlState } from '../../src/base/error.ts';
import { batches, differences, type Mutation, oracleMembers, randomRules, type Rule, sqlMembers } from './compare.ts';
import { createFuzzDatabase, type FuzzDatabase } from './fuzz-database.ts';
import { mutants } from './compiler-mutant.ts';
import { random, seed } from '../support/random.ts';
import { catalogueWith } from './oracle-world.ts';

const catalogue = catalogueWith('Europe/Madrid');
const work = batches(randomRules(random(seed() + 2), catalogue, 1_920), 120);
const expected = new Map<number, ReturnType<typeof oracleMembers>>();

let fuzz: FuzzDatabase;

beforeAll(async () => {
  fuzz = await createFuzzDatabase({ contacts: 320, orders: 600, items: 700, parts: 400 });
});

afterAll(() => fuzz?.database.drop());

/** A condition may not raise on any data, so an error counts as caught; one of syntax says that the mutant is no SQL. */
async function differs(
  mutation: Mutation,
  rules: readonly Rule[],
  now: string,
  right: ReturnType<typeof oracleMembers>,
): Promise<boolean> {
  try {
    return (
      differences(
        rules,
        now,
        right,
        await sqlMembers(fuzz.database, catalogue, rules, now, mutation.strategy ?? 'recheck', mutation),
      ).length > 0
    );
  } catch (error) {
    const state = sqlState(error);
    if (state === undefined || state.startsWith('42')) throw error;
    return true;
  }
}

/** Index of the first batch that shows a difference. */
async function caughtAt(mutation: Mutation, last = work.length): Promise<number | undefined> {
  for (const [index, { rules, now }] of work.slice(0, last).entries()) {
    const right = expected.get(index) ?? oracleMembers(catalogue, fuzz.documents, rules, now);
    expected.set(index, right);
    if (await differs(mutation, rules, now, right)) return index;
  }
  return undefined;
}

test('the comparison finds no difference in the compiler without a mistake', async () => {
  expect(await caughtAt({}, 3)).toBeUndefined();
});

test('there are at least 12 mutants', () => {
  expect(Object.keys(mutants).length).toBeGreaterThanOrEqual(12);
});

test.each(Object.entries(mutants))(
  'the comparison catches a compiler by which: %s',
  { timeout: 120_000 },
  async (_name, mutation) => {
    expect(await caughtAt(mutation)).toBeDefined();
  },
);
