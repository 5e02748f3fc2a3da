/** Deltas: at random cut points, with writers in flight and kills in between, their sum is the membership. */
import { createHash, randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeltaStep } from '../../src/export/delta.ts';
import { exportSegment, type ExportHooks } from '../../src/export/export.ts';
import type { Manifest } from '../../src/export/manifest.ts';
import type { ExportOptions } from '../../src/export/check-request.ts';
import { startScript, type CliProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { exportWorld, parseCsv, type ExportWorld } from './export-world.ts';

let world: ExportWorld;
beforeAll(async () => {
  world = await exportWorld();
});
afterAll(() => world.end());

type Row = readonly string[];

/** Exports a delta to a stream and returns its rows: change and contact. */
async function delta(
  key: string,
  options: Partial<ExportOptions & ExportHooks> = {},
): Promise<{ rows: readonly Row[]; manifest: Manifest }> {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const manifest = await exportSegment(world.pool, world.catalogue, key, {
    delta: 'crm',
    columns: ['change', 'contact_id'],
    to: { stream },
    ...options,
  });
  const [header, ...rows] = parseCsv(Buffer.concat(chunks).toString());
  expect(header?.slice(0, 2)).toEqual(['change', 'contact_id']);
  expect(manifest.count).toBe(rows.length);
  return { rows, manifest };
}

class Killed extends Error {}

const LOCKS = `select l.pid from pg_locks l where l.locktype = 'advisory' and l.classid = 7365 and l.database = (select oid from pg_database where datname = current_database())`;
/** Until Postgres has noticed that the holder of the lock has ended. */
const unlocked = () => until(async () => (await world.database.query(LOCKS)).length === 0);

describe('a delta holds exactly what changed', () => {
  test('first all members, then each contact that entered or left, once', async () => {
    const segment = await world.segment('plain');
    await world.move(world.pool, segment, [1, 2, 3]);
    const first = await delta('plain');
    expect(first.rows).toEqual([
      ['entered', '1'],
      ['entered', '2'],
      ['entered', '3'],
    ]);
    expect(first.manifest.delta).toEqual({ name: 'crm', number: 1, since: null, repeated: false });
    await world.move(world.pool, segment, [4, 5], [1]);
    await world.move(world.pool, segment, [6], [2, 4]);
    await world.move(world.pool, segment, [2], [5, 6]);
    await world.move(world.pool, segment, [6]);
    const second = await delta('plain', { passing: true });
    expect(second.rows).toEqual([
      ['left', '1'],
      ['left_entered', '2'],
      ['entered_left', '4'],
      ['entered_left', '5'],
      ['entered', '6'],
    ]);
    expect(second.manifest.delta).toEqual({ name: 'crm', number: 2, since: first.manifest.asOf, repeated: false });
    expect((await delta('plain')).rows).toEqual([]);
    // another name has a place of its own, and may leave out who passed
    expect((await delta('plain', { delta: 'other' })).rows.map(([, contact]) => contact)).toEqual(['2', '3', '6']);
    await world.move(world.pool, segment, [7], [3]);
    await world.move(world.pool, segment, [3], [7]);
    expect((await delta('plain', { delta: 'other' })).rows).toEqual([]);
  });

  test('a late commit is in the next file, and no change is in two files', async () => {
    const segment = await world.segment('late');
    const late = await world.pool.connect();
    try {
      await late.query('begin');
      await world.move(late, segment, [1]);
      await world.move(world.pool, segment, [2]);
      expect((await delta('late')).rows).toEqual([['entered', '2']]);
      await world.move(world.pool, segment, [3]);
      expect((await delta('late')).rows).toEqual([['entered', '3']]);
      await late.query('commit');
      expect((await delta('late')).rows).toEqual([['entered', '1']]);
      expect((await delta('late')).rows).toEqual([]);
    } finally {
      late.release();
    }
  });

  test('columns of the contacts and of the last event', async () => {
    const segment = await world.segment('columns');
    await world.pool.query(`insert into public.contacts (id, email) values (1, '=a'), (2, 'b')`);
    await world.move(world.pool, segment, [1]);
    await delta('columns');
    await world.move(world.pool, segment, [2], [1]);
    await world.pool.query('delete from public.contacts where id = 1');
    const { rows } = await delta('columns', { columns: ['email', 'reason', 'version', 'at'] });
    expect(rows).toEqual([
      ['left', '1', '', 'contact', '1', expect.stringMatching(/^\d{4}-/)],
      ['entered', '2', 'b', 'contact', '1', expect.stringMatching(/^\d{4}-/)],
    ]);
  });
});

test('after 200 interrupted deltas, some by the kill of a process, the sum of the files is the membership', async () => {
  const segment = await world.segment('cut');
  const folder = join(world.folder, 'cut');
  await mkdir(folder);
  const steps: readonly DeltaStep[] = ['fixed', 'written', 'published'];
  /** What a consumer made of the files, and what it knows of each number. */
  const replayed = new Set<string>();
  const seen = new Map<number, string>();
  let kills = 0;
  let processes = 0;
  let again = 0;
  const applied: number[] = [];
  const consume = async (): Promise<void> => {
    for (const name of (await readdir(folder)).filter((one) => one.endsWith('.manifest.json')).sort()) {
      const manifest = JSON.parse(await readFile(join(folder, name), 'utf8')) as {
        file: string;
        sha256: string;
        count: number;
        delta: { number: number };
      };
      const bytes = await readFile(join(folder, manifest.file));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(manifest.sha256);
      const [, ...rows] = parseCsv(bytes.toString());
      expect(rows.length).toBe(manifest.count);
      const content = JSON.stringify(rows);
      const { number } = manifest.delta;
      if (seen.has(number)) {
        again += 1;
        expect(content).toBe(seen.get(number)); // a number that comes again has the same content again
      } else {
        expect(number).toBe(seen.size + 1); // and none is left out
        seen.set(number, content);
        applied.push(number);
        for (const [change, contact = ''] of rows) {
          if (change === 'entered') {
            expect(replayed.has(contact)).toBe(false);
            replayed.add(contact);
          } else expect(replayed.delete(contact)).toBe(true);
        }
      }
      await rm(join(folder, name));
      await rm(join(folder, manifest.file));
    }
  };

  // Writers whose commits overtake each other, and some that are rolled back. Each has contacts of its own.
  const writers = await Promise.all(Array.from({ length: 4 }, () => world.pool.connect()));
  const open = writers.map(() => false);
  const turn = async (): Promise<void> => {
    const at = randomInt(writers.length);
    const writer = writers[at];
    if (!writer) return;
    if (open[at] === true) {
      open[at] = false;
      await writer.query(randomInt(5) === 0 ? 'rollback' : 'commit');
      return;
    }
    await writer.query('begin');
    open[at] = true;
    for (let moves = randomInt(1, 4); moves > 0; moves -= 1) {
      const contacts = Array.from({ length: randomInt(1, 6) }, () => at * 100 + randomInt(20));
      await (randomInt(2) === 0 ? world.move(writer, segment, contacts) : world.move(writer, segment, [], contacts));
    }
  };

  const begin = (): CliProcess =>
    startScript([
      'test/export/delta-process.ts',
      world.database.url,
      'cut',
      folder,
      randomInt(2) === 0 ? (steps[randomInt(steps.length)] ?? '') : '',
    ]);
  /** The next one starts while the one before is used. */
  let [running, spare] = [begin(), begin()];
  const killProcess = async (): Promise<void> => {
    await running.line(/^ready/);
    process.kill(running.pid, 'SIGUSR2');
    let looked = 0;
    const enough = randomInt(60);
    // Where it stands still, or somewhere.
    await until(
      async () => {
        await world.pool.query('select');
        return running.stdout.includes('holds') || running.stdout.includes('done') || looked++ === enough;
      },
      { interval: 0 },
    );
    await running.kill('SIGKILL');
    running = spare;
    spare = begin();
    await unlocked();
  };

  for (let cut = 0; cut < 200; cut += 1) {
    for (let turns = randomInt(0, 4); turns > 0; turns -= 1) await turn();
    if (cut % 10 === 9) {
      await killProcess();
      processes += 1;
      if (randomInt(2) === 0) await consume();
      continue;
    }
    const kill = randomInt(5) < 3 ? steps[randomInt(steps.length)] : undefined;
    const work = exportSegment(world.pool, world.catalogue, 'cut', {
      delta: 'crm',
      to: { folder },
      columns: ['at'],
      failpoint: async (step) => {
        if (randomInt(3) === 0) await turn();
        if (step !== kill) return;
        if (randomInt(2) === 0) throw new Killed();
        // the server forgets the session that holds the lock; the writer notices at its next query
        await world.pool.query(`select pg_terminate_backend(l.pid) from (${LOCKS}) l`);
      },
    });
    if (kill) {
      kills += 1;
      await expect(work).rejects.toThrow();
    } else await work;
    if (randomInt(2) === 0) await consume();
  }
  await Promise.all([running.kill('SIGKILL'), spare.kill('SIGKILL')]);
  for (const [at, writer] of writers.entries()) {
    if (open[at] === true) await writer.query('commit');
    writer.release();
  }
  await exportSegment(world.pool, world.catalogue, 'cut', { delta: 'crm', to: { folder } }); // what was pending
  await consume();
  await exportSegment(world.pool, world.catalogue, 'cut', { delta: 'crm', to: { folder } });
  await consume();
  expect([...replayed].sort()).toEqual((await world.members(segment)).sort());
  expect(kills).toBeGreaterThan(60);
  expect(processes).toBe(20);
  expect(again).toBeGreaterThan(5);
  expect(applied.length).toBeGreaterThan(60);
  // What a killed process had begun goes after a day.
  expect((await readdir(folder)).filter((name) => !name.endsWith('.part'))).toEqual([]);
  expect(await world.database.query('select from segmentd_internal.export_change')).toEqual([]);
}, 120_000);

describe('the first file of a delta', () => {
  test('is repeated as it was, though members left and came since', async () => {
    const segment = await world.segment('first');
    const members = Array.from({ length: 50 }, (_, index) => index);
    await world.move(world.pool, segment, members);
    const entered = await world.database.query(
      'select entered_at::text as at from segmentd.membership where segment_id = $1 order by contact_id',
      [segment],
    );
    const failing = async (step: DeltaStep): Promise<void> => {
      if (step === 'published') throw new Killed();
    };
    const columns = ['change', 'contact_id', 'at'];
    await expect(delta('first', { columns, failpoint: failing })).rejects.toThrow(Killed);
    await world.move(world.pool, segment, [77], members.slice(0, 30));
    await world.move(world.pool, segment, members.slice(0, 10));
    const { rows, manifest } = await delta('first', { columns });
    expect(manifest.delta).toMatchObject({ number: 1, repeated: true });
    expect(rows.map(([, contact]) => contact)).toEqual(members.map(String));
    expect(rows.map(([, , at]) => at)).toEqual(entered.map((row) => row['at']));
    expect((await delta('first')).rows.filter(([change]) => change === 'left')).toHaveLength(20);
  });

  test('a restart makes a first file anew', async () => {
    expect((await delta('first', { restart: true })).manifest.delta).toMatchObject({ number: 3, since: null });
    expect((await delta('first')).rows).toEqual([]);
  });
});

describe('a delta is refused in one sentence', () => {
  test('while another process writes it', async () => {
    await world.segment('busy');
    let refused = false;
    await delta('busy', {
      failpoint: async (step) => {
        if (step !== 'written') return;
        await expect(delta('busy')).rejects.toMatchObject({
          code: 'conflict',
          message: 'Another process is writing the delta "crm" of busy right now.',
        });
        refused = true;
      },
    });
    expect(refused).toBe(true);
    // another name and another segment are no matter
    await Promise.all([delta('busy'), delta('busy', { delta: 'b' }), delta('plain')]);
  });

  test('when its cursor is of another server, or the event log no longer reaches back', async () => {
    const segment = await world.segment('foreign');
    await world.move(world.pool, segment, [1]);
    await delta('foreign');
    await world.pool.query(
      `update segmentd_internal.export_delta set snapshot = '900000000:900000000:' where segment_id = $1`,
      [segment],
    );
    // events that a dump brought along, with numbers that are still to come here
    await world.pool.query(`update segmentd.membership_event set xid = '899999999' where segment_id = $1`, [segment]);
    await expect(delta('foreign')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/begun on another server.*--restart/),
    });
    expect((await delta('foreign', { restart: true })).rows).toEqual([['entered', '1']]);
    expect(
      await world.database.query('select xid::text from segmentd.membership_event where segment_id = $1', [segment]),
    ).toEqual([{ xid: '3' }]);
    await world.pool.query(`update segmentd_internal.installation set events_since = now()`);
    try {
      await expect(delta('foreign')).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringMatching(/no longer reaches back to .*--restart/),
      });
    } finally {
      await world.pool.query(`update segmentd_internal.installation set events_since = null`);
    }
  });

  test('for a name, flag or column that does not exist', async () => {
    await expect(delta('plain', { delta: '' })).rejects.toThrow(
      'The name of a delta is a text of 1 to 200 characters.',
    );
    await expect(delta('plain', { delta: 'a\0' })).rejects.toThrow('The name of a delta');
    await expect(delta('unknown')).rejects.toThrow('There is no segment "unknown".');
    await expect(
      exportSegment(world.pool, world.catalogue, 'plain', { to: { folder: world.folder }, passing: true }),
    ).rejects.toThrow('Only a delta');
    await expect(delta('plain', { columns: ['entered_at'] })).rejects.toThrow('There is no column "entered_at"');
  });

  test('and the next file then holds all changes', async () => {
    const segment = await world.segment('kept');
    await world.move(world.pool, segment, [1]);
    await expect(delta('kept', { columns: ['nope'] })).rejects.toThrow('There is no column');
    expect((await delta('kept')).rows).toEqual([['entered', '1']]);
  });
});
