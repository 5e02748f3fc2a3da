/**
 * Relations of the oracle's world of which not every row counts, over tables that other relations read whole. counting-row.ts says the same
 * without conditions.
 */
import { CONTACT, type Relation } from '../../src/catalogue/catalogue.ts';
import { field, fields } from '../condition/catalogue.ts';

const integer = { integer: true } as const;

const bills: Relation = {
  name: 'bills',
  table: { schema: 'fuzz', name: 'Order' },
  link: { kind: 'contact', column: 'who', sqlType: 'integer' },
  where: { '!=': [{ var: 'gift' }, true] },
  time: 'placed_at',
  key: ['id'],
  fields: fields(
    field('bills', 'id', 'number', { sqlType: 'integer', ...integer }),
    field('bills', 'note', 'text'),
    field('bills', 'total', 'number'),
    field('bills', 'gift', 'boolean'),
    field('bills', 'due_on', 'date'),
    field('bills', 'placed_at', 'instant'),
  ),
};

const lines: Relation = {
  name: 'lines',
  table: { schema: 'fuzz', name: 'item' },
  link: { kind: 'through', relation: 'bills', column: 'order', sqlType: 'integer', target: 'id', single: true },
  where: { '!': [{ in_last: [{ var: 'at' }, 30, 'day'] }] },
  time: 'made_on',
  key: ['id'],
  fields: fields(
    field('lines', 'id', 'number', { sqlType: 'integer', ...integer }),
    field('lines', 'sku', 'text'),
    field('lines', 'quantity', 'number', { sqlType: 'integer', ...integer }),
    field('lines', 'made_on', 'date'),
    field('lines', 'at', 'instant'),
  ),
};

/** Several ways lead from it to a contact, over bills that count and bills that do not. */
const works: Relation = {
  name: 'works',
  table: { schema: 'fuzz', name: 'maker' },
  link: { kind: 'through', relation: 'bills', column: 'id', sqlType: 'integer', target: 'maker' },
  unique: true,
  where: { is_past: [{ var: 'since' }] },
  fields: fields(field('works', 'name', 'text'), field('works', 'worth', 'number'), field('works', 'since', 'instant')),
};

/** One row each, or none where it does not count. */
const house: Relation = {
  name: 'house',
  table: { schema: 'fuzz', name: 'firm' },
  link: { kind: 'through', relation: CONTACT, column: 'id', sqlType: 'integer', target: 'firm', single: true },
  unique: true,
  where: { and: [{ '!=': [{ var: 'listed' }, false] }, { '!': [{ in_next: [{ var: 'audited_at' }, 365, 'day'] }] }] },
  fields: fields(
    field('house', 'title', 'text'),
    field('house', 'staff', 'number', { sqlType: 'integer', ...integer }),
    field('house', 'listed', 'boolean'),
    field('house', 'founded', 'date'),
    field('house', 'audited_at', 'instant'),
    field('house', 'sites', 'text', { array: true }),
  ),
};

const branch: Relation = {
  name: 'branch',
  table: { schema: 'fuzz', name: 'group' },
  link: { kind: 'through', relation: 'house', column: 'id', sqlType: 'integer', target: 'group' },
  unique: true,
  fields: fields(field('branch', 'title', 'text'), field('branch', 'worth', 'number')),
};

export const narrowed: readonly Relation[] = [bills, lines, works, house, branch];
