/** The live view as a person sees it: `npm start` in terminals of several sizes, its keys, its next step, its ends. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadShop } from '../../src/dev/shop/load-shop.ts';
import { makeClone, type Clone } from '../support/clone.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { isAlive } from '../../src/dev/postgres-leftover.ts';
import { KEY, openTerminal, terminalAvailable, type TestTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const GIVEN_BACK = { cursorShown: true, alternate: false, wraps: true };

describe.runIf(terminalAvailable)('npm start', { timeout: 120_000 }, () => {
  let db: TestDatabase;
  let clone: Clone;
  let terminal: TestTerminal | undefined;
  beforeAll(async () => {
    db = await createDatabase();
    await loadShop(db.pool, { contacts: 300, orders: 600, pageViews: 300 });
    clone = await makeClone();
  });
  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });
  afterAll(async () => {
    await clone.remove();
    await db.drop();
  });

  /** Of a person who typed `npm start`, not of the runner of the tests. */
  const env = () => ({
    DATABASE_URL: db.url,
    REDIS_URL: undefined,
    SEGMENTD_CONFIG: undefined,
    SEGMENTD_LOG_LEVEL: undefined,
    npm_lifecycle_event: undefined,
    npm_package_name: undefined,
    npm_config_user_agent: undefined,
  });

  async function start(size: { columns: number; rows: number }, ...flags: string[]): Promise<TestTerminal> {
    const opened = await openTerminal(['npm', 'start', '-s', '--', '--yes', ...flags], {
      ...size,
      cwd: clone.folder,
      env: env(),
    });
    terminal = opened;
    await opened.shows('? help  q quit', 60_000);
    await opened.shows(/ live$/, 60_000);
    return opened;
  }

  test('24 × 80: names and sentences, and the next step runs as it stands there', async () => {
    const seen = await start({ columns: 80, rows: 24 });
    const lines = await seen.shows('Left the cart');
    expect(lines.length).toBeLessThanOrEqual(24);
    const [link = ''] = /http:\/\/127\.0\.0\.1:\d+\/sign-in\?secret=[\w-]{43}/.exec(lines.slice(1, 3).join('')) ?? [];
    const signedIn = await fetch(link, { redirect: 'manual' });
    expect(signedIn.status).toBe(303);
    const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';');
    const segments = await fetch(new URL('/api/v1/segments/vip', link), { headers: { cookie } });
    expect(await segments.json()).toMatchObject({ key: 'vip', tags: expect.any(Array) });
    // A link opens one browser; the view shows the next one.
    await until(async () => {
      const [, next] = /secret=([\w-]{43})/.exec((await seen.shows('open the page')).slice(1, 3).join('')) ?? [];
      return next !== undefined && !link.endsWith(next);
    });
    expect(lines[0]).toMatch(/^segmentd dev · sample shop · queue on Postgres +\? help {2}q quit$/);
    const whole = await seen.screen.history();
    const url = new URL(db.url);
    url.password = '';
    expect(whole).toContain(`psql '${url.href}'`);
    const command = whole.find((line) => / create /.test(line)) ?? 'no command';
    expect(command).toMatch(
      /\| npm run -s segmentd -- create spain --condition - --config \.segmentd\/segmentd\.yaml$/,
    );
    await run('bash', ['-c', command], { cwd: clone.folder, env: { ...process.env, ...env() } });
    await seen.shows('segments 15');
    seen.type('G');
    await seen.shows(/^› vip_at_risk/);
    seen.type('kk');
    const spain = (await seen.shows(/^› spain .* live/)).map((line) => line.trim());
    expect(spain.find((line) => /ountry is "?ES"?$/.test(line))).toBeDefined();
    seen.type(KEY.ctrlC);
    expect(await seen.ended).toEqual({ code: 0 });
    expect(await seen.screen.state()).toEqual(GIVEN_BACK);
    expect((await seen.screen.history()).join('\n')).toMatch(/vip_at_risk +\d+ {2}live/);
  });

  test('50 columns: nothing is wider, commands are whole; a larger terminal is used at once', async () => {
    const seen = await start({ columns: 50, rows: 24 }, '--no-traffic');
    expect((await seen.screen.history()).find((line) => / create /.test(line))).toMatch(/segmentd\.yaml$/);
    seen.type(KEY.end);
    await seen.shows(/^› vip_at_risk/);
    await seen.resize(130, 40);
    await seen.shows('what it means');
    await seen.shows(/^› vip_at_risk .*VIP at risk: /);
    seen.signal('SIGTERM');
    const { code } = await seen.ended;
    expect(await seen.screen.state(), `exit ${code} after ${JSON.stringify(seen.output.slice(-300))}`).toEqual(
      GIVEN_BACK,
    );
    // npm passed the signal on, and the worker has taken itself off the list before npm ended.
    expect(code).toBe(0);
    expect(await db.query('select host from segmentd_internal.worker')).toEqual([]);
  });

  test('a window that is closed ends it in order: no session and no process stays', async () => {
    const opened = await openTerminal(
      [process.execPath, '--import', import.meta.resolve('tsx'), 'src/cli/main.ts', 'dev', '--yes'],
      { cwd: clone.folder, env: env() },
    );
    terminal = opened;
    await opened.shows(/ live$/, 60_000);
    const sessions = async () =>
      (
        await db.query(`select from pg_stat_activity where datname = $1 and application_name like 'segmentd%'`, [
          db.name,
        ])
      ).length;
    expect(await sessions()).toBeGreaterThan(0);
    opened.hangUp();
    await until(() => !isAlive(opened.pid));
    await until(async () => (await sessions()) === 0);
    // In order: the worker has taken itself off the list.
    expect(await db.query('select host from segmentd_internal.worker')).toEqual([]);
  });
});
