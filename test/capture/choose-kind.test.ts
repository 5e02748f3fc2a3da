/** Which kind of trigger each write of a table gets. */
import { expect, test } from 'vitest';
import { chooseKinds, type RowsSeen } from '../../src/capture/choose-kind.ts';
import type { Branch } from '../../src/capture/table-tree.ts';
import type { Kinds } from '../../src/capture/trigger/operation.ts';

const TABLE: Branch = {
  schema: 'public',
  name: 'orders',
  kind: 'r',
  filenode: '1',
  columns: {},
  immediate: true,
  triggers: {},
};
const PARTITIONED = [
  { ...TABLE, kind: 'p' },
  { ...TABLE, name: 'orders_1', partition: true },
];
const SUBSCRIBED = [{ ...TABLE, subscribed: true }];

interface Case {
  readonly name: string;
  readonly branches?: readonly Branch[];
  readonly kind?: 'contact' | 'direct';
  readonly setting?: 'auto' | 'row' | 'statement' | 'installed';
  readonly seen?: RowsSeen;
  readonly installed?: Partial<Kinds>;
  /** Of insert, update and delete: r or s. */
  readonly expected: string;
}

test.each<Case>([
  { name: 'a new table', expected: 'rrr' },
  { name: 'updates of many rows', seen: { insert: 1, update: 30, delete: 0 }, expected: 'rsr' },
  { name: 'updates of many rows of a partitioned table', branches: PARTITIONED, seen: { update: 30 }, expected: 'sss' },
  { name: 'updates of many rows of a subscribed table', branches: SUBSCRIBED, seen: { update: 30 }, expected: 'sss' },
  {
    name: 'between few and many',
    seen: { insert: 12, update: 12, delete: 12 },
    installed: { update: 'statement' },
    expected: 'rsr',
  },
  { name: 'few', seen: { insert: 9, update: 9, delete: 9 }, installed: { update: 'statement' }, expected: 'rrr' },
  { name: 'without a count', installed: { insert: 'statement' }, expected: 'srr' },
  { name: 'a check', setting: 'installed', seen: { update: 99 }, installed: { update: 'row' }, expected: 'rrr' },
  { name: 'asked for', setting: 'statement', expected: 'sss' },
  {
    name: 'asked for on partitioned contacts',
    kind: 'contact',
    branches: PARTITIONED,
    setting: 'row',
    expected: 'sss',
  },
  { name: 'contacts with a late check', kind: 'contact', branches: [{ ...TABLE, immediate: false }], expected: 'rsr' },
  { name: 'a partition', branches: [{ ...TABLE, partition: true }], setting: 'row', expected: 'sss' },
  { name: 'a table with children', branches: [TABLE, { ...TABLE, name: 'kids' }], setting: 'row', expected: 'sss' },
])(
  '$name: $expected',
  ({ branches = [TABLE], kind = 'direct', setting = 'auto', seen = {}, installed = {}, expected }) => {
    const { kinds } = chooseKinds({ kind }, { branches }, setting, seen, installed);
    expect([kinds.insert, kinds.update, kinds.delete].map((one) => one.slice(0, 1)).join('')).toBe(expected);
  },
);
