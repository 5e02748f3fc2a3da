/** Users, passwords, hosts and databases from wherever psql takes them: the same parameters and files, the same session as Debian's psql. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '../../../src/base/error.ts';
import { completeUrl } from '../../../src/postgres/connect/server-setting.ts';
import { openPool } from '../../../src/postgres/pool.ts';
import { bouncerAvailable, startBouncer } from '../../support/pgbouncer.ts';
import {
  debianAvailable,
  ODD_DATABASE,
  PASSWORD,
  startDebianPostgres,
  type DebianPostgres,
} from '../../support/debian-postgres.ts';

const QUERY = `select current_user || ' in ' || current_database() || ' ' || coalesce(host(inet_server_addr()), 'by socket') || coalesce(' with ' || nullif(current_setting('team.option', true), ''), '')`;

/** Characters that end a field or a line of the file are behind a backslash. */
const inPassFile = (text: string): string => text.replace(/[\\:]/g, '\\$&');
const encodedPassword = encodeURIComponent(PASSWORD);

describe.runIf(debianAvailable)('login', () => {
  let server: DebianPostgres;
  let home: string;
  let before = { ...process.env };
  beforeAll(async () => {
    server = await startDebianPostgres();
    home = await mkdtemp(join(tmpdir(), 'segmentd-home-'));
    for (const name of Object.keys(process.env)) if (name.startsWith('PG')) Reflect.deleteProperty(process.env, name);
    process.env['HOME'] = home;
    before = { ...process.env };
  });
  afterAll(async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });
  const restore = (): void => {
    for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
  };

  /** With this environment, as the command line has it and as a program that uses the library has it. */
  async function ours(text: string, environment: Readonly<Record<string, string>>): Promise<string | undefined> {
    const said: (string | undefined)[] = [];
    for (const library of [false, true]) {
      try {
        if (library) Object.assign(process.env, { HOME: home, ...environment });
        const pool = await openPool(library ? text : completeUrl(text, { HOME: home, ...environment }), { max: 1 });
        const { rows } = await pool.query<{ said: string }>(`select (${QUERY}) as said`);
        await pool.end();
        said.push(rows[0]?.said);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        expect(error.message).not.toContain(PASSWORD);
        said.push(undefined);
        sentence = error.message;
      } finally {
        restore();
      }
    }
    expect(said[0], sentence).toBe(said[1]);
    return said[0];
  }
  let sentence = '';

  async function theirs(text: string, environment: Readonly<Record<string, string>>): Promise<string | undefined> {
    const { said, error } = await server.psql(text, { HOME: home, ...environment }, QUERY);
    sentence = error;
    return said;
  }

  async function same(text: string, environment: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
    const wanted = await theirs(text, environment);
    const refused = sentence;
    expect(await ours(text, environment), `${text} ${JSON.stringify(environment)}\n${refused}\n${sentence}`).toBe(
      wanted,
    );
    return wanted;
  }

  test('every way to let a user in, with a password that has every special character', async () => {
    for (const user of ['trust_user', 'scram_user', 'md5_user', 'plain_user'])
      for (const password of [encodedPassword, 'wrong', undefined])
        await same(
          `postgres://${user}${password === undefined ? '' : `:${password}`}@127.0.0.1:${server.port}/postgres`,
        );
    expect(await same(`postgres://scram_user:${encodedPassword}@127.0.0.1:${server.port}/postgres`)).toMatch(
      /^scram_user in postgres 127/,
    );
  });

  test('a name with percent signs, spaces and letters beyond ASCII, of a user and of a database', async () => {
    const user = encodeURIComponent('odd%user ü');
    const database = encodeURIComponent(ODD_DATABASE);
    expect(await same(`postgres://${user}:${encodedPassword}@127.0.0.1:${server.port}/${database}`)).toBe(
      `odd%user ü in ${ODD_DATABASE} 127.0.0.1`,
    );
    expect(
      await same('', {
        PGHOST: '127.0.0.1',
        PGPORT: String(server.port),
        PGUSER: 'odd%user ü',
        PGDATABASE: ODD_DATABASE,
        PGPASSWORD: PASSWORD,
      }),
    ).toBe(`odd%user ü in ${ODD_DATABASE} 127.0.0.1`);
    await same(
      `host=127.0.0.1 port=${server.port} user='odd%user ü' dbname='${ODD_DATABASE}' password='${PASSWORD.replace(/[\\']/g, '\\$&')}'`,
    );
  });

  test('a part that the URL leaves open is from the environment, and no other part', async () => {
    const environment = {
      PGHOST: '127.0.0.1',
      PGPORT: String(server.port),
      PGUSER: 'scram_user',
      PGPASSWORD: PASSWORD,
    };
    expect(await same('', environment)).toBe('scram_user in scram_user 127.0.0.1');
    expect(await same('postgres:///postgres', environment)).toBe('scram_user in postgres 127.0.0.1');
    expect(await same('postgres://trust_user@/postgres', environment)).toBe('trust_user in postgres 127.0.0.1');
    expect(await same('dbname=postgres user=trust_user', environment)).toBe('trust_user in postgres 127.0.0.1');
    expect(await same(`postgres://scram_user:wrong@/postgres`, environment)).toBeUndefined();
    expect(
      await same('postgres:///postgres?user=trust_user', { ...environment, PGOPTIONS: '-c team.option=this' }),
    ).toBe('trust_user in postgres 127.0.0.1 with this');
  });

  test('a socket: by its folder in the URL, in a parameter, in the environment', async () => {
    const folder = encodeURIComponent(server.folder);
    for (const text of [
      `postgres://trust_user@${folder}:${server.port}/postgres`,
      `postgres:///postgres?host=${server.folder}&port=${server.port}&user=trust_user`,
      `host=${server.folder} port=${server.port} dbname=postgres user=trust_user`,
    ])
      expect(await same(text), text).toBe('trust_user in postgres by socket');
    expect(await same('user=trust_user dbname=postgres', { PGHOST: server.folder, PGPORT: String(server.port) })).toBe(
      'trust_user in postgres by socket',
    );
  });

  test('the password file: its lines, its wildcards, its escapes, its rights', async () => {
    const file = join(home, 'pass');
    const at = (user: string): string => `postgres://${user}@127.0.0.1:${server.port}/postgres`;
    const password = inPassFile(PASSWORD);
    for (const [line, mode] of [
      [`127.0.0.1:${server.port}:postgres:scram_user:${password}`, 0o600],
      [`*:*:*:*:${password}`, 0o600],
      [
        `# a comment\n\nlocalhost:*:*:*:wrong\n*:*:other:*:wrong\n*:*:postgres:scram_user:${password}\n*:*:*:*:wrong`,
        0o600,
      ],
      [`*:*:*:*:wrong\n*:*:*:*:${password}`, 0o600],
      [`*:*:*:*:${password}`, 0o640],
      [`*:*:*:*:${password}`, 0o400],
      [`*:1:*:*:${password}`, 0o600],
      [`*:*:*:${password}`, 0o600],
      ['*:*:*:*:', 0o600],
    ] as const) {
      await writeFile(file, line);
      await chmod(file, mode);
      await same(at('scram_user'), { PGPASSFILE: file });
    }
    await writeFile(file, `*:*:*:*:${password}\n`);
    await chmod(file, 0o600);
    expect(await same(at('scram_user'), { PGPASSFILE: file })).toMatch(/^scram_user/);
    // A password that is given comes first, also a wrong one.
    expect(await same(at('scram_user'), { PGPASSFILE: file, PGPASSWORD: 'wrong' })).toBeUndefined();
    expect(await same(`${at('scram_user')}?passfile=${file}`)).toMatch(/^scram_user/);
    // In the home folder, and for a socket by the name of its folder.
    await writeFile(join(home, '.pgpass'), `${inPassFile(server.folder)}:*:*:scram_user:${password}\n`, {
      mode: 0o600,
    });
    expect(await same(`host=${server.folder} port=${server.port} user=scram_user dbname=postgres`)).toMatch(
      /^scram_user/,
    );
    expect(await same(at('scram_user'))).toBeUndefined();
    await rm(join(home, '.pgpass'));
    await chmod(file, 0o644);
    expect(await same(at('scram_user'), { PGPASSFILE: file })).toBeUndefined();
    expect(sentence).toContain(`others may read ${file}, so it is ignored: chmod 600 ${file}`);
  });

  test('the service file', async () => {
    const file = join(home, 'service.conf');
    await writeFile(
      file,
      `# services\n[one]\nhost=127.0.0.1\nport=${server.port}\nuser=scram_user\npassword=${PASSWORD}\ndbname=postgres\n\n[two]\nhost=${server.folder}\nport=${server.port}\nuser=trust_user\n[broken]\nhost = 127.0.0.1\n[empty]\n`,
    );
    const environment = { PGSERVICEFILE: file };
    expect(await same('service=one', environment)).toBe('scram_user in postgres 127.0.0.1');
    expect(await same('', { ...environment, PGSERVICE: 'one' })).toBe('scram_user in postgres 127.0.0.1');
    expect(await same('postgres:///?service=two&dbname=postgres', environment)).toBe(
      'trust_user in postgres by socket',
    );
    expect(await same('service=one user=trust_user', { ...environment, PGUSER: 'md5_user' })).toMatch(/^trust_user/);
    expect(await same('service=one', { ...environment, PGUSER: 'md5_user', PGDATABASE: 'absent' })).toMatch(
      /^scram_user in postgres/,
    );
    expect(await same('service=none', environment)).toBeUndefined();
    expect(sentence).toContain(`There is no service "none" in ${file}`);
    expect(await same('service=broken', environment)).toBeUndefined();
    await writeFile(
      join(home, '.pg_service.conf'),
      `[home]\nhost=127.0.0.1\nport=${server.port}\nuser=trust_user\ndbname=postgres\n`,
    );
    expect(await same('service=home')).toMatch(/^trust_user/);
    const folder = join(home, 'etc');
    await mkdir(folder);
    await writeFile(
      join(folder, 'pg_service.conf'),
      `[system]\nhost=127.0.0.1\nport=${server.port}\nuser=trust_user\ndbname=postgres\n`,
    );
    expect(await same('service=system', { PGSYSCONFDIR: folder })).toMatch(/^trust_user/);
  });

  test('several hosts: the first that can be reached and is of the wanted kind', async () => {
    const away = '127.0.0.1:1';
    const here = `127.0.0.1:${server.port}`;
    const socket = encodeURIComponent(server.folder);
    for (const hosts of [`${away},${here}`, `${here},${away}`, `${away},${away}`, `${away},${socket}:${server.port}`])
      for (const attrs of ['any', 'primary', 'read-write', 'standby', 'read-only', 'prefer-standby'])
        await same(`postgres://trust_user@${hosts}/postgres?target_session_attrs=${attrs}`);
    // A login that is refused is not tried elsewhere.
    expect(await same(`postgres://scram_user:wrong@${here},${socket}:${server.port}/postgres`)).toBeUndefined();
    expect(await same(`host=127.0.0.1,${server.folder} port=1,${server.port} user=trust_user dbname=postgres`)).toMatch(
      /by socket/,
    );
    expect(await same(`host=127.0.0.1,${server.folder} port=1,2,3 user=trust_user dbname=postgres`)).toBeUndefined();
    await ours(`postgres://trust_user@${away},127.0.0.2:1/postgres`, {});
    expect(sentence).toBe(
      'None of the 2 hosts can be used. Nothing answers at 127.0.0.1:1: is Postgres running there? Nothing answers at 127.0.0.2:1: is Postgres running there?',
    );
    await ours(`postgres://trust_user@${here}/postgres?target_session_attrs=standby`, {});
    expect(sentence).toBe(`Postgres at ${here} is not standby, as target_session_attrs asks.`);
  });

  test('the usual defaults: the user of the system, the database of the user', async () => {
    expect(
      await same(
        `host=${server.folder} port=${server.port} user=scram_user password='${PASSWORD.replace(/[\\']/g, '\\$&')}'`,
      ),
    ).toBe('scram_user in scram_user by socket');
    await ours(`host=${server.folder} port=${server.port}`, {});
    expect(sentence).toContain(JSON.stringify(userInfo().username));
  });

  test('no password where one is needed is one sentence that says where to write it', async () => {
    for (const user of ['scram_user', 'md5_user', 'plain_user']) {
      await ours(`postgres://${user}@127.0.0.1:${server.port}/postgres`, {});
      expect(sentence).toBe(
        `Postgres at 127.0.0.1:${server.port} asks for the password of the user "${user}" of the database "postgres", and none is given: write it in the URL, in PGPASSWORD, or in the password file ${join(home, '.pgpass')}.`,
      );
    }
  });

  test.runIf(bouncerAvailable)('behind a pooler in session mode that asks for a password', async () => {
    const bouncer = await startBouncer(`postgres://scram_user:${encodedPassword}@127.0.0.1:${server.port}/postgres`, {
      mode: 'session',
    });
    try {
      const { port } = new URL(bouncer.url('postgres://127.0.0.1:1/postgres'));
      for (const mode of ['', '?sslmode=disable', '?sslmode=prefer', '?sslmode=require'])
        for (const password of [encodedPassword, 'wrong'])
          await same(`postgres://scram_user:${password}@127.0.0.1:${port}/postgres${mode}`);
      await ours(`postgres://scram_user@127.0.0.1:${port}/postgres`, {});
      expect(sentence).toMatch(/asks for the password of the user "scram_user"/);
    } finally {
      await bouncer.stop();
    }
  });
});
