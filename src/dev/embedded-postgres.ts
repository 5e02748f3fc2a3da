/**
 * Runs a Postgres of our own for development and tests, as root or not, from the binaries that npm installed.
 * Owns one folder: `data`, the password, the log. Invariant: no Postgres outlives the process that started it by more
 * than a moment (stop, exit, signal, kill -9 alike), and whatever an earlier run left is recovered at the next start.
 * Must not be used in production: it is tuned for starting fast.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../base/error.ts';
import { findBinaries, isReachable, makeFolder, program, runner, type Runner } from './postgres-binary.ts';
import { claim, clearLeftover, hasEnded, isAlive, readLockFile } from './postgres-leftover.ts';

export interface EmbeddedPostgresOptions {
  /** Folder of the cluster; made when missing. */
  readonly directory: string;
  /** False: the folder is removed at `stop`, and when the parent dies. */
  readonly persistent: boolean;
  /** Server settings, e.g. `{ max_connections: '200' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Folder with `postgres` and `initdb`; default the ones from npm. */
  readonly binaries?: string;
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  /** Folder of the Unix socket; absent where its path would be too long. */
  readonly socket: string | undefined;
  /** Process id of the running server. */
  readonly pid: number;
  /** Fast shutdown. Idempotent. */
  stop(): Promise<void>;
  /** Immediate crash: sessions cut, nothing flushed; the next start recovers from the log. */
  kill(): Promise<void>;
  /** Starts again on the same port, after `stop`, `kill` or while running. Not after the `stop` of one that is not persistent. */
  restart(): Promise<void>;
}

const DATABASE = 'postgres';
// Not "segmentd": a role finds the schema of its own name before `public`, and a person's new tables would land among ours.
const USER = 'postgres';
const START_TIMEOUT = 60_000;

interface Cluster {
  readonly binaries: string;
  readonly data: string;
  readonly socket: string | undefined;
  readonly logFile: string;
  readonly run: Runner | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {});
  const { directory, ownerFile } = await ownFolder(resolve(options.directory), log);
  try {
    return await startClaimed(options, directory, ownerFile, log);
  } catch (error) {
    await rm(options.persistent ? ownerFile : directory, { recursive: true, force: true });
    throw error;
  }
}

/** A folder of another user, a read-only disk, a file in the way: the first writes fail. */
async function ownFolder(
  wanted: string,
  log: (line: string) => void,
): Promise<{ directory: string; ownerFile: string }> {
  try {
    const directory = await reachable(wanted, log);
    const ownerFile = join(directory, 'owner');
    await claim(ownerFile);
    return { directory, ownerFile };
  } catch (error) {
    if (error instanceof Failure || !(error instanceof Error && 'code' in error)) throw error;
    throw new Failure('failed', `Postgres cannot keep its data in ${wanted} (${String(error.code)}).`, {
      cause: error,
    });
  }
}

async function startClaimed(
  options: EmbeddedPostgresOptions,
  directory: string,
  ownerFile: string,
  log: (line: string) => void,
): Promise<EmbeddedPostgres> {
  const run = runner();
  const socket = join(directory, 'socket');
  const cluster: Cluster = {
    binaries: options.binaries ?? (await findBinaries()),
    data: join(directory, 'data'),
    // The limit of a socket's path is 104 to 108 bytes.
    socket: process.platform !== 'win32' && Buffer.byteLength(socket) < 80 ? socket : undefined,
    logFile: join(directory, 'postgres.log'),
    run,
    settings: options.settings ?? {},
  };
  await clearLeftover(cluster.data, log);
  if (cluster.socket) {
    await mkdir(cluster.socket, { recursive: true });
    if (run) await chown(cluster.socket, run.uid, run.gid);
  }
  const password = await ensureCluster(cluster, join(directory, 'password'), log);
  await trimLog(cluster.logFile);

  const portFile = join(directory, 'port');
  const preferred = Number(await readFile(portFile, 'utf8').catch(() => '0'));
  let server = await startOnFreePort(cluster, preferred);
  await writeFile(portFile, String(server.port));
  let guard = guardServer(server.pid, cluster, options.persistent ? undefined : directory);
  const { port } = server;

  const end = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    guard();
    if (!isAlive(server.pid)) return;
    process.kill(server.pid, signal);
    if (await hasEnded(server.pid, 30_000)) return;
    process.kill(server.pid, 'SIGQUIT');
    if (!(await hasEnded(server.pid, 10_000)))
      throw new Failure('failed', `Postgres (pid ${server.pid}) does not stop.`);
  };

  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`,
    port,
    socket: cluster.socket,
    get pid() {
      return server.pid;
    },
    async stop() {
      await end('SIGINT');
      await rm(ownerFile, { force: true });
      if (options.persistent) return;
      await rm(directory, { recursive: true, force: true });
      await rm(resolve(options.directory), { recursive: true, force: true });
    },
    kill: () => end('SIGQUIT'),
    async restart() {
      await end('SIGINT');
      await clearLeftover(cluster.data, log);
      server = await startServer(cluster, port);
      guard = guardServer(server.pid, cluster, options.persistent ? undefined : directory);
    },
  };
}

/**
 * Makes the folder. Postgres must be able to walk to its data: under a private home of root `nobody` cannot, then the
 * cluster lives in /var/lib, in a folder named after the wanted one, so that the next start finds it again.
 */
async function reachable(wanted: string, log: (line: string) => void): Promise<string> {
  await makeFolder(wanted);
  // The folder is ours alone, and all that is secret in it has rights of its own; those above it are not ours to open.
  if (runner()) await chmod(wanted, 0o755);
  if (await isReachable(wanted)) return wanted;
  const name = `${basename(dirname(dirname(wanted)))}-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`;
  const elsewhere = join('/var/lib/segmentd-dev', name);
  await makeFolder(elsewhere);
  log(`${wanted} lies in a private folder; the database is kept in ${elsewhere}`);
  return elsewhere;
}

/** Password of the cluster; makes the cluster when there is none. A broken initdb leaves nothing that looks finished. */
async function ensureCluster(cluster: Cluster, passwordFile: string, log: (line: string) => void): Promise<string> {
  const exists = await stat(join(cluster.data, 'PG_VERSION')).catch(() => undefined);
  if (exists) return (await readFile(passwordFile, 'utf8')).trim();
  log('making a new Postgres cluster');
  const password = randomBytes(18).toString('base64url');
  const draft = `${cluster.data}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  const readable = `${passwordFile}.new`;
  await writeFile(readable, `${password}\n`, { mode: 0o600 });
  if (cluster.run) {
    await chown(draft, cluster.run.uid, cluster.run.gid);
    await chown(readable, cluster.run.uid, cluster.run.gid);
  }
  const locale =
    (await majorVersion(cluster)) >= 17
      ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
      : ['--locale=C'];
  const initdb = await finished(
    start(
      cluster,
      'initdb',
      ['-D', draft, '-U', USER, `--pwfile=${readable}`, '-A', 'scram-sha-256', '-E', 'UTF8', '--no-sync', ...locale],
      'pipe',
    ),
  );
  if (initdb.code !== 0)
    throw new Failure(
      'failed',
      `Postgres could not make its data directory: ${initdb.output.trim().split('\n').slice(-3).join(' ')}`,
    );
  await rename(readable, passwordFile);
  if (cluster.run) await chown(passwordFile, 0, 0);
  await rename(draft, cluster.data);
  return password;
}

async function majorVersion(cluster: Cluster): Promise<number> {
  const { output } = await finished(start(cluster, 'postgres', ['--version'], 'pipe'));
  return Number(/(\d+)/.exec(output)?.[1] ?? 0);
}

function start(
  cluster: Cluster,
  name: 'postgres' | 'initdb',
  args: readonly string[],
  output: 'pipe' | number,
): ChildProcess {
  return spawn(program(cluster.binaries, name), args, {
    // A session of its own: Ctrl-C in a terminal must reach the worker first, not the database under it.
    detached: true,
    cwd: '/',
    stdio: ['ignore', output, output],
    // macOS needs a locale to be set; everything else of our environment (PGDATA, PGPORT, TZ …) must not leak in.
    env: {
      PATH: process.env['PATH'] ?? '',
      LC_ALL: 'C',
      TZ: 'UTC',
      ...(process.env['LD_LIBRARY_PATH'] ? { LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'] } : {}),
    },
    ...cluster.run,
  });
}

async function finished(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((settle, reject) => {
    child.once('error', reject);
    child.once('close', (code) => settle({ code, output }));
  });
}

/** Between finding a port and using it another process may take it: then another port is tried. */
async function startOnFreePort(cluster: Cluster, preferred: number): Promise<{ pid: number; port: number }> {
  for (let attempt = 0; ; attempt += 1) {
    const port = await freePort(attempt === 0 ? preferred : 0);
    try {
      return await startServer(cluster, port);
    } catch (error) {
      if (attempt === 3 || (await freePort(port)) === port) throw error;
    }
  }
}

async function startServer(cluster: Cluster, port: number): Promise<{ pid: number; port: number }> {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: cluster.socket ?? '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    ...cluster.settings,
    port: String(port),
  };
  const args = ['-D', cluster.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const output = openSync(cluster.logFile, 'a', 0o644);
  const child = start(cluster, 'postgres', args, output);
  closeSync(output);
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `exit ${code ?? signal}`));
  child.unref();
  for (const limit = Date.now() + START_TIMEOUT; ; await delay(20)) {
    const lock = await readLockFile(cluster.data);
    if (child.pid !== undefined && lock?.pid === child.pid && lock.ready) return { pid: child.pid, port };
    if (ended !== undefined || Date.now() > limit) {
      if (child.pid !== undefined && ended === undefined) child.kill('SIGQUIT');
      const lines = (await readFile(cluster.logFile, 'utf8').catch(() => '')).trim().split('\n');
      const reason = lines.filter((line) => /FATAL|PANIC|could not/.test(line)).at(-1) ?? lines.at(-1) ?? '';
      throw new Failure('failed', `Embedded Postgres did not start (${ended ?? 'timed out'}): ${reason}`);
    }
  }
}

/**
 * Ends the server with its parent. `exit` covers an orderly end; a signal without another listener is passed on
 * after the server got it; and a shell that waits for the end of a pipe covers kill -9.
 * @returns takes the guard away again, before the server is stopped on purpose
 */
function guardServer(pid: number, cluster: Cluster, remove: string | undefined): () => void {
  const stopNow = (): void => {
    if (isAlive(pid)) process.kill(pid, 'SIGINT');
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > 1) return; // the program has its own way to end, which ends in `exit`
    stopNow();
    process.removeListener(signal, onSignal);
    process.kill(process.pid, signal);
  };
  process.once('exit', stopNow);
  for (const signal of signals) process.on(signal, onSignal);

  const script =
    'read -r _; kill -INT "$1" 2>/dev/null; [ -n "$2" ] || exit 0; while kill -0 "$1" 2>/dev/null; do sleep 0.1; done; rm -rf "$2"';
  const shell =
    process.platform === 'win32'
      ? undefined
      : spawn('/bin/sh', ['-c', script, 'segmentd-guard', String(pid), remove ?? ''], {
          detached: true,
          cwd: '/',
          stdio: ['pipe', 'ignore', 'ignore'],
          // Removing the folder needs the rights of who made it; without that the runner's are enough.
          ...(remove === undefined ? cluster.run : undefined),
        });
  shell?.on('error', () => {});
  shell?.stdin?.on('error', () => {});
  shell?.unref();
  (shell?.stdin as { unref?: () => void } | null | undefined)?.unref?.();

  return () => {
    process.removeListener('exit', stopNow);
    for (const signal of signals) process.removeListener(signal, onSignal);
    shell?.kill('SIGKILL');
  };
}

async function freePort(preferred: number): Promise<number> {
  for (const wanted of preferred > 0 ? [preferred, 0] : [0]) {
    const server = createServer();
    const port = await new Promise<number>((settle) => {
      server.once('error', () => settle(0));
      server.listen(wanted, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => settle(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    if (port > 0) return port;
  }
  throw new Failure('failed', 'No free port on 127.0.0.1.');
}

async function trimLog(file: string): Promise<void> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size > 10_000_000) await rm(file);
}
