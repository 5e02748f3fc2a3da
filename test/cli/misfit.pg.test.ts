/** The team renames a table that the config names: what reads it stops, by name; everything else goes on, the worker that starts then included. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilLive } from '../../src/lifecycle/until-live.ts';
import { startCli } from '../support/process.ts';
import { until } from '../support/until.ts';
import { createWorld, type World } from './cli-world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
const PAID = { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] };
const MISFIT = '`relations.orders.table`: there is no table public.orders';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.file('spain.json', SPAIN);
  await world.file('paid.json', PAID);
  for (const argv of [
    ['migrate'],
    ['install'],
    ['create', 'spain', '--condition', 'spain.json'],
    ['create', 'payers', '--condition', 'paid.json'],
    ['run', '--once'],
  ]) {
    expect(await world.run(...argv)).toMatchObject({ code: 0 });
  }
  await world.database.query('alter table public.orders rename to ordrs');
});
afterAll(() => world.end());

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

async function refused(argv: readonly string[], code: number, ...parts: readonly string[]): Promise<void> {
  const result = await world.run(...argv);
  for (const part of parts) expect(result.stderr).toContain(part);
  expect(result.code).toBe(code);
}

describe('before a worker has seen it', () => {
  test('verify compares the others, says which it leaves out, and does not call that proven', async () => {
    const all = await world.run('verify');
    expect(all.stdout).toMatch(/^spain +\d/m);
    expect(all.stdout).not.toContain('payers');
    expect(all.stderr).toContain(
      'payers is left out: its live condition does not fit the tables any more; segmentd doctor says why',
    );
    expect(all.code).toBe(1);
    expect(await world.ok('verify', 'spain')).toContain('spain');
    await refused(['verify', 'payers'], 1, 'The live condition of payers does not fit the tables any more.', MISFIT);
  });

  test('wait asks for a worker', async () => {
    await refused(
      ['wait', '--timeout', '2s'],
      1,
      'No worker is running: start segmentd run.\n',
      'Not everything is visible after 2 s. Is a worker running (segmentd run)?',
    );
  });

  test.each([
    ['create', 'fresh', '--condition', 'spain.json'],
    ['duplicate', 'spain', 'copy'],
    ['edit', 'spain', '--condition', 'everybody.json', '--yes'],
    ['restore', 'spain', '--to', '1', '--yes'],
    ['rebuild', 'spain'],
    ['exclude', 'spain', '4'],
  ])('%s --wait says at once that no worker runs, and gives up', async (...argv) => {
    await world.file('everybody.json', true);
    const { code, stdout, stderr } = await world.run(...argv, '--wait', '--timeout', '2s');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^No worker is running: start segmentd run\.\n(?:.*\n)?segmentd: .* after [\d.]+ s[.:].*Is a worker running \(segmentd run\)\?\n$/,
    );
  });

  test('a wait ends by itself thirty seconds after the last worker was seen, and later where one runs', async () => {
    const pool = world.database.pool;
    await expect(untilLive(pool, 'spain', { stuckAfter: 60_000, unattendedAfter: 100 })).rejects.toThrow(
      /^spain is not live after \d s: its state is \w+\. Is a worker running/,
    );
    await pool.query(
      `insert into segmentd_internal.worker (id, host, pid, version) values (gen_random_uuid(), 'other', 1, '0')`,
    );
    const signal = AbortSignal.timeout(1_000);
    await expect(untilLive(pool, 'spain', { stuckAfter: 60_000, unattendedAfter: 100, signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await expect(untilLive(pool, 'spain', { stuckAfter: 100, unattendedAfter: 100 })).rejects.toThrow(
      'Is a worker running',
    );
    await pool.query(`delete from segmentd_internal.worker`);
    for (const key of ['fresh', 'copy']) expect(await world.run('delete', key)).toMatchObject({ code: 0 });
  });
});

describe('with a worker that started then', () => {
  test('it works on: what reads the table is invalid by name, the others are exact', { timeout: 60_000 }, async () => {
    const worker = startCli(['run'], {
      cwd: world.folder,
      env: { DATABASE_URL: world.database.url, SEGMENTD_LOG_LEVEL: 'info', REDIS_URL: '' },
    });
    try {
      await worker.line(/the worker runs/);
      expect(worker.stderr.join('\n')).toContain(MISFIT);
      await world.database.query(`insert into public.contacts (country) values ('ES')`);
      expect(await world.ok('wait')).toBe('');
      expect(await world.ok('wait', 'spain')).toBe('');
      expect(await world.ok('members', 'spain')).toBe('1\n3\n5\n');
      const shown = /Error\n {2}(.*)\n/.exec(await world.ok('show', 'payers'))?.[1] ?? 'no error';
      expect(shown).toContain('There is no relation "orders"');
      expect(await world.ok('status')).toMatch(new RegExp(`^payers +invalid .*${escaped(shown)}$`, 'm'));
      expect(await world.ok('show', 'payers')).toMatch(/invalid[^]*orders/);
      expect(await world.ok('include', 'spain', '2', '--wait')).toContain('1 contact included');
      await refused(['wait', 'payers'], 1, 'payers', 'orders');
      await world.database.query('alter table public.ordrs rename to orders');
      await until(async () => (await world.ok('show', 'payers')).includes('live'), { timeout: 20_000 });
      await world.database.query('alter table public.orders rename to ordrs');
      await world.database.query(`insert into public.contacts (country) values ('PT')`);
      await until(async () => (await world.ok('show', 'payers')).includes('invalid'), { timeout: 20_000 });
      expect(worker.stderr.join('\n')).toContain('"during":"batch"');
      // The watch of the tables says which segments are frozen; an empty list would not.
      expect(worker.stderr.join('\n')).not.toContain('segments frozen');
    } finally {
      expect(await worker.kill('SIGTERM')).toMatchObject({ code: 0, signal: null });
    }
  });

  test('doctor names the misfit and goes on', async () => {
    const { code, stdout } = await world.run('doctor');
    expect(code).toBe(1);
    expect(stdout).toContain(`fail  The config does not fit the database: ${MISFIT}`);
    expect(stdout).toContain('The server is Postgres');
    expect(stdout).toContain('Capture is in place on 1 source.');
    expect(stdout).toContain('Segments are not kept up to date: payers');
    expect(stdout).not.toContain('nothing needs it');
  });

  test('what does not read the table goes on', async () => {
    expect(await world.ok('verify')).toMatch(/^spain +\d/m);
    expect(await world.ok('export', 'spain', '--columns', 'contact_id,country')).toContain('1,ES');
    expect(await world.run('export', 'payers', '--columns', 'contact_id')).toMatchObject({
      code: 0,
      stdout: 'contact_id\r\n1\r\n',
      stderr: expect.stringContaining('payers is invalid'),
    });
    expect(await world.ok('explain', 'spain', '1')).toContain('Country is ES');
    expect(await world.ok('explain', 'payers', '1')).toMatch(/does not fit the tables[^]*orders/);
    expect(await world.ok('describe', 'spain')).toContain('Country is ES');
    expect(await world.ok('describe', '--condition', 'spain.json')).toContain('Country is ES');
    expect(await world.ok('preview', '--condition', 'spain.json')).toContain('contacts');
    expect(await world.ok('reset', 'spain', '2')).toContain('1 contact reset');
    expect(await world.ok('versions', 'payers')).toContain('1');
  });

  test('verbs that read the renamed table are refused, and say why', async () => {
    await refused(
      ['export', 'spain', '--columns', 'contact_id,orders.count'],
      2,
      'There is no column "orders.count"',
      MISFIT,
    );
    await refused(['describe', 'payers'], 2, 'The condition is refused.', MISFIT, 'orders');
    await refused(['preview', '--condition', 'paid.json'], 2, 'The condition is refused.', MISFIT, 'orders');
    await refused(['create', 'more', '--condition', 'paid.json'], 2, 'The condition is refused.', MISFIT, 'orders');
    await refused(['install'], 2, MISFIT);
    expect(await world.ok('create', 'more', '--condition', 'spain.json')).toContain('more');
  });
});

test('contacts that are not there, or an unknown zone, are never published', async () => {
  for (const [file, sentence] of [
    ['contacts: { table: public.people, key: id }\n', '`contacts.table`: there is no table public.people'],
    [
      'contacts: { table: public.contacts, key: id }\ntimezone: Europe/Madrdi\n',
      '`timezone`: Postgres knows no time zone "Europe/Madrdi"',
    ],
  ] as const) {
    await world.file('segmentd.yaml', file);
    await refused(['install'], 2, sentence);
    expect(await world.run('describe', 'spain')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('segmentd.yaml differs from the published catalogue'),
    });
  }
});
