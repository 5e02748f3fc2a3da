/** What only a client shows: how many connections one login takes, and that an end at any moment leaves no socket. */
import { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approachOf } from '../../../src/postgres/connect/approach.ts';
import { LoginClient } from '../../../src/postgres/connect/login-client.ts';
import { openPool } from '../../../src/postgres/pool.ts';
import { createSegmentd } from '../../../src/index.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { startSilentServer } from '../../support/silent-server.ts';
import { until } from '../../support/until.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('a server without TLS is asked for it and logged in to on one connection', async () => {
  for (const mode of ['prefer', 'allow', 'disable']) {
    const sockets: Socket[] = [];
    const url = new URL(database.url);
    url.searchParams.set('sslmode', mode);
    const client = new LoginClient({
      approach: approachOf(url.href),
      stream: () => {
        const socket = new Socket();
        sockets.push(socket);
        return socket;
      },
    });
    await client.connect();
    const { rows } = await client.query('select 1 as one');
    expect([rows, sockets.length], mode).toEqual([[{ one: 1 }], 1]);
    await client.end();
    await until(() => sockets.every((socket) => socket.closed));
  }
});

test('a pool that is interrupted while it connects leaves no socket and makes no further attempt', async () => {
  for (const reply of ['', 'S', 'N']) {
    const server = await startSilentServer(reply);
    const stop = new AbortController();
    const opening = openPool(`postgres://u@127.0.0.1:${server.port},127.0.0.1:${server.port}/db?connect_timeout=0`, {
      signal: stop.signal,
    });
    await until(() => server.accepted === 1);
    stop.abort(new Error('enough'));
    await expect(opening, reply).rejects.toThrow('enough');
    expect(server.accepted).toBe(1);
    await server.close();
  }
});

test('a client whose login fails breaks nothing when its connection ends, and reports the failure once', async () => {
  const wrong = new URL(database.url);
  wrong.password = 'wrong';
  const client = new LoginClient({ approach: approachOf(wrong.href) });
  await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  await expect(client.query('select 1')).rejects.toThrow();
});

test('the library takes the variables of psql when it is given no URL', async () => {
  const { hostname, port, username, password, pathname } = new URL(database.url);
  const variables = {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
  };
  Object.assign(process.env, variables);
  try {
    await using segmentd = createSegmentd({});
    const { rows } = await (await segmentd.pool()).query('select pg_catalog.current_database() as name');
    expect(rows).toEqual([{ name: database.name }]);
  } finally {
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name);
  }
});
