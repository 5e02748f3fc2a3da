/** What `init` guesses from names: words, links, times, secrets. */
import { expect, test } from 'vitest';
import { secretReason } from '../../src/catalogue/guess-secret.ts';
import { createdColumn, deletedMark, eventColumn } from '../../src/catalogue/guess-time.ts';
import { linkName, nameKey, singular, wordsOf } from '../../src/catalogue/identifier-word.ts';

test.each([
  ['billing_address_id', 'billing address id'],
  ['billingAddressID', 'billing address id'],
  ['BusinessEntityID', 'business entity id'],
  ['HTTPHeader', 'http header'],
  ['"weird--name"', 'weird name'],
  ['número_cliente', 'número cliente'],
])('%s is the words %s', (name, words) => {
  expect(wordsOf(name).join(' ')).toBe(words);
});

test.each([
  ['categories', 'category'],
  ['addresses', 'address'],
  ['statuses', 'status'],
  ['status', 'status'],
  ['purchases', 'purchase'],
  ['houses', 'house'],
  ['cases', 'case'],
  ['people', 'person'],
  ['boxes', 'box'],
  ['news', 'news'],
  ['address', 'address'],
  ['analysis', 'analysis'],
])('one of %s is a %s', (many, one) => {
  expect(singular(many)).toBe(one);
});

test('tables and columns of one name have one key', () => {
  expect(
    new Set(['order_items', 'OrderItem', 'orderItems', 'ORDER_ITEMS'].map((name) => nameKey(wordsOf(name)))),
  ).toEqual(new Set(['order item']));
});

test.each([
  ['customer_id', 'customer'],
  ['customerId', 'customer'],
  ['customerid', 'customer'],
  ['billing_address_uuid', 'billing address'],
  ['country_code', 'country'],
  ['id', undefined],
  ['paid', undefined],
  ['is_valid', undefined],
  ['prepaid', undefined],
  ['name', undefined],
])('the link column %s is about %s', (column, about) => {
  expect(linkName(column)?.words.join(' ')).toBe(about);
});

const column = (name: string, type: string) => ({
  name,
  base: { schema: 'pg_catalog', name: type, kind: 'b', array: false, domain: false },
});

test.each([
  ['password', 'text'],
  ['encrypted_password', 'varchar'],
  ['passwordHash', 'text'],
  ['reset_password_token', 'text'],
  ['tokens', 'jsonb'],
  ['apiKey', 'text'],
  ['private_key', 'text'],
  ['otp_secret', 'text'],
  ['otp_backup_codes', 'text'],
  ['pass_salt', 'text'],
  ['ssn', 'text'],
  ['ssn', 'int4'],
  ['iban', 'text'],
  ['card_number', 'text'],
  ['pin', 'int4'],
])('%s (%s) looks secret', (name, type) => {
  expect(secretReason(column(name, type))).toBe('looks secret');
});

test.each([
  ['password_changed_at', 'timestamptz'],
  ['has_password', 'bool'],
  ['tokens_used', 'int4'],
  ['email', 'text'],
  ['passenger_name', 'text'],
  ['shipping_address', 'text'],
  ['pinned', 'bool'],
  ['keyboard', 'text'],
  ['compass', 'text'],
  ['key', 'text'],
  ['country_code', 'text'],
  ['postal_code', 'text'],
])('%s (%s) does not', (name, type) => {
  expect(secretReason(column(name, type))).toBeUndefined();
});

test('bytes are left out for what they are', () => {
  expect(secretReason(column('photo', 'bytea'))).toBe('holds bytes');
});

const times = (...names: string[]) =>
  names.map((name) => column(name, name.endsWith('_date') ? 'date' : 'timestamptz'));

test.each([
  ['orders', ['created_at', 'updated_at', 'order_date', 'required_date', 'shipped_date'], 'order_date'],
  ['orders', ['created_at', 'updated_at', 'placed_at'], 'placed_at'],
  ['rental', ['rental_date', 'return_date', 'last_update'], 'rental_date'],
  ['payment', ['payment_date'], 'payment_date'],
  ['event', ['inserted_at', 'occurred_on'], 'occurred_on'],
  ['ticks', ['ts', 'updated_at'], 'ts'],
  ['visits', ['updatedAt', 'createdAt'], 'createdAt'],
  ['invoices', ['created_at', 'issuing_date', 'due_date'], 'issuing_date'],
  ['pages', ['updated_at'], undefined],
  ['pages', ['last_update', 'deleted_at', 'expires_at'], undefined],
  ['pings', ['first', 'second'], undefined],
  ['details', ['modifieddate'], undefined],
  ['people', ['birth_date'], undefined],
])('the time of %s with %j is %s', (table, names, expected) => {
  expect(eventColumn(table, times(...names))).toBe(expected);
});

test('a contact exists since it joined, else since its row was created', () => {
  expect(createdColumn(times('created_at', 'date_joined'))).toBe('date_joined');
  expect(createdColumn(times('create_date', 'last_update'))).toBe('create_date');
  expect(createdColumn(times('updated_at', 'last_seen_at'))).toBeUndefined();
  expect(createdColumn([column('created_at', 'text')])).toBeUndefined();
});

test.each([
  ['deleted_at', 'timestamptz', false, { is_empty: [{ var: 'deleted_at' }] }],
  ['archivedAt', 'timestamp', false, { is_empty: [{ var: 'archivedAt' }] }],
  ['discarded_at', 'timestamptz', false, { is_empty: [{ var: 'discarded_at' }] }],
  ['is_deleted', 'bool', true, { '!': [{ '==': [{ var: 'is_deleted' }, true] }] }],
  ['deleted', 'bool', false, { '!': [{ '==': [{ var: 'deleted' }, true] }] }],
  ['deleted_at', 'timestamptz', true, undefined],
  ['deleted_by', 'int4', false, undefined],
  ['deleted_items', 'int4', false, undefined],
  ['undeleted_at', 'timestamptz', false, undefined],
  ['updated_at', 'timestamptz', false, undefined],
])('%s (%s, not null %s) marks a deleted row', (name, type, notNull, where) => {
  expect(deletedMark([{ ...column(name, type), notNull }])?.where).toEqual(where);
});
