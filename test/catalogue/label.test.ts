/** What people read in place of names: unique, from the config, a comment or the name; and which values are personal. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { looksPersonal } from '../../src/catalogue/guess-personal.ts';
import { describedBy, labelsOf, nameInWords, relationInWords } from '../../src/catalogue/label.ts';

test.each([
  ['last_seen_at', 'Last seen at'],
  ['createdAt', 'Created at'],
  ['contact_id', 'Contact ID'],
  ['vip', 'VIP'],
  ['newsletter?', 'Newsletter'],
  ['número_cliente', 'Número cliente'],
  ['???', '???'],
])('%s reads %s', (name, label) => {
  expect(nameInWords(name)).toBe(label);
});

test('relations stand inside of sentences', () => {
  expect(relationInWords('page_views')).toBe('page views');
});

const labels = (...given: Parameters<typeof labelsOf>[0][number][]): readonly string[] => [...labelsOf(given).values()];

test('the config comes before a comment, a comment before the name', () => {
  expect(
    labels(
      { name: 'a', label: 'Land', comment: 'Country' },
      { name: 'b', comment: 'City' },
      { name: 'c_d', comment: 'A comment that is a whole sentence, and far too long for a label.' },
      { name: 'attributes.plan', path: ['plan'] },
      { name: 'e', comment: 'stops.' },
    ),
  ).toEqual(['Land', 'City', 'C d', 'Plan', 'E']);
});

test('a long comment is the description, a short one is not said twice', () => {
  expect(describedBy('Where they live', 'Where they live')).toEqual({});
  expect(describedBy(' A whole sentence. ', 'Land')).toEqual({ description: 'A whole sentence.' });
  expect(describedBy(null, 'Land')).toEqual({});
});

test('names that would read the same keep what makes them differ', () => {
  const found = labelsOf([
    { name: 'billing.city', path: ['city'] },
    { name: 'shipping.city', path: ['city'] },
    { name: 'createdAt' },
    { name: 'created_at' },
    { name: 'optin', comment: 'Newsletter' },
    { name: 'newsletter?', comment: 'Newsletter' },
    { name: 'land', label: 'Country' },
    { name: 'country' },
  ]);
  expect([...found].toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
    ['billing.city', 'Billing city'],
    ['country', 'country (column)'],
    ['createdAt', 'createdAt'],
    ['created_at', 'created_at'],
    ['land', 'Country'],
    ['newsletter?', 'Newsletter'],
    ['optin', 'Optin'],
    ['shipping.city', 'Shipping city'],
  ]);
});

test('no two labels are equal, whatever their case', () => {
  const word = fc.constantFrom('a', 'A', 'a_b', 'aB', 'a b', 'A B', 'a (column)', 'b');
  const one = fc.record({ name: word, label: fc.option(word, { nil: undefined }), comment: fc.option(word) });
  fc.assert(
    fc.property(fc.uniqueArray(one, { selector: ({ name }) => name }), (given) => {
      // The config is checked before: its labels are unique.
      const seen = new Set<string>();
      const apart = given.map((each) => {
        const isNew = each.label !== undefined && !seen.has(each.label.toLowerCase());
        if (isNew) seen.add(each.label?.toLowerCase() ?? '');
        return isNew ? each : { ...each, label: undefined };
      });
      const found = [...labelsOf(apart).values()].map((label) => label.toLowerCase());
      expect(found).toHaveLength(given.length);
      expect(new Set(found).size).toBe(given.length);
    }),
  );
});

test.each([
  ['email', 'text', 'contact', true],
  ['e_mail', 'text', 'contact', true],
  ['first_name', 'text', 'contact', true],
  ['name', 'text', 'contact', true],
  ['name', 'text', 'products', false],
  ['phone_number', 'text', 'contact', true],
  ['billing_address', 'text', 'contact', true],
  ['birth_date', 'date', 'contact', true],
  ['email_verified', 'boolean', 'contact', false],
  ['email_status', 'text', 'contact', false],
  ['email_opened_at', 'instant', 'contact', false],
  ['country', 'text', 'contact', false],
  ['city', 'text', 'contact', false],
  ['campaign_name', 'text', 'page_views', false],
  ['product_name', 'text', 'orders', false],
] as const)('%s, %s of %s: personal %s', (name, family, owner, personal) => {
  expect(looksPersonal(name, family, owner)).toBe(personal);
});
