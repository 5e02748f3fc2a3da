import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog, silentLog, withFields, type Log } from '../../src/base/log.ts';

function lines(): { stream: PassThrough; read: () => string } {
  const stream = new PassThrough();
  return { stream, read: () => String(stream.read() ?? '') };
}

test('an error of Postgres is logged without what may hold values of rows', () => {
  const { stream, read } = lines();
  const err = Object.assign(new Error('duplicate key ana@example.com'), {
    code: '23505',
    severity: 'ERROR',
    detail: 'Key (email)=(ana@example.com)',
    where: 'ana@example.com',
    table: 'contacts',
  });
  createLog({ stream }).warn({ err }, 'a batch failed');
  const line = read();
  expect(line).not.toContain('ana@');
  expect(JSON.parse(line)).toMatchObject({
    level: 'warn',
    msg: 'a batch failed',
    err: { code: '23505', table: 'contacts' },
  });
});

test('a terminal gets short lines', () => {
  const { stream, read } = lines();
  createLog({ stream: Object.assign(stream, { isTTY: true }) }).info({ segment: 'a' }, 'built');
  expect(read()).toMatch(/^\d\d:\d\d:\d\d info {2}built segment=a\n$/);
});

test('levels below the chosen one are silent', () => {
  const { stream, read } = lines();
  const log = createLog({ stream, level: 'error' });
  log.info('no');
  log.error('yes');
  expect(read()).not.toContain('no');
});

test('a line has level, time, fields and message; a text alone is the message, an error alone is `err`', () => {
  const { stream, read } = lines();
  const log = createLog({ stream, level: 'debug' });
  log.debug('alone');
  log.info({ count: 1, absent: undefined }, 'with fields');
  log.warn({ count: 2 });
  log.error(new RangeError('too much'));
  const written = read().trim().split('\n');
  expect(written[1]).toMatch(
    /^\{"level":"info","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","count":1,"msg":"with fields"\}$/,
  );
  expect(written.map((line): unknown => JSON.parse(line))).toMatchObject([
    { level: 'debug', msg: 'alone' },
    { level: 'info', count: 1, msg: 'with fields' },
    { level: 'warn', count: 2 },
    { level: 'error', err: { type: 'RangeError', message: 'too much' } },
  ]);
});

test('what JSON cannot say is still one line', () => {
  const { stream, read } = lines();
  const circle: Record<string, unknown> = { id: 12n, err: new Error('inside') };
  circle['self'] = circle;
  createLog({ stream }).info(circle, 'odd');
  expect(JSON.parse(read())).toMatchObject({ id: 12, err: { type: 'Error', message: 'inside' }, msg: 'odd' });
});

test('fields of a worker stand in every line', () => {
  const { stream, read } = lines();
  const log = withFields(createLog({ stream }), { worker: 'w' });
  log.info('alone');
  log.info({ segment: 'a' }, 'built');
  log.warn(new Error('bad'));
  expect(
    read()
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toMatchObject([
    { worker: 'w', msg: 'alone' },
    { worker: 'w', segment: 'a', msg: 'built' },
    { worker: 'w', err: { message: 'bad' } },
  ]);
});

test('a field of a line does not replace one of its worker', () => {
  const { stream, read } = lines();
  withFields(createLog({ stream }), { version: '1.0.0' }).info({ version: 7, key: 'a' }, 'built');
  expect(JSON.parse(read())).toMatchObject({ version: '1.0.0', key: 'a' });
});

test('a terminal says once who writes, and again when that changes', () => {
  const { stream, read } = lines();
  const log = createLog({ stream: Object.assign(stream, { isTTY: true }) });
  const line = (): string => read().slice(9);
  log.info({ version: '1', database: 'shop' }, 'first');
  expect(line()).toBe('info  first version=1 database=shop\n');
  log.info({ version: '1', database: 'shop', worker: 'w' }, 'second');
  expect(line()).toBe('info  second worker=w\n');
  log.info({ version: '2', database: 'shop', worker: 'w' }, 'third');
  expect(line()).toBe('info  third version=2\n');
});

test('the console is a log too', () => {
  const log: Log = console;
  expect(Object.keys(silentLog).every((level) => level in log)).toBe(true);
});
