/** A hint proposes only what the check accepts: each operator that it names is tried on the field that it is about. */
import { expect, test } from 'vitest';
import type { Catalogue, Field } from '../../src/catalogue/catalogue.ts';
import { readYaml } from '../../src/base/yaml.ts';
import { checkConfig } from '../../src/catalogue/check-config.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { operatorNames } from '../../src/condition/operator.ts';
import { field, fields, shop } from './catalogue.ts';
import { issuesOf, v } from './ask.ts';

const opaque = [
  field('contact', 'places', 'other', { array: true }),
  field('contact', 'documents', 'json', { array: true }),
];
const catalogue = {
  ...shop,
  contacts: { ...shop.contacts, fields: fields(...shop.contacts.fields.values(), ...opaque) },
};

const OPERATORS = [...operatorNames()];
const VALUE = {
  text: 'ES',
  number: 1,
  boolean: true,
  date: '2024-05-01',
  instant: '2024-05-01T10:00:00Z',
  uuid: '11111111-1111-4111-8111-111111111111',
  json: null,
  other: null,
} as const;

/** The operator as a person who follows the hint would write it. */
const USES: Readonly<Record<string, (one: Field) => unknown>> = {
  '==': ({ name, family, labels }) => ({ '==': [v(name), labels?.[0] ?? VALUE[family]] }),
  '== null': ({ name }) => ({ '==': [v(name), null] }),
  in: ({ name, family }) => ({ in: [v(name), [VALUE[family]]] }),
  has_any: ({ name, family }) => ({ has_any: [v(name), [VALUE[family]]] }),
  has_all: ({ name, family }) => ({ has_all: [v(name), [VALUE[family]]] }),
  starts_with: ({ name }) => ({ starts_with: [v(name), 'a'] }),
  is_empty: ({ name }) => ({ is_empty: [v(name)] }),
};

/** What people try, right or wrong, on a field. */
function tries({ name }: Field): readonly unknown[] {
  const values = ['a', 1, true, null, '2024-05-01', ['a'], [1], []];
  const two = OPERATORS.flatMap((operator) =>
    values.flatMap((value) => [{ [operator]: [v(name), value] }, { [operator]: [value, v(name)] }]),
  );
  return [
    v(name),
    { '!': [v(name)] },
    ...two,
    ...OPERATORS.map((operator) => ({ [operator]: [v(name)] })),
    { some: [v(name), true] },
    { count: [v(name)] },
  ];
}

test('every operator that a hint names is accepted on that field', () => {
  let named = 0;
  const wrong = new Set<string>();
  for (const one of catalogue.contacts.fields.values()) {
    for (const condition of tries(one)) {
      for (const { hint = '', message } of issuesOf(condition, { catalogue })) {
        // A hint that is about another way to write the same value names the operator only to say what it is for.
        if (!/^(use|only) `/.test(hint) || !message.includes(one.name)) continue;
        for (const [, operator = ''] of hint.matchAll(/`([^`]+)`/g)) {
          const use = USES[operator]?.(one);
          if (use === undefined) continue;
          named += 1;
          if (!checkCondition(use, { catalogue }).ok)
            wrong.add(
              `${one.name} (${one.family}${one.array ? '[]' : ''}): ${JSON.stringify(condition)}: ${message} ${hint}`,
            );
        }
      }
    }
  }
  expect([...wrong]).toEqual([]);
  expect(named).toBeGreaterThan(500);
});

function yamlValue(text: string): unknown {
  const read = readYaml(text);
  return 'value' in read ? read.value : expect.fail(read.mistake);
}

/** What a person reads of the only issue: the message, then the hint. */
function said(json: unknown, context: { readonly catalogue: Catalogue } = { catalogue: shop }): string {
  const [issue, ...others] = issuesOf(json, context);
  expect(others).toEqual([]);
  return `${issue?.message} ${issue?.hint}`;
}

const inOrders = (where: unknown) => ({ some: [v('orders'), where] });

test('a field of the contact inside a relation: the columns that are there, then the name of the field there', () => {
  expect(said(inOrders({ '>': [v('total'), v('points')] }))).toBe(
    '`orders` has no column `points` (it has id, status, note, total, rank, …). ' +
      'for the field of the contact write {"var": "contact.points"}',
  );
  expect(said(inOrders({ '==': [v('contact.contry'), 'ES'] }))).toBe(
    'There is no field "contry" in the contact, which `contact.` means here. did you mean `country`?',
  );
  expect(said({ some: [v('notes'), { '==': [v('city'), 'a'] }] })).toMatch(/ no column `city` \(it has body\)\. /);
  const { contacts } = shop;
  const catalogue = { ...shop, contacts: { ...contacts, fields: fields(field('contact', 'state', 'text')) } };
  expect(said(inOrders({ '==': [v('state'), 'paid'] }), { catalogue })).toMatch(
    /did you mean `status`\? Otherwise for the field of the contact write {"var": "contact.state"}/,
  );
  expect(issuesOf({ and: [{ '>': [v('points'), 1] }, { some: [v('orders'), { '>': [v('total'), 1] }] }] })).toEqual([]);
});

test.each([
  ['birth', 'did you mean `birth_date`?'],
  ['Birth', 'did you mean `birth_date`?'],
  ['seen', 'did you mean `local_seen`, `attributes.seen` or `last_seen_at`?'],
  ['plan', 'did you mean `attributes.plan`?'],
  ['country_code', 'did you mean `country`?'],
  ['contact_country', 'did you mean `country`?'],
  ['userEmail', 'did you mean `email`?'],
  ['contry', 'did you mean `country`?'],
  ['countrycode', 'did you mean `country`?'],
  ['frobnication', '`segmentd fields` lists the fields'],
  ['toString', '`segmentd fields` lists the fields'],
  ['order', 'did you mean `orders`?'],
])('the unknown field %s: %s', (name, hint) => {
  expect(issuesOf({ '==': [v(name), 'x'] })).toMatchObject([{ code: 'unknown-field', hint }]);
});

test('where there are few fields, an unknown one lists them', () => {
  expect(said({ some: [v('notes'), { '==': [v('frobnication'), 'x'] }] })).toBe(
    'There is no field "frobnication" in the relation `notes`. its only field is `body`',
  );
  expect(said({ some: [v('items'), { '==': [v('frobnication'), 'x'] }] })).toMatch(
    / `segmentd fields` lists the fields$/,
  );
  const few = fields(field('contact', 'id', 'number'), field('contact', 'country', 'text'));
  const catalogue = { ...shop, contacts: { ...shop.contacts, fields: few }, relations: new Map() };
  expect(said({ '==': [v('frobnication'), 'x'] }, { catalogue })).toBe(
    'There is no field "frobnication". the fields are `id` and `country`',
  );
});

test('a column of a relation that is named as a field of the contact names the relation', () => {
  expect(said({ '==': [v('sku'), 'x'] })).toBe(
    'There is no field "sku". the relation `items` has it: write `{"some": [{"var": "items"}, {"==": [{"var": "sku"}, "text"]}]}`',
  );
});

test('a path into jsonb that the config does not have: the line to add', () => {
  expect(said({ '==': [v('attributes.tier'), 'x'] })).toBe(
    'There is no field "attributes.tier". `attributes` is jsonb; add its path to the config: ' +
      '`fields: { attributes.tier: { column: attributes, path: [tier], type: text } }`, then run `segmentd install`',
  );
  expect(said({ '==': [v('attributes.a.1-b'), 'x'] })).toContain(
    '`fields: { attributes.a.1-b: { column: attributes, path: [a, "1-b"], type: text } }`',
  );
  expect(said({ '==': [v('attributes.plna'), 'x'] })).toMatch(
    / did you mean `attributes\.plan`\? Otherwise `attributes` is/,
  );
  const documents = fields(field('orders', 'meta', 'json'));
  const orders = shop.relations.get('orders');
  if (!orders) throw new Error('the shop has orders');
  const catalogue = { ...shop, relations: new Map([['orders', { ...orders, fields: documents }]]) };
  const hint = said(inOrders({ '==': [v('meta.kind'), 'x'] }), { catalogue });
  expect(hint).toContain(
    '`fields: { meta.kind: { column: meta, path: [kind], type: text } }` under `relations.orders`',
  );
  // What is no plain word of YAML is not proposed as one.
  expect(said({ '==': [v('attributes.a}: b'), 'x'] })).not.toContain('path: [');
  expect(said({ '==': [v('attributes.'), 'x'] })).not.toContain('path: [');
  expect(said({ '==': [v('place.x'), 'x'] })).not.toContain('jsonb');
});

test('a path into jsonb is proposed as the config takes it', () => {
  for (const name of ['attributes.tier', 'attributes.a.1-b', 'attributes.null.true.7']) {
    const [, line = ''] = /`(fields: \{.*\})`/.exec(said({ '==': [v(name), 'x'] })) ?? [];
    const read = checkConfig(yamlValue(`contacts: { table: contacts }\n${line}`));
    expect(read).toMatchObject({
      config: { fields: { [name]: { column: 'attributes', path: name.split('.').slice(1), type: 'text' } } },
    });
  }
});

test('a column of a relation as a field: what is proposed is accepted, whatever its type', () => {
  expect(said({ '>': [v('orders.total'), 3] })).toBe(
    '`orders.total` is a column of the relation `orders`, not of the contact; a condition asks for rows of `orders`. ' +
      'write `{"some": [{"var": "orders"}, {"==": [{"var": "total"}, 1]}]}`',
  );
  for (const relation of shop.relations.values()) {
    for (const column of relation.fields.values()) {
      const [, proposed = ''] =
        /write `(\{.*\})`$/.exec(said({ '==': [v(`${relation.name}.${column.name}`), 1] })) ?? [];
      expect(issuesOf(JSON.parse(proposed))).toEqual([]);
    }
  }
  expect(said({ '==': [v('orders.statsu'), 'paid'] })).toBe(
    '`orders` is a relation, and it has no column "statsu". did you mean `orders.status`? ' +
      'write `{"some": [{"var": "orders"}, {"==": [{"var": "status"}, "new"]}]}`',
  );
  expect(said({ '==': [v('notes.frobnication'), 'x'] })).toBe(
    '`notes` is a relation, and it has no column "frobnication". its only field is `body`',
  );
});
