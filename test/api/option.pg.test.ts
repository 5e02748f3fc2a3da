/** Options of the API: a config as people write it, and what is wrong as one sentence. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createSegmentd,
  createWorker,
  Failure,
  type ConfigInput,
  type Segmentd,
  type SegmentdOptions,
} from '../../src/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let segmentd: Segmentd;
/** Nothing that has a default. */
const config: ConfigInput = { contacts: { table: 'public.contacts' } };
beforeAll(async () => {
  database = await createDatabase();
  await database.query('create table public.contacts (id bigint primary key, country text)');
  segmentd = createSegmentd({ databaseUrl: database.url, config });
});
afterAll(async () => {
  await segmentd.close();
  await database.drop();
});

/** As JavaScript may call it. */
const any = (value: unknown): never => value as never;
const thrown = async (call: () => unknown): Promise<unknown> => {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
};

test('a config object without defaults works from the first verb to a worker', async () => {
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  await segmentd.segments.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
  await database.query(`insert into public.contacts values (1, 'ES'), (2, 'FR')`);
  await using worker = segmentd.worker();
  await worker.once();
  expect((await segmentd.members.list('spain')).map(({ contactId }) => contactId)).toEqual(['1']);
  expect((await segmentd.admin.verify()).filter((one) => one.missing.length + one.extra.length > 0)).toEqual([]);
});

const make = (options: unknown) => () =>
  createSegmentd(any({ databaseUrl: 'postgres://localhost/none', ...(options as SegmentdOptions) }));
const work = (options: unknown) => () => segmentd.worker(any(options));

test.each<readonly [string, () => unknown]>([
  ['The options of segmentd must be an object, not nothing.', () => createSegmentd(any(undefined))],
  ['The options of segmentd must be an object, not a string.', () => createSegmentd(any('postgres://localhost'))],
  [
    'The options of segmentd: `databaseURL` is unknown (did you mean `databaseUrl`?).',
    () => createSegmentd(any({ databaseURL: 'x' })),
  ],
  [
    'No database is named: give --database-url, or set DATABASE_URL or PGHOST and PGDATABASE, in the environment or in .env beside the config file.',
    () => createSegmentd({}),
  ],
  ['The options of segmentd: `pool` must be a pool of pg, not an object.', make({ pool: {} })],
  ['The options of segmentd: `poolSize` must be a whole number from 1, not 0.', make({ poolSize: 0 })],
  [
    'The options of segmentd: `log` must be an object with debug, info, warn and error, not an object.',
    make({ log: {} }),
  ],
  ['The options of segmentd: `config` must be the path of a file, or an object, not a list.', make({ config: [] })],
  ['The config: `contacts` is missing.', make({ config: {} })],
  [
    'The config: `contacts.tabel` is not known here (did you mean `table`?).',
    make({ config: { contacts: { table: 'contacts', tabel: 'x' } } }),
  ],
  ['The config: `timezone` must be text.', make({ config: { contacts: { table: 'contacts' }, timezone: 3 } })],
  ['The options of a worker must be an object, not null.', work(null)],
  ['The options of a worker: `batch-size` is unknown (did you mean `batchSize`?).', work({ 'batch-size': 3 })],
  [
    'The options of a worker: `pollInterval` must be a number of milliseconds, not a string.',
    work({ pollInterval: '250ms' }),
  ],
  ['The options of a worker: `drains` is unknown.', work({ drains: 2 })],
  ['The options of a worker: `failpoint` is unknown.', work({ failpoint: {} })],
  [
    'The options of a worker: `http.port` must be a port from 0 to 65535, not 70000.',
    work({ http: { host: '127.0.0.1', port: 70_000 } }),
  ],
  [
    'The options of a worker: `guard.percentage` is unknown (did you mean `percent`?).',
    work({ guard: { percent: 3, members: 1, percentage: 3 } }),
  ],
  ['The options of a worker: `databaseUrl` must be text, not nothing.', () => createWorker(any({}))],
  [
    'The options of admin.install: `purge_everything` is unknown.',
    () => segmentd.admin.install(any({ purge_everything: true })),
  ],
  [
    'The options of admin.uninstall: `purge` must be true or false, not a number.',
    () => segmentd.admin.uninstall(any({ purge: 1 })),
  ],
  [
    'The options of admin.wait: `timeout` must be a number of milliseconds, not a string.',
    () => segmentd.admin.wait(any({ timeout: '3s' })),
  ],
  [
    'The options of segments.untilLive: `signal` must be an AbortSignal, not an object.',
    () => segmentd.segments.untilLive('spain', any({ signal: {} })),
  ],
  [
    'The options of members.history: `days` must be a whole number from 0, not -1.',
    () => segmentd.members.history('spain', { days: -1 }),
  ],
  [
    'The options of segments.explain must be an object, not null.',
    () => segmentd.segments.explain('spain', '1', any(null)),
  ],
  [
    'The options of admin.verify: `onUnfit` must be a function, not a boolean.',
    () => segmentd.admin.verify(any({ onUnfit: true })),
  ],
  [
    'The options: `client` must be a client of pg, not an object.',
    () => segmentd.segments.delete('spain', any({ client: {} })),
  ],
  ['The options must be an object, not null.', () => segmentd.segments.pause('spain', any(null))],
])('%s', async (sentence, call) => {
  const error = await thrown(call);
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject({ code: 'usage', message: sentence });
});
