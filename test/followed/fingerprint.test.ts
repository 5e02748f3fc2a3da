/** A fingerprint changes with each fact that a verdict depends on, names it, and with no other. */
import { describe, expect, test } from 'vitest';
import type { Catalogue, Field, Relation } from '../../src/catalogue/catalogue.ts';
import { cataloguePrint, changedSentence, differingParts, type Fingerprint } from '../../src/followed/fingerprint.ts';
import { planVersion } from '../../src/followed/plan.ts';
import type { SegmentKind } from '../../src/lifecycle/state.ts';
import { field, shop } from '../condition/catalogue.ts';
import { shopWith } from '../condition/narrowed-shop.ts';

interface Version {
  readonly condition: unknown;
  readonly timezone?: string;
  readonly kind?: SegmentKind;
}

function printOf(catalogue: Catalogue, { condition, timezone, kind }: Version): Fingerprint {
  const planned = planVersion(catalogue, {
    segmentId: 1,
    version: 1,
    condition,
    timezone: timezone ?? null,
    ...(kind ? { kind } : {}),
  });
  if (!planned.ok) throw new Error(JSON.stringify(planned.issues));
  return planned.plan.fingerprint;
}

/** What differs for a version when the shop becomes another. */
const changed = (version: Version, catalogue: Catalogue, before: Catalogue = shop): readonly string[] =>
  differingParts(printOf(before, version), printOf(catalogue, version));

const withContact = (contacts: Partial<Catalogue['contacts']>): Catalogue => ({
  ...shop,
  contacts: { ...shop.contacts, ...contacts },
});
const contactField = (name: string, change: Partial<Field>): Catalogue => {
  const of = shop.contacts.fields.get(name);
  if (!of) throw new Error(name);
  return withContact({ fields: new Map([...shop.contacts.fields, [name, { ...of, ...change }]]) });
};
const withRelation = (name: string, change: (relation: Relation) => Partial<Relation>): Catalogue => {
  const of = shop.relations.get(name);
  if (!of) throw new Error(name);
  return { ...shop, relations: new Map([...shop.relations, [name, { ...of, ...change(of) }]]) };
};

const country: Version = { condition: { '==': [{ var: 'country' }, 'ES'] } };
const folded: Version = { condition: { ieq: [{ var: 'country' }, 'es'] } };
const local: Version = { condition: { '==': [{ var: 'local_seen' }, '2026-03-01'] } };
const plan: Version = { condition: { '==': [{ var: 'attributes.plan' }, 'pro'] } };
const paid = { '==': [{ var: 'status' }, 'paid'] };
const payers: Version = { condition: { some: [{ var: 'orders' }, paid] } };
const lastPaid: Version = { condition: { '==': [{ last: [{ var: 'orders' }, { var: 'status' }] }, 'paid'] } };
const bought: Version = { condition: { some: [{ var: 'items' }, { '==': [{ var: 'sku' }, 'A'] }] } };
const known: Version = { condition: { known_for: [30, 'day'] } };
const members: Version = { condition: null, kind: 'static' };

test('another word for a value changes the catalogue, and the versions that say the word', () => {
  const worded = (values: Readonly<Record<string, string>>): Catalogue =>
    contactField('points', { about: { label: 'Points', nullable: true, personal: false, values } });
  const [before, after] = [worded({ '0': 'none', '1': 'one' }), worded({ '0': 'none', '2': 'one' })];
  expect(cataloguePrint(after)).not.toBe(cataloguePrint(before));
  expect(changed({ condition: { '==': [{ var: 'points' }, 'one'] } }, after, before)).toEqual(['condition']);
  expect(changed({ condition: { '==': [{ var: 'points' }, 1] } }, after, before)).toEqual([]);
  expect(changed({ condition: { '==': [{ var: 'points' }, 'none'] } }, after, before)).toEqual([]);
});

test('what only people read changes no fingerprint', () => {
  const about = {
    label: 'Land',
    description: 'Where they live',
    nullable: false,
    personal: true,
  };
  const said = [
    contactField('country', { about }),
    withContact({ about: { label: 'People' }, display: [{ field: 'country', masked: true }] }),
    withRelation('orders', () => ({ about: { label: 'purchases' } })),
  ];
  for (const catalogue of said) {
    for (const version of [country, payers]) expect(changed(version, catalogue)).toEqual([]);
    expect(cataloguePrint(catalogue)).toBe(cataloguePrint(shop));
  }
});

describe('a fact that changes the fingerprint', () => {
  test.each<[string, Version, Catalogue, readonly string[]]>([
    ['the contacts table', country, withContact({ table: { schema: 'public', name: 'people' } }), ['contacts']],
    ['the key', country, withContact({ key: { column: 'uid', type: 'bigint', sqlType: 'bigint' } }), ['contacts']],
    [
      'the collation of a text key',
      country,
      withContact({ key: { ...shop.contacts.key, collation: { schema: 'public', name: 'x' } } }),
      ['contacts'],
    ],
    [
      'the base filter',
      country,
      withContact({ where: { '>': [{ var: 'points' }, 1] } }),
      ['contacts.where', 'fields.points'],
    ],
    [
      'the base filter of a static segment',
      members,
      withContact({ where: { '==': [{ var: 'vip' }, true] } }),
      ['contacts.where', 'fields.vip'],
    ],
    ['the column of a field', country, contactField('country', { column: 'land' }), ['fields.country']],
    [
      'the path of a field',
      plan,
      contactField('attributes.plan', { path: ['plans', '0'] }),
      ['fields.attributes.plan'],
    ],
    ['the type of a column', country, contactField('country', { sqlType: 'character varying(2)' }), ['fields.country']],
    ['what is cast', country, contactField('country', { castText: true }), ['fields.country']],
    ['a nondeterministic collation', country, contactField('country', { collate: true }), ['fields.country']],
    [
      'the version of a collation',
      country,
      contactField('country', { facts: { collation: 'public.x 2' } }),
      ['fields.country'],
    ],
    [
      'the expression of a generated column',
      country,
      contactField('country', { facts: { expression: 'abc' } }),
      ['fields.country'],
    ],
    [
      'a label of an enum',
      payers,
      withRelation('orders', ({ fields }) => ({
        fields: new Map([
          ...fields,
          [
            'status',
            field('orders', 'status', 'text', {
              sqlType: 'public.order_status',
              castText: true,
              labels: ['fresh', 'paid', 'refunded'],
            }),
          ],
        ]),
      })),
      ['relations.orders.fields.status'],
    ],
    [
      'the order of labels',
      payers,
      withRelation('orders', ({ fields }) => ({
        fields: new Map([
          ...fields,
          [
            'status',
            field('orders', 'status', 'text', {
              sqlType: 'public.order_status',
              castText: true,
              labels: ['paid', 'new', 'refunded'],
            }),
          ],
        ]),
      })),
      ['relations.orders.fields.status'],
    ],
    [
      'the table of a relation',
      payers,
      withRelation('orders', () => ({ table: { schema: 'public', name: 'sales' } })),
      ['relations.orders'],
    ],
    [
      'the link of a relation',
      payers,
      withRelation('orders', () => ({ link: { kind: 'contact', column: 'payer_id', sqlType: 'bigint' } })),
      ['relations.orders'],
    ],
    [
      'the link of a middle table',
      bought,
      withRelation('orders', () => ({ link: { kind: 'contact', column: 'payer_id', sqlType: 'bigint' } })),
      ['relations.orders'],
    ],
    [
      'the second hop',
      bought,
      withRelation('items', () => ({
        link: { kind: 'through', relation: 'orders', column: 'parent', sqlType: 'bigint', target: 'id' },
      })),
      ['relations.items'],
    ],
    [
      'the time of a relation',
      lastPaid,
      withRelation('orders', () => ({ time: 'due_on' })),
      ['condition', 'relations.orders.fields.due_on', 'relations.orders.fields.placed_at'],
    ],
    [
      'since when a contact exists',
      known,
      withContact({ created: 'last_seen_at' }),
      ['condition', 'fields.created_at', 'fields.last_seen_at'],
    ],
    ['the zone', country, { ...shop, timezone: 'UTC' }, ['timezone']],
    ['the zone of timestamps without one', local, { ...shop, timestamps: 'Asia/Tokyo' }, ['timestamps']],
    ['the collation that folds', folded, { ...shop, foldCollation: 'default' }, ['collation']],
    ['its version', folded, { ...shop, foldFacts: '155.1' }, ['collation']],
  ])('%s', (_, version, catalogue, parts) => {
    expect(changed(version, catalogue)).toEqual(parts);
  });
});

describe('a fact that does not change the fingerprint', () => {
  test.each<[string, Version, Catalogue]>([
    ['another field of the contact', country, contactField('city', { column: 'town' })],
    [
      'a field that is new',
      country,
      withContact({ fields: new Map([...shop.contacts.fields, ['new', field('contact', 'new', 'text')]]) }),
    ],
    [
      'a relation that is not read',
      country,
      withRelation('orders', () => ({ table: { schema: 'public', name: 'sales' } })),
    ],
    ['a deleted relation', country, { ...shop, relations: new Map() }],
    [
      'another relation through the same table',
      payers,
      withRelation('items', () => ({ table: { schema: 'public', name: 'lines' } })),
    ],
    [
      'a field of the relation that is not read',
      payers,
      withRelation('orders', ({ fields }) => ({
        fields: new Map([...fields, ['note', field('orders', 'note', 'number')]]),
      })),
    ],
    ['the time of a relation whose order is not asked', payers, withRelation('orders', () => ({ time: 'due_on' }))],
    ['since when contacts exist', country, withContact({ created: 'last_seen_at' })],
    ['the zone of a version with its own', { ...country, timezone: 'Asia/Tokyo' }, { ...shop, timezone: 'UTC' }],
    ['the zone of timestamps that are not read', country, { ...shop, timestamps: 'Asia/Tokyo' }],
    ['the collation that folds, where nothing does', country, { ...shop, foldFacts: '155.1' }],
    ['a publication that says the same', country, { ...shop, publication: 7 }],
  ])('%s', (_, version, catalogue) => {
    expect(changed(version, catalogue)).toEqual([]);
  });
});

test('overrides do not change the fingerprint, and a snapshot that is made no longer depends on its condition', () => {
  const input = { segmentId: 1, version: 1, condition: country.condition, timezone: null };
  const [plain, overridden] = [planVersion(shop, input), planVersion(shop, { ...input, overrides: true })];
  expect(plain.ok && overridden.ok && differingParts(plain.plan.fingerprint, overridden.plan.fingerprint)).toEqual([]);
  const made = printOf(shop, { condition: null, kind: 'snapshot' });
  expect(Object.keys(made)).not.toContain('fields.country');
});

test('shared subtrees of a condition are hashed once', () => {
  const nested = (depth: number): unknown =>
    depth === 0
      ? country.condition
      : { if: [{ '==': [{ var: 'city' }, String(depth)] }, nested(depth - 1), { '!': [nested(depth - 1)] }] };
  expect(printOf(shop, { condition: nested(6) })).toEqual(printOf(shop, { condition: nested(6) }));
  expect(changed({ condition: nested(6) }, contactField('city', { column: 'town' }))).toEqual(['fields.city']);
});

test('which rows count is a part of the relation, for all that read it or go through it', () => {
  const above = (total: number) =>
    shopWith({ orders: { '>': [{ var: 'total' }, total] }, firm: { is_past: [{ var: 'closes_at' }] } });
  const differs = (condition: unknown) => changed({ condition }, above(20), above(21));
  expect(differs({ some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'x'] }] })).toEqual(['relations.orders']);
  expect(differs({ some: [{ var: 'items' }, { '==': [{ var: 'sku' }, 'x'] }] })).toEqual(['relations.orders']);
  expect(differs({ '==': [{ var: 'firm.name' }, 'x'] })).toEqual([]);
  const closed = shopWith({ orders: true, firm: { is_future: [{ var: 'closes_at' }] } });
  expect(changed({ condition: { '==': [{ var: 'firm.name' }, 'x'] } }, above(20), closed)).toEqual(['relations.firm']);
});

test('an unknown fingerprint is reported as unknown', () => {
  expect(differingParts(null, printOf(shop, country))).toEqual(['unknown']);
  expect(changedSentence(['unknown'])).toBe('segmentd does not know under which catalogue it was built');
  expect(changedSentence(['fields.total', 'timezone'])).toBe('its catalogue changed: fields.total, timezone');
});

test('the print of a catalogue covers every fact, but not the publication', () => {
  expect(cataloguePrint({ ...shop, publication: 3 })).toBe(cataloguePrint({ ...shop, publication: 4 }));
  for (const other of [
    { ...shop, server: '180002' },
    contactField('city', { labels: ['a'] }),
    { ...shop, withheld: new Map([['orders', 'hidden']]) },
    withRelation('notes', () => ({ time: 'x' })),
  ]) {
    expect(cataloguePrint(other)).not.toBe(cataloguePrint(shop));
  }
});
