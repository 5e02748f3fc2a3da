/** The database of the fuzz tests: random rows, the functions that compiled SQL calls, memberships to refer to. */
import { readFile } from 'node:fs/promises';
import type { ContactDocument } from '../../src/condition/evaluate/document.ts';
import { asAdmin, createDatabase, type TestDatabase } from '../support/database.ts';
import { others } from './compare.ts';
import { random, seed } from '../support/random.ts';
import { createWorld, readDocuments, type Sizes } from './oracle-world.ts';

export interface FuzzDatabase {
  readonly database: TestDatabase;
  /** By contact key. */
  readonly documents: ReadonlyMap<number, ContactDocument>;
}

export async function createFuzzDatabase(sizes: Sizes): Promise<FuzzDatabase> {
  const database = await createDatabase();
  // Before the pool's first connection: a zone that differs from every one that the conditions name; no JIT, as in the
  // worker's sessions.
  await asAdmin(async (client) => {
    await client.query(`alter database ${database.name} set timezone to 'Pacific/Auckland'`);
    await client.query(`alter database ${database.name} set jit to off`);
  });
  await database.query('create schema segmentd');
  await database.query('create domain segmentd.contact_key as integer');
  await database.query('create table segmentd.membership (segment_id integer, contact_id segmentd.contact_key)');
  for (const name of ['json-instant', 'text-value'])
    await database.query(await readFile(new URL(`../../sql/object/${name}.sql`, import.meta.url), 'utf8'));
  await createWorld(database, random(seed()), sizes);
  return { database, documents: await withMemberships(database, await readDocuments(database)) };
}

async function withMemberships(
  database: TestDatabase,
  documents: ReadonlyMap<number, ContactDocument>,
): Promise<Map<number, ContactDocument>> {
  const r = random(seed() + 7);
  const changed = new Map(documents);
  for (const [key, id] of others) {
    const members = [...documents.keys()].filter(() => r.chance(0.4));
    await database.query('insert into segmentd.membership (segment_id, contact_id) select $1, unnest($2::int[])', [
      id,
      members,
    ]);
    for (const contact of members) {
      const document = changed.get(contact);
      if (document) changed.set(contact, { ...document, segments: [...document.segments, key] });
    }
  }
  return changed;
}
