/** Two configs that say the same are equal however they are written; differences are listed entry by entry. */
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import {
  configDifferenceSentence,
  canonical,
  changeLine,
  configChanges,
  publishedConfig,
} from '../../src/catalogue/published-config.ts';

const config = (text: string) => parseConfig(text, 'c');
const changes = (before: string, after: string): readonly string[] =>
  configChanges(publishedConfig(config(before)), publishedConfig(config(after))).map(changeLine);

const PLAIN = 'contacts: { table: t, key: id }';

test.each([
  ['settings', `${PLAIN}\nsettings: { poll_interval: 1s }`],
  ['defaults', `${PLAIN}\ntimezone: UTC\ntimestamps: UTC`],
  ['empty parts', `contacts: { key: id, table: t, fields: {}, exclude: [] }\nfields: {}\nrelations: {}`],
])('%s are no difference', (_, text) => {
  expect(changes(PLAIN, text)).toEqual([]);
});

test('fields of the contact may stand in two places, and excluded columns in any order', () => {
  const one = 'contacts: { table: t, fields: { a: { column: x } }, exclude: [b, a] }\nfields: { b: { column: y } }';
  const other = 'contacts: { table: t, exclude: [a, b, a] }\nfields: { b: { column: y }, a: { column: x } }';
  expect(changes(one, other)).toEqual([]);
});

test('each entry that differs between two configs has a line', () => {
  expect(
    changes(
      `${PLAIN}\nfields: { a: { column: x }, b: { column: y } }\nrelations: { r: { table: r, contact: c, time: t } }\ntimezone: UTC`,
      `contacts: { table: t, key: id, where: { "==": [{ var: a }, null] } }\nfields: { a: { column: z }, c: { column: y } }\nrelations: { r: { table: r, contact: d } }\ntimezone: Asia/Tokyo`,
    ),
  ).toEqual([
    '+ contacts.where: {"==":[{"var":"a"},null]}',
    '~ fields.a: {"column":"x"} → {"column":"z"}',
    '- fields.b: {"column":"y"}',
    '+ fields.c: {"column":"y"}',
    '~ relations.r.contact: "c" → "d"',
    '- relations.r.time: "t"',
    '~ timezone: "UTC" → "Asia/Tokyo"',
  ]);
});

test('a base filter is compared as it is written, whatever is empty in it', () => {
  const where = (json: string): string => `contacts: { table: t, where: ${json} }`;
  expect(changes(where('{ in: [{ var: a }, []] }'), where('{ in: [{ var: a }, []] }'))).toEqual([]);
  expect(publishedConfig(config(where('{ in: [{ var: a }, []] }'))).contacts.where).toEqual({ in: [{ var: 'a' }, []] });
  expect(changes(where('true'), where('false'))).toEqual(['~ contacts.where: true → false']);
});

test('a published config survives jsonb, which keeps no order of keys', () => {
  const published = publishedConfig(
    config(`${PLAIN}\nrelations: { longer: { table: r, contact: c }, s: { table: r, contact: c } }`),
  );
  const reordered: unknown = JSON.parse(canonical(published));
  expect(configChanges(published, publishedConfig(config(JSON.stringify(reordered))))).toEqual([]);
});

test('a file that differs from the published catalogue is reported in one sentence', () => {
  expect(configDifferenceSentence('f.yaml', config(PLAIN), config(PLAIN))).toBeUndefined();
  expect(configDifferenceSentence('f.yaml', config(`${PLAIN}\ntimezone: Asia/Tokyo`), config(PLAIN))).toBe(
    'f.yaml differs from the published catalogue (timezone), which counts; `segmentd install --dry-run` shows what would change.',
  );
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`f${n}`, { column: 'x' }]));
  expect(
    configDifferenceSentence(
      'f.yaml',
      config(JSON.stringify({ contacts: { table: 't', key: 'id' }, fields: many })),
      config(PLAIN),
    ),
  ).toContain('and 2 more)');
});

test('a bare name of a table is no difference to the same name with its schema; another schema is one', () => {
  const published = config(
    'contacts: { table: public.contacts, key: id }\nrelations: { r: { table: crm."R", contact: c } }',
  );
  const beside = (text: string) => configDifferenceSentence('f', config(text), published);
  expect(
    beside('contacts: { table: contacts, key: id }\nrelations: { r: { table: \'"R"\', contact: c } }'),
  ).toBeUndefined();
  expect(beside('contacts: { table: crm.contacts, key: id }\nrelations: { r: { table: r, contact: c } }')).toMatch(
    /\(contacts\.table, relations\.r\.table\)/,
  );
});
