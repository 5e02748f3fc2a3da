/** `members KEY`: contact keys, one a line, in order, with `--columns` also what the contacts have; constant memory whatever the size. */
import { InvalidArgumentError } from 'commander';
import type { Member, MemberRow } from '../../index.ts';
import { columnList } from '../column-flag.ts';
import { table, type Line } from '../table.ts';
import type { Verb } from '../verb.ts';

interface Flags {
  readonly columns?: string;
  readonly limit?: number;
  readonly after?: string;
}

export const members: Verb = (command, run) => {
  command
    .argument('<key>')
    .option('--columns <list>', 'also these, comma-separated: fields of contacts, orders.count, orders.sum:total')
    .option('--limit <number>', 'most contacts', parseLimit)
    .option('--after <contact>', 'go on behind this contact')
    .action(
      run(async (session, key: string, { columns, ...page }: Flags) => {
        const { members: api } = session.segmentd();
        const none = `${key} has no members${page.after === undefined ? '' : ` behind ${page.after}`}.`;
        if (columns === undefined) {
          const keys = (rows: readonly Member[]): readonly Line[] => rows.map((member) => member.contactId);
          return session.output.stream(api.pages(key, page), keys, none);
        }
        const names = columnList(columns);
        await session.output.stream(api.pages(key, { ...page, columns: names }), tables(names), none);
      }),
    );
};

/** The titles stand above the first page. */
function tables(names: readonly string[]): (rows: readonly MemberRow[]) => readonly Line[] {
  let isFirst = true;
  const own = names.filter((name) => name !== 'contact_id');
  return (rows) => {
    const [page] = table(rows, [
      { title: 'contact_id', value: (row) => row.contactId },
      ...own.map((name) => ({ title: name, value: (row: MemberRow) => valueText(row.columns[name]) })),
    ]);
    const titled = isFirst;
    isFirst = false;
    return [{ ...page, isContinued: !titled }];
  };
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
