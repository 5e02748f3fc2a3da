/** The database of the fuzz tests: random rows, the functions that compiled SQL calls, memberships to refer to. */
import { readFile } from 'node:fs/promises';
import type { ContactDocument } from '../../src/condition/evaluate/document.ts';
import { asAdmin, createDatabase, type TestDatabase } from '../support/database.ts';
import { others } from './compare.ts';
import { randomPast } from './random-document.ts';
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
  await database.query(`create table segmentd.segment (id integer, key text);
    create table segmentd.membership (segment_id integer, contact_id segmentd.contact_key, entered_at timestamptz);
    create table segmentd.membership_event (segment_id integer, contact_id segmentd.contact_key, kind text, at timestamptz);
    create index on segmentd.membership (contact_id); create index on segmentd.membership_event (contact_id)`);
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
    await database.query('insert into segmentd.segment (id, key) values ($1, $2)', [id, key]);
    const known = [...documents.keys()].map((contact) => ({ contact, past: randomPast(r) }));
    const members = known.filter(({ past }) => past.since !== null);
    await database.query(
      'insert into segmentd.membership (segment_id, contact_id, entered_at) select $1, * from unnest($2::int[], $3::timestamptz[])',
      [id, members.map(({ contact }) => contact), members.map(({ past }) => past.since)],
    );
    for (const kind of ['entered', 'left'] as const) {
      const events = known.flatMap(({ contact, past }) => past[kind].map((at) => ({ contact, at })));
      await database.query(
        'insert into segmentd.membership_event (segment_id, contact_id, kind, at) select $1, c, $2, at from unnest($3::int[], $4::timestamptz[]) as e(c, at)',
        [id, kind, events.map(({ contact }) => contact), events.map(({ at }) => at)],
      );
    }
    for (const { contact, past } of known) {
      const document = changed.get(contact);
      if (!document) continue;
      const segments = past.since === null ? document.segments : [...document.segments, key];
      changed.set(contact, { ...document, segments, pasts: { ...document.pasts, [key]: past } });
    }
  }
  return changed;
}
