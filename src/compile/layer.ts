/**
 * A level of rows of a statement: collects what the rows must provide to those who read them, and names it. Equal expressions have one
 * name. Makes text and knows no relation.
 */
import type { Field } from '../catalogue/catalogue.ts';
import { ident, identity, join, sql, type Fragment } from './fragment.ts';
import { typeOf } from './scalar.ts';

/** A row of Postgres has at most 1,664 columns; leave room for what the statement adds. */
const MOST_COLUMNS = 1_500;

/** Named expressions: equal ones share a name. */
export class Columns {
  readonly #prefix: string;
  readonly #alias: string;
  readonly #names = new Map<string, string>();
  readonly list: { readonly name: string; readonly expression: Fragment }[] = [];

  constructor(alias: string, prefix: string) {
    this.#alias = alias;
    this.#prefix = prefix;
  }

  /** A reference to the column, made if there is room; `undefined` when there is none. */
  reference(expression: Fragment): Fragment | undefined {
    const key = identity(expression);
    let name = this.#names.get(key);
    if (name === undefined) {
      if (this.list.length >= MOST_COLUMNS) return undefined;
      name = `${this.#prefix}${this.list.length}`;
      this.#names.set(key, name);
      this.list.push({ name, expression });
    }
    return ident(this.#alias, name);
  }

  get definitions(): Fragment[] {
    return this.list.map(({ name, expression }) => sql`${expression} as ${ident(name)}`);
  }

  get references(): Fragment[] {
    return this.list.map(({ name }) => ident(this.#alias, name));
  }
}

/**
 * One level of rows under an alias: raw columns `f`, then expressions computed once `o`, then windows `w`, then leaves. Each is a select
 * over the one before; `offset 0` keeps Postgres from pulling it up and computing its expressions at every use.
 */
export class Layer {
  readonly alias: Fragment;
  readonly #raw: Columns;
  readonly #once: Columns;
  readonly #name: string;
  /** Windows over the rows; those of a level read the levels before. */
  readonly #windows: Columns[] = [];
  readonly #shares: boolean;

  /** Without `shares` nothing is computed once, and Postgres may merge the level into the statement around it. */
  constructor(alias: string, shares: boolean) {
    this.alias = ident(alias);
    this.#name = alias;
    this.#shares = shares;
    this.#raw = new Columns(alias, 'f');
    this.#once = new Columns(alias, 'o');
  }

  raw(expression: Fragment): Fragment {
    const reference = this.#raw.reference(expression);
    if (reference === undefined) throw new Error('more columns than a row of Postgres can have');
    return reference;
  }

  once(expression: Fragment): Fragment {
    return (this.#shares ? this.#once.reference(expression) : undefined) ?? expression;
  }

  /** A window function over the rows. @param level above those of the windows that it reads */
  window(level: number, expression: Fragment): Fragment {
    while (this.#windows.length <= level) this.#windows.push(new Columns(this.#name, `w${this.#windows.length}_`));
    const reference = this.#windows[level]?.reference(expression);
    if (reference === undefined) throw new Error('more columns than a row of Postgres can have');
    return reference;
  }

  /**
   * A field's column. A stored numeric has a short header, which every comparison would unpack anew into a copy: a third
   * of its cost. Unary plus unpacks it once.
   */
  field(field: Field, column: Fragment): Fragment {
    const raw = this.raw(column);
    return this.#shares &&
      typeOf(field) === 'numeric' &&
      !field.array &&
      field.path === undefined &&
      field.reading === undefined
      ? this.once(sql`+${raw}`)
      : raw;
  }

  /** The rows as a subquery under the alias. `source` is FROM and WHERE in terms of the raw expressions. */
  from(source: Fragment, leaves?: { readonly columns: Columns }): Fragment {
    let columns: Fragment[] = this.#raw.references;
    let rows = sql`(select ${join(this.#raw.definitions, sql`, `)} ${source}) as ${this.alias}`;
    for (const level of [this.#once, ...this.#windows, ...(leaves ? [leaves.columns] : [])]) {
      if (level.list.length === 0) continue;
      rows = sql`(select ${join([...columns, ...level.definitions], sql`, `)} from ${rows} offset 0) as ${this.alias}`;
      columns = [...columns, ...level.references];
    }
    return rows;
  }
}
