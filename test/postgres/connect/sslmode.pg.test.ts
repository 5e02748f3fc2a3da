/** Every sslmode before every kind of server: a connection of ours is made, encrypted or refused exactly where Debian's psql does so. */
import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '../../../src/base/error.ts';
import { createSegmentd, createWorker } from '../../../src/index.ts';
import { endInTime } from '../../../src/postgres/end-in-time.ts';
import { openPool } from '../../../src/postgres/pool.ts';
import {
  CERTIFICATES,
  debianAvailable,
  PASSWORD,
  startDebianPostgres,
  type DebianPostgres,
} from '../../support/debian-postgres.ts';

const MODES = ['', 'disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
const ROOTS = ['none', 'right', 'other', 'missing'] as const;
const USERS = ['scram_user', 'tls_user', 'bare_user'] as const;

const QUERY = `select current_user || case when ssl then ' with TLS' else ' without TLS' end from pg_stat_ssl where pid = pg_backend_pid()`;

describe.runIf(debianAvailable)('sslmode', () => {
  let server: DebianPostgres;
  let home: string;
  const before = process.env['HOME'];
  beforeAll(async () => {
    server = await startDebianPostgres();
    home = await mkdtemp(join(tmpdir(), 'segmentd-home-'));
    process.env['HOME'] = home;
  });
  afterAll(async () => {
    process.env['HOME'] = before;
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  const rootOf = (root: (typeof ROOTS)[number]): string => {
    if (root === 'none') return '';
    return `sslrootcert=${root === 'right' ? server.file.root : root === 'other' ? server.file.other : '/nowhere/root.crt'}`;
  };

  /** What the query says, or undefined and the sentence of the refusal. */
  async function ours(text: string): Promise<{ readonly said: string | undefined; readonly sentence: string }> {
    try {
      const pool = await openPool(text, { max: 1 });
      const { rows } = await pool.query<{ said: string }>(`select (${QUERY}) as said`);
      await pool.end();
      return { said: rows[0]?.said, sentence: '' };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { said: undefined, sentence: error.message };
    }
  }

  const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

  test.each([undefined, ...CERTIFICATES])(
    'as psql, before a server with the certificate %s',
    { timeout: 180_000 },
    async (certificate) => {
      await server.setTls(certificate);
      const outcomes = new Set<string>();
      for (const mode of MODES) {
        for (const root of ROOTS) {
          for (const user of USERS) {
            const text = [
              `host=localhost hostaddr=127.0.0.1 port=${server.port} dbname=postgres user=${user} password=${quoted(PASSWORD)}`,
              mode === '' ? '' : `sslmode=${mode}`,
              rootOf(root),
            ].join(' ');
            const [theirs, own] = await Promise.all([server.psql(text, { HOME: home }, QUERY), ours(text)]);
            const place = `sslmode=${mode} root=${root} user=${user}`;
            expect([place, own.said], `${theirs.error}\n${own.sentence}`).toEqual([place, theirs.said]);
            if (own.said === undefined) expect(own.sentence, place).toMatch(/^(?:sslmode=|[A-Z]).*\.$/);
            expect(own.sentence).not.toContain(PASSWORD);
            outcomes.add(own.said ?? 'refused');
          }
        }
      }
      // The matrix has both ends.
      expect(outcomes.has('refused') && outcomes.size > 1).toBe(true);
    },
  );

  test('the socket is never encrypted, and the mode asks for nothing there', async () => {
    await server.setTls('good');
    for (const mode of MODES) {
      const text = `host=${server.folder} port=${server.port} dbname=postgres user=trust_user ${mode === '' ? '' : `sslmode=${mode}`}`;
      const theirs = await server.psql(text, { HOME: home }, QUERY);
      expect((await ours(text)).said, mode).toBe(theirs.said);
      expect(theirs.said, mode).toBe('trust_user without TLS');
    }
  });

  test('a root certificate in its usual place is used without being named', async () => {
    await server.setTls('good');
    await mkdir(join(home, '.postgresql'));
    for (const file of [server.file.root, server.file.other]) {
      await copyFile(file, join(home, '.postgresql', 'root.crt'));
      for (const mode of MODES) {
        const text = `host=localhost port=${server.port} dbname=postgres user=trust_user sslmode=${mode === '' ? 'prefer' : mode}`;
        const theirs = await server.psql(text, { HOME: home }, QUERY);
        expect([mode, (await ours(text)).said]).toEqual([mode, theirs.said]);
      }
    }
    await rm(join(home, '.postgresql'), { recursive: true });
  });

  test('a certificate of the client, and who may read its key', async () => {
    await server.setTls('good');
    const text = `host=localhost port=${server.port} dbname=postgres user=cert_user sslcert=${server.file.clientCert} sslkey=${server.file.clientKey}`;
    await chmod(server.file.clientKey, 0o600);
    expect((await server.psql(text, { HOME: home }, QUERY)).said).toBe('cert_user with TLS');
    expect((await ours(text)).said).toBe('cert_user with TLS');
    await chmod(server.file.clientKey, 0o644);
    expect((await server.psql(text, { HOME: home }, QUERY)).said).toBeUndefined();
    expect((await ours(text)).sentence).toBe(
      `Others may read the private key ${server.file.clientKey}: chmod 600 ${server.file.clientKey}`,
    );
    await chmod(server.file.clientKey, 0o600);
    const without = `host=localhost port=${server.port} dbname=postgres user=cert_user sslmode=require`;
    expect((await server.psql(without, { HOME: home }, QUERY)).said).toBeUndefined();
    expect((await ours(without)).sentence).toContain('connection requires a valid client certificate');
  });

  test('what is wrong with a certificate, and what to do', async () => {
    const at = (more: string): string =>
      `host=localhost port=${server.port} dbname=postgres user=trust_user sslmode=verify-full ${more}`;
    await server.setTls('good');
    expect((await ours(at(`sslrootcert=${server.file.other}`))).sentence).toMatch(
      /^The certificate of Postgres at localhost:\d+ is from an authority that is not in the file of sslrootcert .*: name the file with that authority's certificate with sslrootcert=FILE, or use sslmode=require without sslrootcert/,
    );
    expect((await ours(at('sslrootcert=system'))).sentence).toMatch(
      /authorities that Node\.js trusts \(NODE_EXTRA_CA_CERTS/,
    );
    expect((await ours(at(''))).sentence).toMatch(
      /there is no file .*root\.crt: name one with sslrootcert=FILE .*, or say sslrootcert=system/,
    );
    await server.setTls('wrong-name');
    expect((await ours(at(`sslrootcert=${server.file.root}`))).sentence).toMatch(
      /is not for the name "localhost": connect by a name that it has, or use sslmode=verify-ca/,
    );
    await server.setTls('expired');
    expect((await ours(at(`sslrootcert=${server.file.root}`))).sentence).toMatch(
      /has expired: it must be renewed on the server/,
    );
    await server.setTls(undefined);
    expect((await ours(at(`sslrootcert=${server.file.root}`))).sentence).toMatch(
      /does not offer TLS, and sslmode=verify-full asks for it/,
    );
  });

  test('no-verify encrypts and verifies nothing, whatever certificate there is', async () => {
    await server.setTls('expired');
    const text = `postgres://trust_user@localhost:${server.port}/postgres?sslmode=no-verify&sslrootcert=${server.file.other}`;
    expect((await ours(text)).said).toBe('trust_user with TLS');
  });

  test('channel_binding=require takes a bound login only', async () => {
    await server.setTls('good');
    for (const user of ['scram_user', 'md5_user', 'plain_user', 'trust_user']) {
      for (const mode of ['require', 'disable']) {
        const text = `host=localhost port=${server.port} dbname=postgres user=${user} password=${quoted(PASSWORD)} sslmode=${mode} channel_binding=require`;
        const theirs = await server.psql(text, { HOME: home }, QUERY);
        expect([user, mode, (await ours(text)).said]).toEqual([user, mode, theirs.said]);
      }
    }
  });

  test('a statement on an encrypted connection is cancelled in time', async () => {
    await server.setTls('good');
    const stop = new AbortController();
    const cut = new AbortController();
    const text = `host=localhost port=${server.port} dbname=postgres user=tls_user password=${quoted(PASSWORD)} sslmode=verify-full sslrootcert=${server.file.root}`;
    const pool = await openPool(text, { max: 1, cut: cut.signal });
    const end = endInTime(pool, stop.signal, cut, { grace: 1, limit: 30_000 });
    const work = pool.query('select pg_sleep(60)');
    stop.abort();
    await expect(work).rejects.toMatchObject({ code: '57014' });
    await end();
  });

  test('every connection of a worker takes part: pool, listener, queue', async () => {
    await server.setTls('good');
    const databaseUrl = `postgres://postgres@localhost:${server.port}/postgres?sslmode=verify-full&sslrootcert=${server.file.root}`;
    const config = { contacts: { table: 'public.contacts', key: 'id' }, timezone: 'UTC', timestamps: 'UTC' } as const;
    await server.query('create table contacts (id bigint primary key)');
    await using segmentd = createSegmentd({ databaseUrl, config });
    await segmentd.admin.migrate();
    await segmentd.admin.install();
    await using worker = createWorker({ databaseUrl });
    await worker.start();
    expect((await segmentd.admin.queueHealth()).ok).toBe(true);
    const pool = await segmentd.pool();
    const { rows } = await pool.query<{ name: string; ssl: boolean }>(
      `select distinct application_name as name, ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name like 'segmentd%' order by 1`,
    );
    expect(rows.every(({ ssl }) => ssl)).toBe(true);
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['segmentd listener', 'segmentd queue worker', 'segmentd worker']),
    );
  });
});
