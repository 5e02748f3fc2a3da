/**
 * Random histories on whole workers: changes, edits, requests, pauses, key changes, truncates, moves of the second hop, by
 * several writers at once, with two workers. They end exact, and no reader sees a state that never was.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Worker } from '../../src/worker/worker.ts';
import { createTeam, PEOPLE, SEGMENTS } from '../fault/random-team.ts';
import {
  adult,
  everybody,
  foreign,
  french,
  minor,
  none,
  payer,
  spanish,
  spanishAdult,
  within,
  without,
  type Meaning,
} from '../support/world-meaning.ts';
import { installedCapture } from '../support/world-schema.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';
import { SCALE } from './schedule.ts';

vi.setConfig({ testTimeout: 900_000 });

let world: World;
let workers: Worker[] = [];

beforeEach(async () => {
  world = await createWorld({ capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
  await world.end();
});

async function begin(segments: Readonly<Record<string, Meaning>>): Promise<void> {
  await world.begin(PEOPLE, segments);
  workers = await Promise.all([1, 2].map((drains) => startWorker(world, { drains, batchSize: 40 })));
}

describe('two workers', () => {
  test.each([41, 42, 43])('a random history ends exact (seed %i)', async (seed) => {
    await begin(SEGMENTS);
    const teams = [0, 1, 2].map((lane) => createTeam(world, seed * 10 + lane, lane, 3));
    for (let round = 0; round < 4 * SCALE; round += 1) {
      await Promise.all(
        teams.map(async (team) => {
          for (let turns = 40; turns > 0; turns -= 1) {
            await team.write();
            if (team.pick(8) === 0) await team.steer();
          }
        }),
      );
      await world.quiet();
      await world.exact();
    }
  });

  test('a random history with truncates ends exact with one writer', async () => {
    await begin(SEGMENTS);
    const team = createTeam(world, 44);
    for (let round = 0; round < 3 * SCALE; round += 1) {
      for (let turns = 60; turns > 0; turns -= 1) {
        await team.write();
        if (team.pick(10) === 0) await team.steer();
      }
      await world.quiet();
      await world.exact();
    }
  });

  test('readers see one version of a segment or the other during an edit, and the size that belongs to it', async () => {
    const versions = [spanish, french, none, everybody, adult, minor, foreign, payer];
    await begin({ one: spanish });
    const results = new Set<string>();
    for (const { sql } of versions) {
      const { rows } = await world.pool.query<{ ids: string }>(
        `select coalesce(string_agg(c.id::text, ' ' order by c.id), '') as ids from contacts c where ${sql}`,
      );
      results.add(rows[0]?.ids ?? '');
    }
    let over = false;
    const reader = async (): Promise<{ reads: number; torn: string[] }> => {
      const torn: string[] = [];
      for (let reads = 0; ; reads += 1) {
        const { rows } = await world.pool.query<{ ids: string; members: string; counted: string }>(`
          select coalesce(string_agg(m.contact_id::text, ' ' order by m.contact_id), '') as ids, count(*)::text as members,
            (select s.members::text from segmentd.segment_status s where s.key = 'one') as counted
          from segmentd.member m where m.segment_key = 'one'`);
        const [row] = rows;
        if (row && (!results.has(row.ids) || row.members !== row.counted)) torn.push(`${row.ids} (${row.counted})`);
        if (over) return { reads, torn };
      }
    };
    const readers = [reader(), reader(), reader()];
    for (let edit = 1; edit <= 24 * SCALE; edit += 1) {
      await world.want({ one: versions[edit % versions.length] ?? spanish });
      // Every other edit comes while the one before it is built.
      if (edit % 2 === 0) await world.quiet();
    }
    await world.quiet();
    over = true;
    const seen = await Promise.all(readers);
    expect(seen.flatMap(({ torn }) => torn)).toEqual([]);
    expect(seen.reduce((sum, { reads }) => sum + reads, 0)).toBeGreaterThan(100);
    await world.exact();
  });

  test('a member that does not change never leaves during rebuilds, and no segment is ever empty', async () => {
    await begin({ one: spanishAdult });
    const stay = await world.members('one');
    for (const meaning of [spanish, adult, everybody, spanishAdult]) {
      await world.want({ one: meaning });
      await world.quiet();
    }
    await world.pool.query(
      `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
    );
    await world.quiet();
    const moved = await world.database.query(
      `select from segmentd.membership_event where contact_id = any ($1::bigint[]) and kind = 'left'`,
      [stay],
    );
    expect(moved).toHaveLength(0);
    await world.want({ one: none });
    await world.quiet();
    expect(await world.members('one')).toEqual([]);
    await world.exact();
  });

  test('twenty segments are created and twenty rebuilt at once while writers write, and all end exact', async () => {
    await begin({ one: spanish });
    const meanings = [spanish, french, adult, minor, payer, foreign, everybody, none, within('one'), without('one')];
    const many = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`many${n}`, meanings[n % meanings.length] ?? spanish]),
    );
    const teams = [0, 1, 2].map((lane) => createTeam(world, 50 + lane, lane, 3));
    const writing = (): Promise<void>[] =>
      teams.map(async (team) => {
        for (let turns = 25; turns > 0; turns -= 1) await team.write();
      });
    await Promise.all([...writing(), world.want(many)]);
    await world.quiet();
    await world.exact();
    await Promise.all([
      ...writing(),
      world.pool.query(
        `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
      ),
    ]);
    await world.quiet();
    await world.exact();
    const { rows } = await world.pool.query(`select from segmentd.segment where state = 'live'`);
    expect(rows).toHaveLength(21);
  });
});
