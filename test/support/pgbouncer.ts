/**
 * PgBouncer before the test server. Where the program is missing the tests are counted aloud as skipped
 * (`describe.runIf(bouncerAvailable)`); under CI that is a failure.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './proxy.ts';
import { until } from './until.ts';

/** Debian puts it where only root looks. */
const program = process.env['PGBOUNCER'] ?? (existsSync('/usr/sbin/pgbouncer') ? '/usr/sbin/pgbouncer' : 'pgbouncer');

export const bouncerAvailable: boolean = (() => {
  const found = spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
  if (!found && process.env['CI'] === 'true')
    throw new Error(`${program} is missing: tests behind a pooler must run in CI`);
  return found;
})();

export interface BouncerOptions {
  readonly mode: 'session' | 'transaction';
  /** Startup parameters that it drops instead of refusing the connection. */
  readonly ignore?: string;
}

export interface Bouncer {
  /** The same database through it. */
  url(target: string): string;
  stop(): Promise<void>;
}

/** `server` is any URL on the server that it stands before. */
export async function startBouncer(server: string, options: BouncerOptions): Promise<Bouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-bouncer-'));
  const port = await freePort();
  const { hostname, port: target, username, password } = new URL(server);
  const users = join(folder, 'users.txt');
  const settings = join(folder, 'pgbouncer.ini');
  await writeFile(users, `"${username}" "${decodeURIComponent(password).replaceAll('"', '""')}"\n`);
  await writeFile(
    settings,
    [
      '[databases]',
      `* = host=${hostname} port=${target}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${users}`,
      `pool_mode = ${options.mode}`,
      'default_pool_size = 40',
      'max_client_conn = 200',
      ...(options.ignore === undefined ? [] : [`ignore_startup_parameters = ${options.ignore}`]),
    ].join('\n'),
  );
  // It refuses to run as root, and reads its files as the user that it becomes.
  const root = process.getuid?.() === 0;
  await chmod(folder, 0o755);
  const child = spawn(program, [...(root ? ['-u', 'nobody'] : []), settings], { stdio: 'ignore' });
  const last = (): void => void child.kill('SIGKILL');
  process.once('exit', last);
  const url = (text: string): string => {
    const through = new URL(text);
    through.hostname = '127.0.0.1';
    through.port = String(port);
    return through.href;
  };
  await until(
    async () => {
      const client = new pg.Client({ connectionString: url(server) });
      client.on('error', () => {});
      await client.connect();
      await client.end();
      return true;
    },
    { message: 'pgbouncer' },
  );
  return {
    url,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      process.removeListener('exit', last);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
