/** A column of a relation without an aggregate: each proposal is a column; where it needs a time column, the sentence says so. */
import { expect, test } from 'vitest';
import type { Relation } from '../../src/catalogue/catalogue.ts';
import { outputColumns } from '../../src/export/output-column.ts';
import { memberColumns } from '../../src/export/own-column.ts';
import { field, fields, shop } from '../condition/catalogue.ts';

const companies: Relation = {
  name: 'company',
  table: { schema: 'public', name: 'companies' },
  link: { kind: 'contact', column: 'contact_id', sqlType: 'bigint' },
  fields: fields(
    field('company', 'name', 'text'),
    field('company', 'size', 'number'),
    field('company', 'labels', 'text', { array: true }),
    field('company', 'profile', 'json'),
  ),
};
const catalogue = { ...shop, relations: new Map([...shop.relations, ['company', companies]]) };

function refusal(name: string): string {
  try {
    outputColumns(catalogue, memberColumns('bigint'), [name]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return expect.fail(`${name} is a column`);
}

test.each([
  ['orders.status', 'write orders.first:status.'],
  ['orders.total', 'write orders.first:total.'],
  ['company.size', 'write company.max:size.'],
  ['company.name', 'set `time` under `relations.company` in the config, and write company.first:name.'],
  ['company.labels', '"company.labels" is no column; of the relation take company.count, '],
  ['company.profile', '"company.profile" is no column; of the relation take company.count, '],
  ['company.nmae', '"company.nmae" is no column; of the relation take company.count, '],
  ['company', '"company" is no column; of the relation take company.count, '],
])('%s is no column: %s', (name, sentence) => expect(refusal(name)).toContain(sentence));

test('each column that is proposed without a change of the config is one', () => {
  let proposed = 0;
  for (const relation of catalogue.relations.values()) {
    for (const { name } of relation.fields.values()) {
      const [, column] = /: [^:]*; write (\S+)\.$/.exec(refusal(`${relation.name}.${name}`)) ?? [];
      if (column === undefined) continue;
      proposed += 1;
      expect(outputColumns(catalogue, memberColumns('bigint'), [column]).list).toMatchObject([{ name: column }]);
    }
  }
  expect(proposed).toBeGreaterThan(5);
});
