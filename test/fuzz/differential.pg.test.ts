/**
 * Random typed rules over random rows: what Postgres says of the compiled SQL against what json-logic-js with typed
 * operators says of the same rows. No difference is allowed.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContactDocument } from '../../src/condition/document.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { batches, type Difference, differences, oracleMembers, others, randomRules, sqlMembers, type Strategy } from './compare.ts';
import { random, seed } from './random.ts';
import { catalogueWith, createWorld, readDocuments } from './world.ts';

const sizes = { contacts: 320, orders: 700, items: 900, parts: 500 };
const rulesPerZone = 1_050;

let database: TestDatabase;
let documents: Map<number, ContactDocument>;

beforeAll(async () => {
  console.log(`FUZZ_SEED=${seed()}`);
  database = await createDatabase();
  await createFuzzWorld(database);
  documents = await readDocuments(database);
  await addMemberships();
});

afterAll(() => database?.drop());

export async function createFuzzWorld(target: TestDatabase): Promise<void> {
  // A session that differs from everything the conditions name.
  await target.query(`alter database ${target.name} set timezone to 'Pacific/Auckland'`);
  await target.query('create schema segmentd');
  await target.query('create domain segmentd.contact_key as integer');
  await target.query('create table segmentd.membership (segment_id integer, contact_id segmentd.contact_key)');
  await target.query(await readFile(new URL('../../sql/object/json-instant.sql', import.meta.url), 'utf8'));
  await createWorld(target, random(seed()), sizes);
}

async function addMemberships(): Promise<void> {
  const r = random(seed() + 7);
  for (const [key, id] of others) {
    const members = [...documents.keys()].filter(() => r.chance(0.4));
    await database.query('insert into segmentd.membership (segment_id, contact_id) select $1, unnest($2::int[])', [id, members]);
    for (const contact of members) {
      const document = documents.get(contact);
      if (document) documents.set(contact, { ...document, segments: [...document.segments, key] });
    }
  }
}

function tell(found: readonly Difference[]): string {
  return found
    .slice(0, 5)
    .map(({ rule, now, contact, expected }) => `rule ${JSON.stringify(rule.json)} in ${rule.timezone} at ${now}: contact ${contact} should ${expected ? '' : 'not '}match`)
    .join('\n');
}

describe.each([
  ['UTC', 1],
  ['Europe/Madrid', 2],
] as const)('timestamps without zone read in %s', (timestamps, offset) => {
  const catalogue = catalogueWith(timestamps);

  test.each([
    ['recheck', 70],
    ['range', 70],
    ['member', 70],
  ] as const satisfies readonly (readonly [Strategy, number])[])('%s query agrees with the evaluator', async (strategy, size) => {
    expect(documents.size).toBeGreaterThanOrEqual(300);
    // The same rules for all strategies.
    const rules = randomRules(random(seed() + offset), catalogue, rulesPerZone);
    expect(rules.length * 2).toBeGreaterThanOrEqual(2_000);
    const found: Difference[] = [];
    let matched = 0;
    for (const { rules: some, now } of batches(rules, size)) {
      const expected = oracleMembers(catalogue, documents, some, now);
      for (const members of expected.values()) matched += members.size;
      found.push(...differences(some, now, expected, await sqlMembers(database, catalogue, some, now, strategy)));
    }
    expect(found, tell(found)).toEqual([]);
    // The rules tell contacts apart: neither almost all nor almost none match.
    const share = matched / (rules.length * documents.size);
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.9);
  });
});
