/**
 * Every address of the document, asked by another method, without a person, by each role, and with odd values. An address
 * that is added later is in the document, and so in this test.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_ROLES, type AccessRole } from '../../src/access/person.ts';
import { addressesOf, type Address } from './http-document.ts';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

const addresses = await addressesOf();
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
  await http.ask('POST', '/segments', { body: { key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } } });
  await http.world.ok('run', '--once');
});
afterAll(() => http.end());

/** @param value of each parameter in the path */
const pathOf = ({ path }: Address, value: (name: string) => string) =>
  path === '/' ? '' : path.replaceAll(/\{(\w+)\}/g, (_, name: string) => value(name));
/** Of nothing that is there, so that no role changes anything. */
const absent = (name: string) => (name === 'key' ? 'absent' : '999999');

/** A preview or a trial writes nothing, so that viewers may ask for it. */
function leastRole({ method, path }: Address): AccessRole {
  if (['/findings', '/audit', '/tokens', '/tokens/{name}'].includes(path)) return 'admin';
  if (/(verifications|erasures)$/.test(path)) return 'admin';
  // A file has values of contacts.
  if (path.endsWith('/file')) return 'editor';
  return method === 'GET' || /(previews|trials|checks|waits)$/.test(path) ? 'viewer' : 'editor';
}

const usual = (name: string) => (name === 'key' ? 'spain' : '1');

describe.each([...new Set(addresses.map(({ path }) => path))])('%s', (path) => {
  test('another method', async () => {
    const known = addresses.filter((address) => address.path === path);
    const [first] = known;
    if (!first) throw new Error('no address');
    for (const method of METHODS.filter((one) => !known.some((address) => address.method === one))) {
      const answer = await http.ask(method, pathOf(first, usual));
      expect(answer, method).toMatchObject({ status: 405, body: { code: 'wrong-method' } });
      expect(answer.headers.get('allow')?.split(', ')).toEqual(
        expect.arrayContaining(known.map((address) => address.method)),
      );
    }
  });
});

describe.each(addresses.map((address) => [`${address.method} ${address.path}`, address] as const))(
  '%s',
  (_, address) => {
    test('without a person', async () => {
      const { status, body } = await http.ask(address.method, pathOf(address, usual), { role: 'stranger' as never });
      if (address.open) expect(status).toBe(200);
      else
        expect({ status, body }).toMatchObject({ status: 401, body: { detail: expect.stringContaining('token add') } });
    });

    test.each(ACCESS_ROLES)('as %s', async (role) => {
      const least = leastRole(address);
      const { status, body } = await http.ask(address.method, pathOf(address, absent), {
        role,
        ...(address.body ? { body: {} } : {}),
        headers: { 'if-match': '*' },
      });
      const isRefused = status === 403 && (body as { readonly code?: string }).code === 'role';
      expect({ isRefused, status, body }).toMatchObject({
        isRefused: ACCESS_ROLES.indexOf(role) < ACCESS_ROLES.indexOf(least),
      });
    });

    test('odd values', async () => {
      const seen = new Set<string>();
      for (const odd of ODD) {
        const query = address.query.map((name) => `${name}=${odd}`).join('&'); // all at once
        const asked = [
          pathOf(address, () => odd),
          `${pathOf(address, usual)}?${query}`,
          ...address.query.map((name) => `${pathOf(address, usual)}?${name}=${odd}&${name}=${odd}`),
          ...address.params.map((name) => pathOf(address, (one) => (one === name ? odd : usual(one)))),
        ];
        for (const path of asked.filter((one) => !seen.has(one))) {
          seen.add(path);
          for (const body of address.body ? BODIES : [undefined]) {
            const answer = await http.ask(address.method, path, { body, headers: { 'if-match': '"7"' } });
            expect(
              answer.status,
              `${address.method} ${path} ${JSON.stringify(body)}: ${JSON.stringify(answer.body)}`,
            ).not.toBe(500);
          }
        }
      }
    });
  },
);

const ODD = [
  '%00',
  'a%00b',
  '%ED%A0%80',
  '%FF',
  '%',
  '%20',
  '%F0%9F%98%80',
  "'%3B--",
  '..%2F..%2Fetc',
  '-1',
  '0',
  '1e3',
  '1e308',
  'NaN',
  'Infinity',
  '2147483648',
  '9223372036854775808',
  '9007199254740991',
  '99999999999999999999999999999999999999',
  '__proto__',
  'constructor',
  'null',
  '%7B%22a%22%3A1%7D',
  'WyJzZWdtZW50cyIsIlx1MDAwMCJd',
  'x'.repeat(2_000),
];

const BODIES: readonly unknown[] = [
  {},
  [],
  'null',
  '"x"',
  {
    key: 'a\0b',
    condition: 'x\0',
    name: '\0',
    state: '\0',
    decision: 'add',
    contacts: ['\0'],
    note: '\ud800',
    cron: '\0',
  },
  { key: '__proto__', cron: '* * * * *', folder: '\0' },
  { key: 'spain', cron: '* * * * *', columns: ['\0'] },
  { decision: 'include', contacts: ['99999999999999999999999', ' ', '1e3'], until: '999999-01-01' },
  { decision: 'include', contacts: ['1'], until: '\0' },
  { condition: { '==': [{ var: 'country' }, '\0'] }, timezone: '\0' },
  { condition: { '==': [{ var: '__proto__' }, '\ud800'] } },
  { condition: { and: [] }, timeout: 1e308 },
];
