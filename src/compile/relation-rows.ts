/**
 * The rows of a relation: `r0`, with the rows that it goes through `r1`, `r2` …, the last of which carries the contact.
 * A row counts once for a contact, however many ways lead from it to that contact. Invariant: `rowsOf` yields each
 * combination of kept rows once a contact.
 */
import { CONTACT, relationPath, type Catalogue, type Field, type Link, type Relation } from '../catalogue/catalogue.ts';
import { originOf } from '../catalogue/to-one-relation.ts';
import { aggregateShape } from '../condition/aggregate.ts';
import { plainField } from '../condition/around-field.ts';
import type { AggregateOperand, Condition, PickOperand } from '../condition/ast.ts';
import { readOfRow, readOfRows } from '../condition/row-read.ts';
import { conjunctsOf } from '../condition/shape.ts';
import { ident, join, sql, tableName, type Fragment } from './fragment.ts';
import { TRUE, where as whereAll } from './leaf.ts';
import { predicate } from './predicate.ts';
import { linked } from './link.ts';
import type { SqlScope } from './scope.ts';
import { columnOfContact, toOneColumn } from './to-one-column.ts';

/** A filter on the column that equals the contact's key, and what is joined to it. */
export interface Narrowing {
  readonly filter: (contact: Fragment) => readonly Fragment[];
  readonly join?: (contact: Fragment) => Fragment;
}

/**
 * The rows of a relation with the rows in between up to one of them. Several rows beyond that one may lead to the same
 * contact; they are reduced to one, so each kept row stands once for each contact.
 */
export interface Rows {
  /** Whose rows they are. */
  readonly relation: string;
  readonly from: Fragment;
  /** The column that equals the contact's key. */
  readonly contact: Fragment;
  /** Alias of the rows of each kept relation on the path. */
  readonly alias: ReadonlyMap<string, Fragment>;
  /** FROM and WHERE of the rows of some contacts. `also` is asked of the kept rows. */
  of(narrowing: Narrowing, also?: readonly Fragment[]): Fragment;
  /** The rows between the kept ones and the contact; absent where all are kept. */
  readonly beyond?: Beyond;
  /** Whether they are rows inside the rows of another relation. */
  readonly nested: boolean;
}

/** A link leads to the row in between whose column `target` it equals. */
type Leads = (target: Fragment, link: Fragment) => Fragment;

interface Beyond {
  readonly alias: ReadonlyMap<string, Fragment>;
  readonly from: Fragment;
  /** The column of the last kept row that leads on, the column that it equals, and by which equality. */
  readonly leads: Leads;
  readonly link: Fragment;
  readonly target: Fragment;
  /** The column that equals the contact's key. */
  readonly contact: Fragment;
}

const last = <T>(list: readonly T[]): T => {
  const item = list.at(-1);
  if (item === undefined) throw new Error('a relation has rows');
  return item;
};

/**
 * How far the rows in between are kept when `least` of them must be: a hop that only one way leads over is kept too, for
 * it adds no rows.
 */
export function keptDepth(catalogue: Catalogue, relation: string, least: number): number {
  const path = relationPath(catalogue, relation);
  let depth = Math.min(least, path.length - 1);
  for (
    let hop = path[depth];
    depth < path.length - 1 && hop?.link.kind === 'through' && hop.link.single;
    hop = path[depth]
  )
    depth += 1;
  return depth;
}

/**
 * @param least how many of the rows in between must be kept; default all
 * @param nested whether they are read inside the rows of another relation, whose aliases must stay visible
 */
export function rowsOf(catalogue: Catalogue, relation: string, least = Number.MAX_SAFE_INTEGER, nested = false): Rows {
  const path = relationPath(catalogue, relation);
  return rowsAlong(relation, path, keptDepth(catalogue, relation, least), nested);
}

/**
 * The rows of a relation to which a column of contacts leads, without the contact's own row: `contact` of the rows equals that column,
 * not the key. Undefined where no column of contacts leads to them.
 */
export function outwardRows(
  catalogue: Catalogue,
  relation: string,
): { readonly rows: Rows; readonly link: Extract<Link, { kind: 'through' }> } | undefined {
  const path = relationPath(catalogue, relation).slice(0, -1);
  const link = path.at(-1)?.link;
  return link?.kind === 'through' && link.relation === CONTACT
    ? { rows: rowsAlong(relation, path, path.length - 1), link }
    : undefined;
}

function rowsAlong(relation: string, path: readonly Relation[], depth: number, nested = false): Rows {
  const nameOf = (index: number): Fragment => ident(`${nested ? 'n' : 'r'}${index}`);
  const ways = nested ? sql`inner_ways` : sql`ways`;
  const joinOf = (index: number): { readonly leads: Leads; readonly link: Fragment; readonly target: Fragment } => {
    const link = path[index]?.link;
    if (link?.kind !== 'through') throw new Error(`${path[index]?.name ?? relation} goes through nothing`);
    return {
      leads: (target, from) => linked(link, target, from),
      link: sql`${nameOf(index)}.${ident(link.column)}`,
      target: sql`${nameOf(index + 1)}.${ident(link.target)}`,
    };
  };
  const joined = (from: number, to: number): Fragment =>
    join(
      path.slice(from, to).map((hop, position) => {
        const index = from + position;
        const table = sql`${tableName(hop.table)} as ${nameOf(index)}`;
        if (position === 0) return table;
        const { leads, link, target } = joinOf(index - 1);
        return sql`join ${table} on ${leads(target, link)}`;
      }),
      sql` `,
    );
  const aliases = (from: number, to: number): ReadonlyMap<string, Fragment> =>
    new Map(path.slice(from, to).map((hop, position) => [hop.name, nameOf(from + position)]));
  const kept = depth + 1;
  const contact = sql`${nameOf(path.length - 1)}.${ident(last(path).link.column)}`;
  const narrowed = (from: Fragment, { filter, join: joinTo }: Narrowing, also: readonly Fragment[] = []): Fragment =>
    sql`from ${from}${joinTo?.(contact) ?? sql``}${whereAll([...filter(contact), ...also])}`;
  if (kept === path.length) {
    const from = joined(0, kept);
    return {
      relation,
      from,
      contact,
      alias: aliases(0, kept),
      of: (narrowing, also) => narrowed(from, narrowing, also),
      nested,
    };
  }
  const rest = joined(kept, path.length);
  const { leads, link, target } = joinOf(kept - 1);
  const once = (narrowing: Narrowing): Fragment =>
    sql`${joined(0, kept)} join (select distinct ${contact} as contact, ${target} as target ${narrowed(rest, narrowing)}) as ${ways} on ${leads(sql`${ways}.target`, link)}`;
  return {
    relation,
    from: once({ filter: () => [] }),
    contact: sql`${ways}.contact`,
    alias: aliases(0, kept),
    of: (narrowing, also = []) => sql`from ${once(narrowing)}${whereAll(also)}`,
    beyond: { alias: aliases(kept, path.length), from: rest, leads, link, target, contact },
    nested,
  };
}

/** The column can be a contact's key. A link may be NULL or wider than the key, and one odd row must not stop the others. */
export function canBeKey({ contacts }: Catalogue, contact: Fragment): Fragment {
  return contacts.key.type === 'integer'
    ? sql`${contact} between -2147483648 and 2147483647`
    : sql`${contact} is not null`;
}

/** Where a condition on a relation's rows is read. */
export interface RowScope extends SqlScope {
  /** The condition asks for a row in between that is not kept. */
  isBeyond(condition: Condition): boolean;
  /** Holds for a row from which one way leads on to the contact such that all of `where` hold. */
  onward(where: readonly Condition[]): Fragment;
}

/** How a statement reads rows, where it does not read them in a subquery of the contact's row. */
export interface RowSight {
  /** Makes a column of the rows visible where the scope is read. */
  readonly raw?: (column: Fragment) => Fragment;
  /** The contact's row is out of sight, so a field of it is looked up by its key. */
  readonly apart?: boolean;
}

/** The scope of a relation's rows: their fields by alias, those of the rows around by the scope around, and rows of another relation. */
export function rowScope(
  outer: SqlScope,
  rows: Rows,
  { raw = (column) => column, apart = false }: RowSight = {},
): RowScope {
  const { catalogue } = outer;
  const aliasOf = (field: Field, alias: Rows['alias']): Fragment => {
    const found = alias.get(field.owner);
    return found === undefined
      ? toOneColumn(outer, field, {
          has: (owner) => alias.has(owner),
          column: (owner, column) => sql`${alias.get(owner) ?? ident(owner)}.${ident(column)}`,
        })
      : sql`${found}.${ident(field.column)}`;
  };
  /** Of the contact: the scope around knows it, whether that is the contact's or that of the enclosing rows. */
  const around = (field: Field): Fragment => {
    if (rows.nested && field.around === 'contact') return outer.column(field);
    return apart ? columnOfContact(outer, rows.contact, plainField(field)) : outer.column(plainField(field));
  };
  const { beyond, relation } = rows;
  const isBeyond = (field: Field): boolean => beyond?.alias.has(originOf(catalogue, relation, field)) === true;
  const related = outer.related.inside(() => raw(rows.contact));
  return {
    ...outer,
    column: (field) => (field.around === undefined ? aliasOf(field, rows.alias) : around(field)),
    once: (expression) => expression,
    leaf: (leaf) => leaf,
    related,
    isBeyond: (condition) => [...readOfRow(condition).own].some(isBeyond),
    onward(where) {
      if (!beyond) throw new Error('all rows in between are kept');
      const columnOf = (field: Field): Fragment => {
        if (field.around !== undefined) return apart ? raw(around(field)) : around(field);
        return isBeyond(field) ? aliasOf(field, beyond.alias) : raw(aliasOf(field, rows.alias));
      };
      const inner: SqlScope = {
        ...outer,
        column: columnOf,
        once: (expression) => expression,
        leaf: (leaf) => leaf,
        related,
      };
      const links = [beyond.leads(beyond.target, raw(beyond.link)), sql`${beyond.contact} = ${raw(rows.contact)}`];
      return sql`exists (select from ${beyond.from}${whereAll([...links, ...where.map((part) => predicate(inner, part))])})`;
    },
  };
}

/** Rows that are limited in number satisfy what they are limited among, by the same way. */
function partsOf(where: Condition): readonly Condition[] {
  return conjunctsOf(where).flatMap((part) => (part.kind === 'among' ? [...partsOf(part.where), part] : [part]));
}

/** A row condition as conjuncts, so that what several aggregates have in common can be found. */
export function whereOf(scope: RowScope, where: Condition): readonly Fragment[] {
  const parts = partsOf(where);
  const beyond = parts.filter((part) => part.kind !== 'among' && scope.isBeyond(part));
  const near = parts.filter((part) => !beyond.includes(part)).map((part) => predicate(scope, part));
  return [...near, ...(beyond.length > 0 ? [scope.leaf(scope.onward(beyond))] : [])].filter((part) => part !== TRUE);
}

/** How many rows in between must be kept so that these fields can be read. */
function depthOf(catalogue: Catalogue, relation: string, fields: readonly Field[]): number {
  const path = relationPath(catalogue, relation);
  return Math.max(
    0,
    ...fields.map((field) => path.findIndex((hop) => hop.name === originOf(catalogue, relation, field))),
  );
}

/** For existence any way will do, so all rows that the condition reads are kept. */
export function someDepth(catalogue: Catalogue, relation: string, where: Condition): number {
  return depthOf(catalogue, relation, [...readOfRow(where).own]);
}

export const EVERY_ROW: Condition = { kind: 'constant', value: true };

/**
 * A count, sum or average takes each row once; a field of a row in between takes each way to that row once. The least, the
 * greatest, the first and the last value do not change when a value comes twice.
 */
export function operandDepth(catalogue: Catalogue, operand: AggregateOperand | PickOperand): number {
  const counts = operand.kind === 'aggregate' && aggregateShape(operand.function).countsRepeats;
  // What only the filter reads adds no ways to a value that counts repeats.
  const read = readOfRows(counts ? { ...operand, where: EVERY_ROW } : operand);
  return depthOf(catalogue, operand.relation, [...read.own]);
}
