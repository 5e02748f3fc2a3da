import { expect, test } from 'vitest';
import { Failure } from '../../src/base/error.ts';
import { optionRows, parseDuration, resolveOptions } from '../../src/base/option.ts';

test('a flag beats the environment, that beats the file, that beats the default', () => {
  const file = { batch_size: 3 };
  const environment = { SEGMENTD_BATCH_SIZE: '2' };
  expect(resolveOptions({ flags: { batchSize: '1' }, environment, file }).batchSize).toBe(1);
  expect(resolveOptions({ environment, file }).batchSize).toBe(2);
  expect(resolveOptions({ file }).batchSize).toBe(3);
  expect(resolveOptions({}).batchSize).toBe(1_000);
});

test('an empty variable is an unset one', () => {
  expect(resolveOptions({ environment: { REDIS_URL: '', SEGMENTD_CONFIG: '' } })).toMatchObject({
    config: './segmentd.yaml',
  });
  expect(resolveOptions({ environment: { REDIS_URL: '' } })).not.toHaveProperty('redisUrl');
});

test.each([
  [{ flags: { batchSize: '0' } }, '--batch-size must be a whole number from 1 to 10000, not "0".'],
  [
    { environment: { SEGMENTD_LOG_LEVEL: 'loud' } },
    'SEGMENTD_LOG_LEVEL must be one of silent, error, warn, info, debug, not "loud".',
  ],
  [
    { file: { poll_interval: 'soon' } },
    'settings.poll_interval must be a duration such as 250ms, 30s or 5m, not "soon".',
  ],
  [{ flags: { sessionHours: '0' } }, '--session-hours must be whole hours from 1 to 720, not "0".'],
  [
    { environment: { SEGMENTD_SESSION_HOURS: '721' } },
    'SEGMENTD_SESSION_HOURS must be whole hours from 1 to 720, not "721".',
  ],
  [{ file: { session_hours: '1.5' } }, 'settings.session_hours must be whole hours from 1 to 720, not "1.5".'],
  [{ file: { bach_size: 1 } }, 'settings.bach_size is not an option: did you mean `batch_size`?'],
  [{ file: { batch_size: [1] } }, 'settings.batch_size must be text or a number.'],
  [
    { environment: { DATABASE_URL: 'mysql://user:secret@host/db' } },
    'DATABASE_URL must be a URL that starts with postgres:// or postgresql:// and writes special characters in user and password as %XX (@ is %40, / is %2F, # is %23, ? is %3F, % is %25, a space is %20), as in postgres://user:password@host:5432/database, or like host=… port=… dbname=… user=….',
  ],
  [
    { flags: { http: 'localhost' } },
    '--http must be a port or HOST:PORT, such as 9464 or 0.0.0.0:9464, not "localhost".',
  ],
  [
    { environment: { SEGMENTD_HTTP: '70000' } },
    'SEGMENTD_HTTP must be a port or HOST:PORT, such as 9464 or 0.0.0.0:9464, not "70000".',
  ],
  [
    { flags: { redisUrl: 'localhost' } },
    '--redis-url must be a URL that starts with redis:// or rediss:// and writes special characters in user and password as %XX (@ is %40, / is %2F, # is %23, ? is %3F, % is %25, a space is %20).',
  ],
])('a wrong value is one sentence that says where it stands: %j', (sources, sentence) => {
  expect(() => resolveOptions(sources)).toThrow(new Failure('usage', sentence));
});

test('durations', () => {
  expect(['250ms', '2s', '1.5s', '5m', '1h', '30'].map(parseDuration)).toEqual([
    250, 2_000, 1_500, 300_000, 3_600_000, 30_000,
  ]);
  for (const wrong of ['', '0s', '-1s', '1d', '1 s', '999999h', 'NaN'])
    expect(() => parseDuration(wrong), wrong).toThrow(RangeError);
});

test('a port alone is on loopback', () => {
  const at = (http: string) => resolveOptions({ flags: { http } }).http;
  expect(['9464', '0', '0.0.0.0:1', 'metrics.internal:80', '[::1]:9464'].map(at)).toEqual([
    { host: '127.0.0.1', port: 9464 },
    { host: '127.0.0.1', port: 0 },
    { host: '0.0.0.0', port: 1 },
    { host: 'metrics.internal', port: 80 },
    { host: '::1', port: 9464 },
  ]);
  expect(resolveOptions({}).http).toBeUndefined();
});

test('every option has its own flag, variable and key', () => {
  const rows = optionRows();
  for (const column of ['flag', 'environment', 'file'] as const) {
    const given = rows.map((row) => row[column]).filter((value) => value !== undefined);
    expect(new Set(given).size).toBe(given.length);
  }
});
