import { inspect } from 'node:util';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Failure } from '../../src/base/error.ts';
import { createLog } from '../../src/base/log.ts';
import { learnSecrets, withoutSecrets } from '../../src/base/secret.ts';
import { readConninfo } from '../../src/base/conninfo.ts';
import { readRedisUrl } from '../../src/base/url.ts';
import { MALFORMED } from './malformed.ts';

const MARKER = 'S3cr3tMark';

test('a malformed address is refused, and nothing of it is said', () => {
  for (const given of MALFORMED.flatMap((one) => [one, one.replace('postgres', 'redis')])) {
    for (const read of [readConninfo, readRedisUrl]) {
      let caught: unknown;
      try {
        read(given);
      } catch (error) {
        caught = error;
      }
      expect(caught, given).toBeInstanceOf(Failure);
      expect(inspect(caught, { depth: 9, showHidden: true }), given).not.toContain(MARKER);
    }
  }
});

test('a well-formed address is read', () => {
  for (const given of [
    'postgres://host',
    'postgres://u@host/db',
    'postgresql://u:p%40%2F%3A@host:5433/my%20db?sslmode=require',
    'postgres:///db?host=/var/run/postgresql',
    'postgres://u:p@[::1]:5432/db',
    'POSTGRES://u:p@host/db',
    'postgres://u:p@%2Fvar%2Frun/db',
    'postgres://u:p@host/db?user=me@corp',
    'postgres://u:p:q@host/db',
  ]) {
    expect(() => readConninfo(given), given).not.toThrow();
  }
  for (const given of ['redis://host', 'rediss://:p@host:6380/1', 'redis://u:p@host?family=6'])
    expect(() => readRedisUrl(given), given).not.toThrow();
});

test('a known password is hidden in failures and logs, in every spelling', () => {
  learnSecrets('postgres://w:Tr0ub%26%22dor@host/db');
  for (const text of ['Tr0ub%26%22dor', 'Tr0ub&"dor', JSON.stringify('Tr0ub&"dor')]) {
    expect(withoutSecrets(`it was ${text}.`)).not.toContain('Tr0ub');
    expect(new Failure('failed', `it was ${text}.`).message).not.toContain('Tr0ub');
    for (const isTTY of [true, false]) {
      const stream = Object.assign(new PassThrough(), { isTTY });
      createLog({ stream }).warn({ err: new Error(`it was ${text}`), text }, `it was ${text}`);
      expect(String(stream.read())).not.toContain('Tr0ub');
    }
  }
});

test('text that looks like a password is hidden although no setting holds it, and plain text stays', () => {
  expect(withoutSecrets('cannot open postgres:/w:Xyz12345@host/db or w:Xyz12345@host')).toBe(
    'cannot open postgres:/***@host/db or ***@host',
  );
  expect(withoutSecrets("host=h password=Xyz12345 sslpassword='a b' dbname=d")).toBe(
    'host=h password=*** sslpassword=*** dbname=d',
  );
  for (const plain of [
    'There is no contact a@example.com.',
    '    at file:///home/x/node_modules/@vitest/runner/dist/index.js:3:20',
    'fresh as of 2026-01-01T00:00:00Z',
    'password authentication failed for user "w"',
    'segmentd: run segmentd install',
    '{"a":1,"b":"x@y"}',
  ]) {
    expect(withoutSecrets(plain)).toBe(plain);
  }
});
