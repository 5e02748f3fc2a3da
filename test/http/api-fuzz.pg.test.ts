/**
 * The API fuzzed from its own document: every address with values of the right and the wrong type, of odd sizes and characters, as each
 * role, with odd methods and bodies. Never a 500, and no error says a value of a row.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_ROLES } from '../../src/access/person.ts';
import type { Schema } from '../../src/http/open-api.ts';
import { addressesOf, readDocument, type Address } from './http-document.ts';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

/** A value of a row that no error may say. */
const SECRET = 'canary-7f3a@example.com';
const RUNS = 25;

const document = await readDocument();
/** The stream does not end, and a wait takes its time. */
const addresses = (await addressesOf()).filter(({ path }) => !['/events/stream', '/waits'].includes(path));

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
  await http.world.database.query(`update public.contacts set email = '${SECRET}' where id = 1`);
  await http.ask('POST', '/segments', { body: { key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } } });
  await http.ask('POST', '/segments', { body: { key: 'hand', kind: 'static' } });
  await http.ask('POST', '/schedules', { body: { key: 'spain', cron: '@daily' } });
  await http.world.ok('run', '--once');
  await http.ask('POST', '/segments/spain/exports', { body: {} });
});
afterAll(() => http.end());

const oddText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\u202e\u202d',
    '😀'.repeat(50),
    "'; drop table x; --",
    '../..',
    '%s%n',
    SECRET,
  ),
  fc.constantFrom(
    'spain',
    'hand',
    'none',
    '1',
    '-1',
    '0',
    '1e308',
    'NaN',
    '2026-11-30',
    '99999999999999999999',
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ minLength: 1_000, maxLength: 3_000 }),
);
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, -1e308, 2 ** 31, 2 ** 53, {}, []),
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(oddText, { maxLength: 5 }),
);
const condition: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    true,
    { '==': [{ var: 'country' }, 'ES'] },
    { in_segment: ['spain'] },
    { '>': [{ var: 'email' }, 1] },
  ),
  fc
    .tuple(fc.constantFrom('==', 'in', 'and', 'or', '!', 'some', 'in_last', '<', 'if', 'matches'), fc.array(oddValue))
    .map(([operator, args]) => ({ [operator]: args })),
  oddValue,
);

/** Texts that come past the check of a name, for the field or parameter that has them. */
const PLAUSIBLE: Readonly<Record<string, readonly string[]>> = {
  key: ['spain', 'hand', 'none', 'new1', 'new2'],
  segment: ['spain', 'none'],
  segments: ['spain', 'none'],
  first: ['spain'],
  second: ['hand', 'spain'],
  of: ['spain'],
  columns: ['contact_id', 'email', 'entered_at', 'orders.count', 'orders.sum:total', 'nope'],
  cron: ['@daily', '0 6 * * *', '* * *', '0 0 31 2 *'],
  timezone: ['Europe/Madrid', 'UTC', 'Mars/Olympus'],
  folder: ['', 'crm', '../up', '/etc'],
  delta: ['crm', 'x'.repeat(200)],
  contacts: ['1', '2', '999999', 'x', '1e3', ' 1'],
  contact: ['1', '2', '999999', 'x'],
  until: ['tomorrow', '2030-01-01', '7d', '999999-01-01'],
  find: ['a', '1', '%', '_', SECRET],
  as_of: ['2026-11-30', '2026-11-30T00:00:00Z', 'yesterday', '-4713-01-01'],
  at: ['2026-11-30T00:00:00Z', 'now', 'infinity'],
  acknowledge: ['1', '5'],
  cursor: ['x', 'WyJzZWdtZW50cyIsIlx1MDAwMCJd'],
};

/** Mostly as the schema says, so that a request comes past its check; else anything. */
function valueOf(schema: Schema | undefined, name: string, depth = 0): fc.Arbitrary<unknown> {
  if (name === 'condition') return condition;
  // A wait or a preview takes as long as it is asked to.
  if (name === 'timeout') return fc.oneof(fc.constantFrom(1, 20), oddText);
  const right = rightValue(schema, depth, name);
  return fc.oneof({ arbitrary: right, weight: 20 }, { arbitrary: oddValue, weight: 1 });
}

function rightValue(schema: Schema | undefined, depth: number, name: string): fc.Arbitrary<unknown> {
  if (!schema || depth > 4) return oddValue;
  if (schema.$ref !== undefined)
    return rightValue(document.components['schemas']?.[schema.$ref.split('/').at(-1) ?? ''] as Schema, depth + 1, name);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => rightValue(one, depth + 1, name)));
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.find((one) => one !== 'null');
  const { minimum: min = -(2 ** 31), maximum: max = 2 ** 31 } = schema;
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min, max: Math.min(max, 2 ** 53 - 1) });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'array':
      return fc.array(rightValue(schema.items, depth + 1, name), { maxLength: 4 });
    case 'object': {
      const fields = Object.entries(schema.properties ?? {});
      return fc.record(Object.fromEntries(fields.map(([name, one]) => [name, valueOf(one, name, depth + 1)])), {
        requiredKeys: [...(schema.required ?? [])],
      });
    }
    case 'string': {
      const known = PLAUSIBLE[name];
      return known
        ? fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 12 }, { arbitrary: oddText, weight: 1 })
        : oddText;
    }
    default:
      return oddValue;
  }
}

const bodySchema = ({ operation }: Address): Schema | undefined =>
  operation.requestBody?.content?.['application/json']?.schema;

/** Text as it stands in an address; half of a surrogate pair has no such form. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString());
}

function requests(address: Address) {
  const texts = (names: readonly string[]) => fc.record(Object.fromEntries(names.map((name) => [name, oddText])));
  const usual = fc.record(
    Object.fromEntries(address.params.map((name) => [name, fc.constantFrom(name === 'key' ? 'spain' : '1')])),
  );
  const named = (address.operation.parameters ?? []).filter((one) => one.in === 'query');
  const query = fc
    .subarray([...named], { maxLength: Math.min(2, named.length) })
    .chain((some) =>
      fc.record(
        Object.fromEntries(
          some
            .concat(named.filter(({ required }) => required === true))
            .map((one) => [one.name, valueOf(one.schema as Schema, one.name)]),
        ),
      ),
    );
  return fc.record({
    role: fc.constantFrom('admin', ...ACCESS_ROLES),
    params: fc.oneof({ arbitrary: usual, weight: 3 }, { arbitrary: texts(address.params), weight: 1 }),
    query,
    body: bodySchema(address) ? valueOf(bodySchema(address), '') : fc.constant(undefined),
    key: fc.option(fc.constantFrom('k1', 'k2', 'ä', 'x y', ''), { nil: undefined, freq: 1 }),
    match: fc.constantFrom('*', '*', '*', '"1"', '"x"', 'W/"1"', '', '"999999999"'),
  });
}

describe.each(addresses.map((address) => [`${address.method} ${address.path}`, address] as const))(
  '%s',
  (_, address) => {
    test('answers what it should, whatever it is asked', async () => {
      await fc.assert(
        fc.asyncProperty(requests(address), async ({ role, params, query, body, key, match }) => {
          const path = address.path.replaceAll(
            /\{(\w+)\}/g,
            (__, name: string) => encoded(String((params as Record<string, unknown>)[name])) || 'x',
          );
          const search = Object.entries(query)
            .map(
              ([name, value]) =>
                `${name}=${encoded(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}`,
            )
            .join('&');
          const answer = await http.ask(address.method, `${path === '/' ? '' : path}?${search}`, {
            role,
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            headers: { 'if-match': match, ...(key === undefined ? {} : { 'idempotency-key': key }) },
          });
          const text = JSON.stringify(answer.body);
          expect(answer.status, `${path}?${search} ${JSON.stringify(body)} ${text}`).not.toBe(500);
          // What was sent may come back; what a row has may not.
          const sent = decodeURIComponent(path) + decodeURIComponent(search) + JSON.stringify(body ?? '');
          if (answer.status >= 400 && !sent.includes(SECRET)) expect(text).not.toContain(SECRET);
        }),
        { numRuns: RUNS, plugins: [fc.interruptAfterTimeLimit(15_000, { failOnInterrupt: false })] },
      );
    }, 60_000);
  },
);

test('what cannot be the key of a contact is refused when its values are to be revealed', async () => {
  const { status, body } = await http.ask('GET', '/contacts/x?reveal=true');
  expect({ status, body }).toMatchObject({ status: 400, body: { code: 'usage' } });
});

test('bodies that are no JSON, too large, or of another type', async () => {
  for (const address of addresses.filter((one) => bodySchema(one) !== undefined)) {
    const path = address.path.replaceAll(/\{(\w+)\}/g, 'spain');
    for (const body of [
      '',
      '{',
      'null',
      '"x"',
      '[]',
      '{"a":1}\0',
      `{"condition": ${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
      `"${'x'.repeat(600_000)}"`,
    ]) {
      const { status } = await http.ask(address.method, path, { body, headers: { 'if-match': '*' } });
      expect(status, `${address.method} ${path} ${body.slice(0, 30)}`).not.toBe(500);
    }
    const form = await http.ask(address.method, path, { body: 'a=b', headers: { 'content-type': 'text/plain' } });
    expect(form.status).toBe(415);
  }
}, 60_000);
