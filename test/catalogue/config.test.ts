/** The config file: what it may say, and the sentence for each mistake. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkedConfig, loadConfig, parseConfig } from '../../src/catalogue/load-config.ts';
import { parseTable, tableText } from '../../src/catalogue/table-text.ts';

const FULL = `
contacts: { table: public.contacts, key: id, created: created_at, where: {"is_empty": [{"var": "deleted_at"}]}, label: People, display: [country, { email: masked }], exclude: [secret] }
fields:
  attributes.plan: { column: attributes, path: [plan, 0], type: text }
  optin: { column: 'newsletter?' }
relations:
  orders: { table: public.orders, contact: contact_id, time: placed_at }
  items:  { table: public.order_items, through: orders, on: { order_id: id }, fields: { n: { column: qty } } }
timezone: Europe/Madrid
settings: { poll_interval: 100ms }
`;

test('a config may hold every setting', () => {
  const config = parseConfig(FULL, 'c');
  expect(config.fields?.['attributes.plan']).toEqual({ column: 'attributes', path: ['plan', '0'], type: 'text' });
  expect(config.contacts.where).toEqual({ is_empty: [{ var: 'deleted_at' }] });
  expect(config.relations?.['items']).toMatchObject({ through: 'orders', on: { order_id: 'id' } });
  expect([config.timezone, config.timestamps]).toEqual(['Europe/Madrid', 'UTC']);
  expect(config.settings).toEqual({ poll_interval: '100ms' });
});

test('a config may be JSON', () => {
  expect(parseConfig('{"contacts": {"table": "t"}}', 'c').contacts.table).toBe('t');
});

describe('mistakes of a config', () => {
  const relation = (text: string): string => `contacts: { table: t }\nrelations: { r: ${text} }`;
  test.each([
    ['', 'The file is empty.'],
    ['contacts: [', 'c, line 1 is not valid YAML:'],
    ['contacts: { table: a, table: b }', 'is not valid YAML: Map keys must be unique'],
    ['x', '`the file` must be a mapping of names to values.'],
    ['{}', '`contacts` is missing.'],
    ['contacts: {}', '`contacts.table` is missing.'],
    ['contacts: { table: 5 }', '`contacts.table` must be text.'],
    ['contacts: { table: t, exclude: x }', '`contacts.exclude` must be a list.'],
    ['contacts: { tabel: t }', '`contacts.tabel` is not known here (did you mean `table`?).'],
    ['contacts: { table: t }\nrelation: {}', '`relation` is not known here (did you mean `relations`?).'],
    [
      'contacts: { table: t }\nfields: { a: { colum: x } }',
      '`fields.a.colum` is not known here (did you mean `column`?).',
    ],
    ['contacts: { table: t }\nfields: { a: { column: x, path: [y] } }', '`fields.a` needs both `path` and `type`'],
    ['contacts: { table: t }\nfields: { a: { split: "" } }', '`fields.a.split` must not be empty.'],
    [
      'contacts: { table: t }\nfields: { a: { split: "12345678901" } }',
      '`fields.a.split` has more than 10 characters.',
    ],
    [
      'contacts: { table: t }\nfields: { a: { split: "|", type: number } }',
      '`fields.a` has `split`, which makes a text column an array of text: `path` and `type` do not go with it.',
    ],
    [
      'contacts: { table: t }\nfields: { a: { type: boolean } }',
      '`fields.a` needs a `path` into jsonb for that type: a text column is read as number, date, instant.',
    ],
    [
      'contacts: { table: t }\nfields: { a: { type: number, format: "0.0" } }',
      '`fields.a` has a `format`, which only the types date and instant have.',
    ],
    [
      'contacts: { table: t }\nfields: { a: { type: date, format: DD/MM/YY } }',
      '`fields.a` has a `format` that is none of a date: YYYY-MM-DD, YYYY/MM/DD, YYYYMMDD, DD/MM/YYYY,',
    ],
    [
      'contacts: { table: t }\nfields: { a: { column: x, path: [y], type: instant, format: DD/MM/YYYY } }',
      '`fields.a` has a `format` that is none of an instant: ISO 8601, or YYYY-MM-DD,',
    ],
    ['contacts: { table: t }\nfields: { a: { path: [y], type: text } }', '`fields.a` needs the jsonb `column`'],
    [
      'contacts: { table: t }\nfields: { a: { column: x, path: [y], type: string } }',
      '`fields.a.type` must be one of text, number',
    ],
    [
      'contacts: { table: t }\nfields: { a: { label: "" } }',
      '`fields.a.label` must be one line without spaces at its ends.',
    ],
    ['contacts: { table: t, label: "a\\nb" }', '`contacts.label` must be one line without spaces at its ends.'],
    ['contacts: { table: t }\nfields: { a: { label: X }, b: { label: x } }', '`fields` has one label for two fields.'],
    [
      'contacts: { table: t, fields: { a: { label: X } } }\nfields: { b: { label: x } }',
      '`the file` has one label for two fields of the contacts.',
    ],
    [
      'contacts: { table: t }\nfields: { a: { labels: { 0: x, 1: X } } }',
      '`fields.a.labels` has one label for two values.',
    ],
    [
      'contacts: { table: t }\nfields: { a: { labels: { 0: b, b: c } } }',
      '`fields.a.labels` has a label that is another value.',
    ],
    ['contacts: { table: t, display: email }', '`contacts.display` must be a list.'],
    [
      'contacts: { table: t, display: [{ a: hidden }] }',
      '`contacts.display.0` must be the name of a field, or { name: masked }.',
    ],
    ['contacts: { table: t, display: [a, { A: masked }] }', '`contacts.display` names a column twice.'],
    ['contacts: { table: t }\nfields: { constructor: { column: x } }', 'is not a name that conditions can use'],
    [relation('{ table: o }'), '`relations.r` needs either `contact`'],
    [relation('{ table: o, contact: c, through: x, on: { a: b } }'), '`relations.r` needs either `contact`'],
    [relation('{ table: o, contact: c, on: { a: b } }'), '`relations.r` needs either `contact`'],
    [relation('{ table: o, through: x }'), '`relations.r` needs either `contact`'],
    [relation('{ table: o, through: x, on: { a: b, c: d } }'), '`relations.r.on` needs exactly one pair'],
    [
      'contacts: { table: t }\nrelations: { contact: { table: o, contact: c } }',
      '`relations.contact` is kept for the contact itself.',
    ],
  ])('%s', (text, said) => {
    expect(() => parseConfig(text, 'c')).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(said) }),
    );
  });

  test('are all reported at once', () => {
    expect(() => parseConfig('contacts: { tabel: t }\ntimezone: 3', 'c')).toThrow(
      /contacts\.table.*contacts\.tabel.*timezone|contacts\.tabel.*timezone/s,
    );
  });

  test('an alias bomb is refused, not expanded', () => {
    const lines = ['a0: &a0 [x, x]', ...Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)];
    expect(() => parseConfig(lines.join('\n'), 'c')).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('the config file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  test('is missing, is a folder, or is read', () => {
    expect(() => loadConfig(join(folder, 'none.yaml'))).toThrow(
      /There is no config file .*none\.yaml: write one with `segmentd init`/,
    );
    expect(() => loadConfig(folder)).toThrow(/cannot be read: it is a folder/);
    writeFileSync(join(folder, 'c.yaml'), FULL);
    expect(loadConfig(join(folder, 'c.yaml')).contacts.key).toBe('id');
  });
});

test.each([
  ['public.contacts', { schema: 'public', name: 'contacts' }],
  ['Contacts', { name: 'contacts' }],
  ['"CRM"."Person"', { schema: 'CRM', name: 'Person' }],
  ['crm."a ""quoted"".name"', { schema: 'crm', name: 'a "quoted".name' }],
  ['größe', { name: 'größe' }],
  ['a.b.c', undefined],
  ['a.', undefined],
  ['', undefined],
  ['a b', undefined],
  ['"a', undefined],
  ['a;drop table b', undefined],
])('the table %s', (text, table) => {
  expect(parseTable(text)).toEqual(table);
  if (table && 'schema' in table && table.schema !== undefined)
    expect(parseTable(tableText({ schema: table.schema, name: table.name }))).toEqual(table);
});

describe('limits of a config, reported in one sentence before its shape is checked', () => {
  const fields = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, { column: `c${n}`, wrong: n }]));
  const refusal = (config: unknown): string => {
    try {
      parseConfig(typeof config === 'string' ? config : JSON.stringify(config), 'c');
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
    return '';
  };

  test.each<[string, unknown, string]>([
    [
      'too many fields',
      { contacts: { table: 't' }, fields: fields(3_000) },
      'c: It names 3,000 fields and excluded columns; at most 2,000 are possible.',
    ],
    [
      'in all places together',
      {
        contacts: { table: 't', fields: fields(900), exclude: ['a'] },
        fields: fields(900),
        relations: { r: { table: 'r', contact: 'c', fields: fields(200) } },
      },
      'c: It names 2,001 fields and excluded columns; at most 2,000 are possible.',
    ],
    [
      'too many relations',
      { contacts: { table: 't' }, relations: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`r${n}`, {}])) },
      'c: It has 101 relations; at most 100 are possible.',
    ],
  ])('%s', (_, config, sentence) => {
    expect(refusal(config)).toBe(sentence);
  });

  test('a file of 100,000 fields is not even parsed', () => {
    const text = `contacts: { table: t }\nfields:\n${Array.from({ length: 100_000 }, (_, n) => `  f${n}: { column: c${n} }\n`).join('')}`;
    expect(refusal(text)).toMatch(/^c has [\d,]+ characters; a config has at most 400,000\.$/);
  });

  test('a config at its limits passes', () => {
    const whole = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, n) => [`field_${n}`, { column: `a_rather_long_column_name_${n}` }]),
    );
    expect(refusal({ contacts: { table: 't' }, fields: whole })).toBe('');
  });
});

test('a checked config is a copy with its defaults; every part that may be left out is left out', () => {
  const written = { contacts: { table: 't' }, relations: { o: { table: 'o', contact: 'c', fields: {} } } };
  const config = checkedConfig(written, 'c');
  written.relations.o.table = 'changed';
  expect(JSON.parse(JSON.stringify(config))).toEqual({
    contacts: { table: 't' },
    relations: { o: { table: 'o', contact: 'c', fields: {} } },
    timezone: 'UTC',
    timestamps: 'UTC',
  });
  expect(Object.keys(config)).not.toContain('fields');
});

test.each([
  ['{ column: c, path: [], type: text }', 'c: `fields.a.path` must not be empty.'],
  ['{ column: c, path: [1.5], type: text }', 'c: `fields.a.path.0` must be text or a whole number.'],
  [`{ column: c, path: [${'x,'.repeat(21)}], type: text }`, 'c: `fields.a.path` has more than 20 steps.'],
  ['{ column: "" }', 'c: `fields.a.column` must not be empty.'],
  ['{ column: "a\\0b" }', 'c: `fields.a.column` must not hold NUL.'],
  ['x', 'c: `fields.a` must be a mapping of names to values.'],
])('a field %s', (field, message) => {
  expect(() => parseConfig(`contacts: { table: t }\nfields: { a: ${field} }`, 'c')).toThrow(
    expect.objectContaining({ message }),
  );
});
