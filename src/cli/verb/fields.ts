/** `fields`: what conditions may name, by table, as the published catalogue and the database have it now. */
import { branchName } from '../../capture/table-tree.ts';
import type { Field } from '../../catalogue/catalogue.ts';
import { table } from '../printed-output.ts';
import type { Verb } from '../verb.ts';

interface Named {
  readonly name: string;
  readonly type: string;
  readonly column: string;
  readonly path?: readonly string[];
  readonly labels?: readonly string[];
}

export const fields: Verb = (program, run) => {
  program
    .command('fields')
    .description('list the fields and relations that conditions may name')
    .action(
      run(async (session) => {
        const {
          catalogue: { contacts, relations, withheld },
          misfits,
        } = await session.segmentd().admin.fields();
        const found = {
          contacts: {
            table: branchName(contacts.table),
            key: contacts.key.column,
            created: contacts.created ?? null,
            fields: [...contacts.fields.values()].map(named),
          },
          relations: [...relations.values()].map((relation) => ({
            name: relation.name,
            table: branchName(relation.table),
            through: relation.link.kind === 'through' ? relation.link.relation : null,
            time: relation.time ?? null,
            fields: [...relation.fields.values()].map(named),
          })),
          withheld: [...(withheld ?? [])].map(([name, reason]) => ({ name, reason })),
          misfits,
        };
        await session.output.print(found, () => [
          `contacts: ${found.contacts.table}, key ${found.contacts.key}`,
          ...listed(found.contacts.fields),
          ...found.relations.flatMap(({ name, table: of, through, time, fields: own }) => [
            '',
            `relation ${name}: ${of}${through === null ? '' : `, through ${through}`}${time === null ? '' : `, in order of ${time}`}`,
            ...listed(own),
          ]),
          ...found.withheld.flatMap(({ name, reason }) => ['', `relation ${name} is left out: ${reason}`]),
          ...misfits.flatMap((sentence) => ['', `left out: ${sentence}`]),
        ]);
      }),
    );
};

function named({ name, family, array, integer, column, path, labels }: Field): Named {
  const type = family === 'number' && integer ? 'integer' : family;
  return { name, type: array ? `${type}[]` : type, column, ...(path ? { path } : {}), ...(labels ? { labels } : {}) };
}

function listed(rows: readonly Named[]): readonly string[] {
  return table(rows, [
    { title: 'field', value: (row) => row.name },
    { title: 'type', value: (row) => row.type },
    { title: 'column', value: ({ column, path }) => [column, ...(path ?? [])].join(' → ') },
    { title: 'values', value: (row) => row.labels?.join(', ') },
  ]);
}
