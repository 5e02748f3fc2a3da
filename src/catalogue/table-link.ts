/**
 * Links between tables, from which `segmentd init` makes relations: foreign keys, and columns that only look like links. What cannot
 * be a link is kept with its reason, because an owner asks why a table is missing. Pure.
 */
import type { ForeignKey } from './foreign-key.ts';
import { guessLinks, polymorphicType } from './guess-link.ts';
import { linkClass } from './link-class.ts';
import type { SurveyTable } from './survey.ts';

export interface TableLink {
  readonly child: SurveyTable;
  readonly column: string;
  readonly parent: SurveyTable;
  /** Column of the parent. */
  readonly target: string;
  readonly origin: LinkOrigin;
}

/** Where a link comes from; `detail` is for the comment of its relation. */
export type LinkOrigin =
  | { readonly kind: 'key' }
  | { readonly kind: 'part'; readonly detail: string }
  | { readonly kind: 'guess'; readonly detail: string };

export interface Omission {
  /** A table, or a column with its table. */
  readonly subject: string;
  readonly reason: string;
}

export interface LinkMap {
  readonly links: readonly TableLink[];
  readonly omissions: readonly Omission[];
}

/** Foreign keys come first: a column that has one is not guessed about. */
export function linkTables(tables: readonly SurveyTable[], keys: readonly ForeignKey[]): LinkMap {
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const links: TableLink[] = [];
  const omissions: Omission[] = [];
  const taken = new Set<string>();
  for (const key of keys) {
    const child = byOid.get(key.child);
    const parent = byOid.get(key.parent);
    if (!child || !parent) continue;
    const found = keyLink(key, child, parent);
    if (typeof found === 'string') {
      // A table that cannot be a relation is named with its own reason.
      if (child.refusal === undefined && parent.refusal === undefined)
        omissions.push({ subject: `${child.text} (${key.columns.join(', ')})`, reason: found });
      continue;
    }
    const source = `${child.oid} ${found.column}`;
    if (taken.has(`${source} ${parent.oid}`)) continue;
    taken.add(source).add(`${source} ${parent.oid}`);
    links.push(found);
  }
  const guessed = guessLinks(tables, (table, column) => taken.has(`${table.oid} ${column}`));
  for (const { child, column, parent, target } of guessed) {
    links.push({ child, column, parent, target, origin: { kind: 'guess', detail: 'guess: no foreign key' } });
  }
  for (const table of tables) {
    for (const column of table.columns.keys()) {
      const type = taken.has(`${table.oid} ${column}`) ? undefined : polymorphicType(table, column);
      if (type === undefined) continue;
      omissions.push({
        subject: `${table.text} (${column} by ${type})`,
        reason: `polymorphic: a relation needs a \`where\` on "${type}", which says the table that is referred to`,
      });
    }
  }
  return { links, omissions };
}

/** The link that a foreign key makes, or why it makes none. */
function keyLink(key: ForeignKey, child: SurveyTable, parent: SurveyTable): TableLink | string {
  const pairs = key.columns.map((column, index) => ({ column, target: key.targets[index] ?? '' }));
  // Of several columns, the one whose target alone identifies a row of the parent says all.
  const identifying = pairs.filter(({ target }) => isUnique(parent, target));
  const [pair] = pairs.length === 1 ? pairs : identifying;
  if (!pair) return `its foreign key to ${parent.text} has ${pairs.length} columns, and a link has one`;
  const own = child.columns.get(pair.column);
  const its = parent.columns.get(pair.target);
  if (!own || !its) return 'a column of its foreign key is missing';
  const refusal = pairRefusal(own, its);
  if (refusal !== undefined) return `its foreign key to ${parent.text} cannot be a link: ${refusal}`;
  const whole = { child, parent, column: pair.column, target: pair.target };
  if (key.partitions !== null && key.partitions < child.partitions) {
    const detail = `foreign key on ${key.partitions} of ${child.partitions} partitions`;
    return { ...whole, origin: { kind: 'part', detail } };
  }
  return { ...whole, origin: { kind: 'key' } };
}

type Side = NonNullable<ReturnType<SurveyTable['columns']['get']>>;

function pairRefusal(own: Side, its: Side): string | undefined {
  const [left, right] = [linkClass(own.base), linkClass(its.base)];
  if (left === undefined || right === undefined)
    return `"${left === undefined ? own.name : its.name}" is ${(left === undefined ? own : its).base.name}, and a link is integer, uuid, text or citext`;
  if (left !== right) return `"${own.name}" is ${own.base.name} and "${its.name}" is ${its.base.name}`;
  if (!own.plain || !its.plain) return 'its collation is nondeterministic';
  if (!own.readable || !its.readable) return 'this role may not read its columns';
  return undefined;
}

function isUnique(table: SurveyTable, column: string): boolean {
  return table.unique.some((columns) => columns.length === 1 && columns[0] === column);
}
