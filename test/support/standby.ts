/**
 * A primary and a hot standby that streams from it, of Debian's Postgres 15, for what must not be said on a standby. Where its programs are
 * missing the tests are counted aloud as skipped (`describe.runIf(standbyAvailable)`); under CI that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/dev/embedded-postgres.ts';
import { runner } from '../../src/dev/postgres-binary.ts';
import { until } from './until.ts';

const BINARIES = process.env['STANDBY_POSTGRES'] ?? '/usr/lib/postgresql/15/bin';

export const standbyAvailable: boolean = (() => {
  const found = spawnSync(join(BINARIES, 'pg_basebackup'), ['--version'], { stdio: 'ignore' }).status === 0;
  if (!found && process.env['CI'] === 'true')
    throw new Error(`pg_basebackup is missing in ${BINARIES}: tests of a standby must run in CI`);
  return found;
})();

const SETTINGS = {
  fsync: 'off',
  shared_buffers: '32MB',
  max_connections: '60',
  log_min_messages: 'fatal',
  wal_level: 'replica',
  max_wal_senders: '4',
  hot_standby: 'on',
} as const;

export interface Pair {
  readonly primary: string;
  readonly standby: string;
  /** Resolves when the standby replays nothing any more. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  readonly primaryPool: pg.Pool;
  /** Resolves when the standby has replayed what the primary has written by now. */
  replayed(): Promise<void>;
  stop(): Promise<void>;
}

/** @param prepare runs on the primary before the standby is copied from it */
export async function startPair(prepare: (url: string) => Promise<void>): Promise<Pair> {
  const folder = async (): Promise<string> => mkdtemp(join(tmpdir(), 'segmentd-standby-'));
  const primary = await startEmbeddedPostgres({
    directory: await folder(),
    persistent: false,
    settings: SETTINGS,
    binaries: BINARIES,
  });
  let standby: EmbeddedPostgres | undefined;
  try {
    await prepare(primary.url);
    standby = await copyOf(primary, await folder());
  } catch (error) {
    await primary.stop();
    throw error;
  }
  const copy = standby;
  const primaryPool = new pg.Pool({ connectionString: primary.url, max: 3 });
  const standbyPool = new pg.Pool({ connectionString: copy.url, max: 3 });
  for (const pool of [primaryPool, standbyPool]) pool.on('error', () => {});
  return {
    primary: primary.url,
    standby: copy.url,
    primaryPool,
    async pause() {
      await standbyPool.query('select pg_wal_replay_pause()');
      await until(
        async () =>
          (await standbyPool.query<{ paused: boolean }>(`select pg_get_wal_replay_pause_state() = 'paused' as paused`))
            .rows[0]?.paused,
        { message: 'the replay stands still' },
      );
    },
    async resume() {
      await standbyPool.query('select pg_wal_replay_resume()');
    },
    async replayed() {
      const { rows } = await primaryPool.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
      await until(
        async () =>
          (
            await standbyPool.query<{ there: boolean }>('select pg_last_wal_replay_lsn() >= $1::pg_lsn as there', [
              rows[0]?.lsn,
            ])
          ).rows[0]?.there,
        { message: 'the standby has replayed' },
      );
    },
    async stop() {
      await standbyPool.end();
      await primaryPool.end();
      await copy.stop();
      await primary.stop();
    },
  };
}

async function copyOf(primary: EmbeddedPostgres, directory: string): Promise<EmbeddedPostgres> {
  const run = runner();
  const data = join(directory, 'data');
  await chmod(directory, 0o755);
  mkdirSync(data, { mode: 0o700 });
  if (run) chownSync(data, run.uid, run.gid);
  const { status, stderr } = spawnSync(
    join(BINARIES, 'pg_basebackup'),
    ['-d', primary.url, '-D', data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'],
    { cwd: '/', encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', HOME: '/nonexistent' }, ...run },
  );
  if (status !== 0) throw new Error(`pg_basebackup failed: ${stderr}`);
  await writeFile(join(directory, 'password'), `${new URL(primary.url).password}\n`, { mode: 0o600 });
  return startEmbeddedPostgres({ directory, persistent: false, settings: SETTINGS, binaries: BINARIES });
}
