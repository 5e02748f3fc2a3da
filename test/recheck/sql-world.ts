/** Segments beside the same questions in plain SQL, without our compiler: what is stored must be what Postgres answers. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

/** By the segment's key: its condition, and the same as a condition of SQL over the contact `c`. */
export type SqlCases = Readonly<Record<string, readonly [condition: unknown, sql: string]>>;

export interface SqlWorld {
  readonly world: World;
  readonly segmentd: Segmentd;
  /** Everything that waits is done. */
  settle(): Promise<void>;
  /** Stored members are those of plain SQL, and of our own statements computed anew. */
  exact(): Promise<void>;
  /** Keys of a segment's stored members, as texts in their order. */
  members(key: string): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** @param config the config file; absent: what `init` proposes */
export async function createSqlWorld(tables: string, cases: SqlCases, config?: string): Promise<SqlWorld> {
  const world = await createWorld({ tables, ...(config === undefined ? {} : { config }) });
  const path = join(world.folder, 'segmentd.yaml');
  const open = (): Segmentd => createSegmentd({ databaseUrl: world.database.url, config: path });
  if (config === undefined) {
    await using proposing = open();
    await writeFile(path, (await proposing.admin.propose()).yaml);
  }
  const segmentd = open();
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  const members = async (key: string): Promise<readonly string[]> => {
    const rows = await world.database.query<{ id: string }>(
      `select m.contact_id::text as id from segmentd.member m where m.segment_key = $1 order by m.contact_id`,
      [key],
    );
    return rows.map(({ id }) => id);
  };
  const settle = async (): Promise<void> => {
    await using worker = segmentd.worker();
    await worker.once();
  };
  for (const [key, [condition]] of Object.entries(cases)) await segmentd.segments.create({ key, condition });
  await settle();
  return {
    world,
    segmentd,
    settle,
    members,
    async exact() {
      for (const [key, [, sql]] of Object.entries(cases)) {
        const wanted = await world.database.query<{ id: string }>(
          `select c.id::text as id from public.contacts c where ${sql} order by c.id`,
        );
        expect(await members(key), key).toEqual(wanted.map(({ id }) => id));
      }
      // One of its own, because a Segmentd keeps the catalogue that it read for ten seconds.
      await using reader = open();
      for (const { key, missing, extra } of await reader.admin.verify())
        expect([missing, extra], key).toEqual([[], []]);
    },
    async end() {
      await segmentd.close();
      await world.end();
    },
  };
}
