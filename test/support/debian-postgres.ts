/**
 * Debian's Postgres 15 with every way to log in (a role for each), TLS that can be changed while it runs, and Debian's psql beside it:
 * what psql does with the same parameters is what a connection of ours must do. Where the programs are missing the tests are counted
 * aloud as skipped (`describe.runIf(debianAvailable)`); under CI that is a failure.
 */
import { execFile, spawnSync } from 'node:child_process';
import { chown, mkdir, mkdtemp, rm, writeFile, chmod, copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/dev/embedded-postgres.ts';
import { runner } from '../../src/dev/postgres-binary.ts';
import { until } from './until.ts';

const BINARIES = process.env['STANDBY_POSTGRES'] ?? '/usr/lib/postgresql/15/bin';

export const debianAvailable: boolean = (() => {
  const found = [
    [join(BINARIES, 'psql'), '--version'],
    ['openssl', 'version'],
  ].every(([program = '', ...args]) => spawnSync(program, args, { stdio: 'ignore' }).status === 0);
  if (!found && process.env['CI'] === 'true')
    throw new Error(`psql in ${BINARIES}, or openssl, is missing: tests of connections must run in CI`);
  return found;
})();

/** What the server's certificate is: `good` is for the name localhost, by the authority in `root`. */
export const CERTIFICATES = ['good', 'wrong-name', 'expired'] as const;
export type Certificate = (typeof CERTIFICATES)[number];

export interface PsqlResult {
  /** What it printed; undefined when it could not connect. */
  readonly said: string | undefined;
  readonly error: string;
}

export interface DebianPostgres {
  readonly port: number;
  /** Of the socket. */
  readonly folder: string;
  /** The certificate of its authority, of another one, and of a client for the role cert_user. */
  readonly file: Readonly<Record<'root' | 'other' | 'clientCert' | 'clientKey', string>>;
  /** As a superuser. */
  query(text: string): Promise<void>;
  /** Undefined: without TLS. */
  setTls(certificate: Certificate | undefined): Promise<void>;
  /** Runs a query as psql does it, with this environment and no other; no password is typed. */
  psql(text: string, environment: Readonly<Record<string, string>>, query: string): Promise<PsqlResult>;
  stop(): Promise<void>;
}

/** Role, password, and how the server lets it in. */
export const ROLES = {
  trust_user: 'trust',
  scram_user: 'scram-sha-256',
  md5_user: 'md5',
  plain_user: 'password',
  /** With TLS only, and without TLS only. */
  tls_user: 'hostssl',
  bare_user: 'hostnossl',
  cert_user: 'cert',
  'odd%user ü': 'scram-sha-256',
} as const;
export const PASSWORD = 'p@ss/wo?rd#%:"\'\\ 1';
export const ODD_DATABASE = 'odd%20db ü#';

const HBA = `local all postgres trust
host all postgres 127.0.0.1/32 trust
hostssl all tls_user 127.0.0.1/32 scram-sha-256
hostnossl all bare_user 127.0.0.1/32 scram-sha-256
hostssl all cert_user 127.0.0.1/32 cert
host all trust_user 127.0.0.1/32 trust
host all scram_user 127.0.0.1/32 scram-sha-256
host all md5_user 127.0.0.1/32 md5
host all plain_user 127.0.0.1/32 password
host all "odd%user ü" 127.0.0.1/32 scram-sha-256
local all trust_user trust
local all scram_user scram-sha-256
`;

export async function startDebianPostgres(): Promise<DebianPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-connect-'));
  await chmod(folder, 0o755);
  const keys = join(folder, 'tls');
  await mkdir(keys);
  await makeCertificates(keys);
  const own = async (file: string): Promise<void> => {
    const run = runner();
    if (run) await chown(file, run.uid, run.gid);
  };
  await writeFile(join(folder, 'hba.conf'), HBA);
  const socket = join(folder, 'socket');
  await mkdir(socket);
  await own(socket);
  await chmod(socket, 0o755);
  const server = await startEmbeddedPostgres({
    directory: join(folder, 'postgres'),
    persistent: false,
    binaries: BINARIES,
    settings: {
      fsync: 'off',
      shared_buffers: '32MB',
      max_connections: '60',
      log_min_messages: 'fatal',
      hba_file: join(folder, 'hba.conf'),
      unix_socket_directories: socket,
      ssl_ca_file: join(keys, 'root.crt'),
      ssl_cert_file: join(keys, 'server.crt'),
      ssl_key_file: join(keys, 'server.key'),
    },
  });
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  pool.on('error', () => {});
  const query = async (text: string): Promise<void> => void (await pool.query(text));
  const literal = pg.escapeLiteral(PASSWORD);
  for (const [role, method] of Object.entries(ROLES)) {
    await query(`set password_encryption = '${method === 'md5' ? 'md5' : 'scram-sha-256'}'`);
    await query(`create role ${pg.escapeIdentifier(role)} login password ${literal}`);
  }
  await query(`create database ${pg.escapeIdentifier(ODD_DATABASE)}`);
  await query('create database scram_user');

  return {
    port: server.port,
    folder: socket,
    file: {
      root: join(keys, 'root.crt'),
      other: join(keys, 'other.crt'),
      clientCert: join(keys, 'client.crt'),
      clientKey: join(keys, 'client.key'),
    },
    query,
    async setTls(certificate) {
      for (const kind of ['crt', 'key']) {
        const file = join(keys, `server.${kind}`);
        await copyFile(join(keys, `${certificate ?? 'good'}.${kind}`), file);
        await chmod(file, 0o600);
        await own(file);
      }
      await query(`alter system set ssl = ${certificate === undefined ? 'off' : 'on'}`);
      const loaded = await pool.query<{ at: string }>('select pg_conf_load_time()::text as at');
      await query('select pg_reload_conf()');
      await until(async () => {
        // A session of its own: those that are open keep what they had.
        const client = new pg.Client({ connectionString: server.url });
        await client.connect();
        const { rows } = await client.query<{ at: string }>('select pg_conf_load_time()::text as at');
        await client.end();
        return rows[0]?.at !== loaded.rows[0]?.at;
      });
    },
    async psql(text, environment, query) {
      try {
        const { stdout } = await promisify(execFile)(
          join(BINARIES, 'psql'),
          ['-wXAtc', query, ...(text === '' ? [] : [text])],
          {
            env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', ...environment },
          },
        );
        return { said: stdout.trim(), error: '' };
      } catch (error) {
        return {
          said: undefined,
          error: error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error),
        };
      }
    },
    async stop() {
      await pool.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An authority, the server's certificates by it, one for a client, and an authority that has signed none of them. */
async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...args: string[]): Promise<unknown> => promisify(execFile)('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  for (const name of ['root', 'other'])
    await openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      '-subj',
      `/CN=${name}`,
      '-days',
      '9',
    );
  for (const [name, host, days] of [
    ['good', 'localhost', '9'],
    ['wrong-name', 'elsewhere.example', '9'],
    ['expired', 'localhost', '-1'],
    ['client', 'cert_user', '9'],
  ] as const) {
    await writeFile(join(folder, 'names'), `subjectAltName=DNS:${host}`);
    await openssl('req', ...key, '-keyout', `${name}.key`, '-out', 'request', '-subj', `/CN=${host}`);
    await openssl(
      ...'x509 -req -in request -CA root.crt -CAkey root.key -CAcreateserial -extfile names'.split(' '),
      '-days',
      days,
      '-out',
      `${name}.crt`,
    );
  }
}
