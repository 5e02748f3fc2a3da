/** `fields`: what conditions may name, by table, as the published catalogue and the database have it now. */
import { Option } from 'commander';
import { spanText } from '../../base/span.ts';
import { branchName } from '../../capture/table-tree.ts';
import { CONTACT, RANKS, type Catalogue, type Field } from '../../catalogue/catalogue.ts';
import type { Reading } from '../../catalogue/text-reading.ts';
import { toOneRelations } from '../../catalogue/to-one-relation.ts';
import { typeOfField } from '../../catalogue/vocabulary.ts';
import { describeAdmission } from '../../condition/describe/describe-admission.ts';
import { awesomeFields, BUILDERS, queryBuilderFields, type Builder } from '../../condition/foreign/builder-field.ts';
import { table, type Line } from '../table.ts';
import type { Verb } from '../verb.ts';

interface Named {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly column: string;
  readonly path?: readonly string[];
  readonly reading?: Reading;
  readonly split?: string;
  readonly labels?: readonly string[];
}

export const fields: Verb = (command, run) => {
  const builder = new Option('--for <builder>', 'write the list of fields that a query builder takes, as JSON');
  command.addOption(builder.choices(BUILDERS)).action(
    run(async (session, flags: { readonly for?: Builder }) => {
      const { catalogue, misfits } = await session.segmentd().admin.fields();
      if (flags.for !== undefined) return session.output.document(`${listFor(flags.for, catalogue)}\n`);
      const { contacts, relations, withheld } = catalogue;
      const toOnes = toOneRelations(catalogue);
      const found = {
        contacts: {
          table: branchName(contacts.table),
          key: contacts.key.column,
          created: contacts.created ?? null,
          fields: [...contacts.fields.values()].map(named),
        },
        relations: [...relations.values()]
          .filter(({ valuesOnly }) => valuesOnly !== true)
          .map((relation) => ({
            name: relation.name,
            table: branchName(relation.table),
            through:
              relation.link.kind === 'through' && relation.link.relation !== CONTACT ? relation.link.relation : null,
            toOne: toOnes.has(relation.name),
            time: relation.time ?? null,
            where: relation.where ?? null,
            only: describeAdmission(catalogue, relation.name) ?? null,
            fields: [...relation.fields.values()].map(named),
          })),
        ranks: [...(relations.get(RANKS)?.fields.values() ?? [])].map(({ name, about }) => ({
          name: `${RANKS}.${name}`,
          label: about?.label ?? name,
          every: catalogue.ranks?.get(name)?.every ?? null,
          into: catalogue.ranks?.get(name)?.into ?? null,
        })),
        withheld: [...(withheld ?? [])].map(([name, reason]) => ({ name, reason })),
        misfits,
      };
      await session.output.print(found, () => [
        `contacts: ${found.contacts.table}, key ${found.contacts.key}`,
        ...listed(found.contacts.fields),
        ...found.relations.flatMap(({ name, table: of, through, toOne, time, only, fields: own }) => [
          '',
          `relation ${name}: ${of}${through === null ? '' : `, through ${through}`}${toOne ? `, one row: "${name}.…" is a value of the contact` : ''}${time === null ? '' : `, in order of ${time}`}${only === null ? '' : `, only rows where ${only}`}`,
          ...listed(own),
        ]),
        ...found.ranks.flatMap(({ name, label, every, into }, index) => [
          ...(index === 0 ? [''] : []),
          `rank ${name}: ${label}, ${into === null ? 'position, 1 highest' : `1 to ${into}, ${into} highest`}, computed every ${spanText((every ?? 0) / 1_000)}`,
        ]),
        ...found.withheld.flatMap(({ name, reason }) => ['', `relation ${name} is left out: ${reason}`]),
        ...misfits.flatMap((sentence) => ['', `left out: ${sentence}`]),
      ]);
    }),
  );
};

function listFor(builder: Builder, catalogue: Catalogue): string {
  return JSON.stringify(builder === 'raqb' ? awesomeFields(catalogue) : queryBuilderFields(catalogue), null, 2);
}

function named(field: Field): Named {
  const { name, column, path, reading, split, labels, about } = field;
  return {
    name,
    label: about?.label ?? name,
    type: typeOfField(field),
    column,
    ...(path ? { path } : {}),
    ...(reading === undefined ? {} : { reading }),
    ...(split === undefined ? {} : { split }),
    ...(labels ? { labels } : {}),
  };
}

/** `attributes → born, text as DD/MM/YYYY`, `langs, text split by "|"`. */
function placeOf({ column, path = [], reading, split }: Named): string {
  const as = reading === undefined ? '' : `, text as ${reading}`;
  return `${[column, ...path].join(' → ')}${as}${split === undefined ? '' : `, text split by ${JSON.stringify(split)}`}`;
}

function listed(rows: readonly Named[]): readonly Line[] {
  return table(rows, [
    { title: 'field', value: (row) => row.name },
    { title: 'label', value: (row) => row.label },
    { title: 'type', value: (row) => row.type },
    { title: 'column', value: placeOf },
    { title: 'values', value: (row) => row.labels?.join(', ') },
  ]);
}
