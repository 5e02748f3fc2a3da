import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conninfoUrl, parseConninfo, readConninfo, urlWithoutPassword } from '../../src/base/conninfo.ts';
import { conninfoOf, type Conninfo } from '../../src/base/conninfo-keyword.ts';

test.each<readonly [string, Conninfo]>([
  ['postgres://', {}],
  ['postgres://host', { host: 'host' }],
  [
    'postgres://u:p%40%2F%3A@host:5433/my%20db?sslmode=require',
    { user: 'u', password: 'p@/:', host: 'host', port: '5433', dbname: 'my db', sslmode: 'require' },
  ],
  ['POSTGRESQL://u:p:q@host/', { user: 'u', password: 'p:q', host: 'host' }],
  ['postgres://host/odd%2520name%25', { host: 'host', dbname: 'odd%20name%' }],
  ['postgres://host/caf%C3%A9', { host: 'host', dbname: 'café' }],
  ['postgres://[::1]:5432/db', { host: '::1', port: '5432', dbname: 'db' }],
  ['postgres://a,b:5433,[fe80::1%25eth0]:1/db', { host: 'a,b,fe80::1%eth0', port: ',5433,1', dbname: 'db' }],
  [
    'postgres:///db?host=/run/postgresql&user=me@corp'.replace('@corp', '%40corp'),
    { host: '/run/postgresql', user: 'me@corp', dbname: 'db' },
  ],
  ['postgres://%2Frun%2Fpostgresql:5433/db', { host: '/run/postgresql', port: '5433', dbname: 'db' }],
  ['postgres://host/db?ssl=true', { host: 'host', dbname: 'db', sslmode: 'require' }],
  ['postgres://host/db?ssl=no-verify', { host: 'host', dbname: 'db', sslmode: 'no-verify' }],
  // Parameters of object mappers and poolers.
  [
    'postgres://host/db?schema=public&pgbouncer=true&connection_limit=1&uselibpqcompat=true',
    { host: 'host', dbname: 'db' },
  ],
  ['host=h dbname=db', { host: 'h', dbname: 'db' }],
  [` host = h  password='a b\\'c\\\\' user=a\\ b  dbname='' `, { host: 'h', password: "a b'c\\", user: 'a b' }],
])('%s', (text, info) => {
  expect(parseConninfo(text)).toEqual(info);
});

test.each([
  ['postgres://u:p@ss@host/db', /@ is %40/],
  ['postgres://u:p#ss@host/db', /# is %23/],
  ['postgres://u:p/ss@host/db', /\/ is %2F/],
  ['postgres://u:p?ss@host/db', /\? is %3F/],
  ['postgres://u:p%ss@host/db', /% is %25/],
  ['postgres://u:p ss@host/db', /a space is %20/],
  ['postgres://host:port/db', /must be a URL/],
  ['postgres://[::1/db', /must be a URL/],
  ['postgres://::1/db', /must be a URL/],
  ['host=h dbname', /must be a URL/],
  ['', /must be a URL/],
  ['postgres://host/db?sslmod=require', /has a parameter that libpq does not know: did you mean `sslmode`/],
  ['host=h sslmode=always', /has a value of sslmode that is not one of disable, allow, prefer/],
  ['host=h prot=5432', /did you mean `port`/],
  ['postgres://host/db?requirepeer=postgres', /has the parameter requirepeer, which segmentd does not support/],
  ['postgres://host/db?gssencmode=require', /has a value of gssencmode that is not one of disable, prefer/],
  ['postgres://host/db?port=http', /has a value of port that is not a port/],
  ['host=h connect_timeout=soon', /has a value of connect_timeout that is not a whole number/],
  ['postgres://host/d%00b', /zero byte/],
])('%s is refused', (text, sentence) => {
  expect(() => readConninfo(text)).toThrow(sentence);
  expect(() => readConninfo(text)).toThrow(/^The database URL cannot be used: it .*\.$/);
});

/** Whatever is legal in Postgres; libpq takes an empty value for an absent one. */
const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => !text.includes('\0'));

test('what is written as a URL is read as the same, and a URL parser takes it', () => {
  const host = fc.oneof(fc.constantFrom('localhost', '127.0.0.1', '::1', '/run/postgresql', 'a,b', 'x.example'));
  fc.assert(
    fc.property(
      fc.record({ user: word, password: word, dbname: word, host, options: word }, { requiredKeys: [] }),
      (given) => {
        const url = conninfoUrl(given);
        expect(readConninfo(url)).toEqual(given);
        expect(URL.canParse(url)).toBe(true);
        const { password: _, ...rest } = given;
        expect(readConninfo(urlWithoutPassword(url))).toEqual(rest);
      },
    ),
  );
});

test('a text of keywords takes any value in quotes', () => {
  fc.assert(
    fc.property(word, word, (user, password) => {
      const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
      expect(readConninfo(`user=${quoted(user)} password=${quoted(password)} host=h`)).toEqual({
        user,
        password,
        host: 'h',
      });
    }),
  );
});

test('the variables of psql, without the empty ones', () => {
  expect(conninfoOf({ PGHOST: 'h', PGPORT: '', PGAPPNAME: 'x', PGSSLMODE: 'require', HOME: '/' })).toEqual({
    host: 'h',
    sslmode: 'require',
  });
});
