import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';

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
