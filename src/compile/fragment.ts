/**
 * SQL text with its parameters, and the only code that quotes. A `Fragment` is made by the functions below and by
 * nothing else: interpolating a string into `sql` throws, so text from a user can only travel as a parameter (`value`,
 * `list`), and text from the catalogue only as a quoted identifier (`ident`). Must not know what the SQL means.
 */
import type { Table } from '../catalogue/catalogue.ts';

declare const brand: unique symbol;

/** A piece of SQL. Opaque: see `render`. */
export interface Fragment {
  readonly [brand]: 'fragment';
}

/** SQL text with `$n`, and the values in the order of `n`. */
export interface Statement {
  readonly text: string;
  /** Values in `$` order. Throws when a slot that the text uses is not given. */
  bind(slots?: Readonly<Record<string, unknown>>): unknown[];
}

type Value = string | boolean | number | null | readonly string[];

type Part =
  | string
  | Node
  | { readonly kind: 'value'; readonly type: string; readonly value: Value }
  | { readonly kind: 'slot'; readonly type: string; readonly name: string };

class Node {
  /** Only a constructor can add it, and the constructor does not leave this file. */
  readonly #made = true;
  readonly parts: readonly Part[];
  /** Cache of `identity`: fragments are shared between segments, so it is asked for often. */
  identity: string | undefined;
  constructor(parts: readonly Part[]) {
    this.parts = parts;
  }
  static is(part: unknown): part is Node {
    return typeof part === 'object' && part !== null && #made in part && part.#made;
  }
}

/** Postgres reads the number of parameters as 16 bits; pg would silently send it modulo 65,536. */
const MOST_PARAMETERS = 65_535;

/** Type text as `format_type` prints it: words, numbers, brackets, and whole quoted identifiers. */
const TYPE_TEXT = /^(?:[a-z0-9_ (),.[\]]|"(?:[^"\0]|"")+")+$/i;

function fragment(parts: readonly Part[]): Fragment {
  return new Node(parts) as unknown as Fragment;
}

function nodeOf(part: unknown): Node {
  if (!Node.is(part)) throw new TypeError('only fragments may be interpolated into SQL');
  return part;
}

function typeText(type: string): string {
  if (!TYPE_TEXT.test(type)) throw new TypeError(`not the text of a type: ${JSON.stringify(type)}`);
  return type;
}

function isTemplate(strings: unknown): strings is TemplateStringsArray {
  return Array.isArray(strings) && 'raw' in strings;
}

/** SQL text written in our own source. Interpolations are fragments only. */
export function sql(strings: TemplateStringsArray, ...parts: Fragment[]): Fragment {
  if (!isTemplate(strings)) throw new TypeError('sql is a template tag');
  const all: Part[] = [];
  for (const [index, text] of strings.entries()) {
    if (text !== '') all.push(text);
    const part = parts[index];
    if (index < parts.length) all.push(nodeOf(part));
  }
  return fragment(all);
}

export const empty: Fragment = fragment([]);

/** A possibly qualified identifier, always quoted: `ident('a', 'b')` is `"a"."b"`. */
export function ident(...names: string[]): Fragment {
  if (names.length === 0) throw new TypeError('an identifier needs a name');
  const quoted = names.map((name) => {
    if (name === '' || name.includes('\0')) throw new TypeError('an identifier cannot be empty or hold NUL');
    return `"${name.replaceAll('"', '""')}"`;
  });
  return fragment([quoted.join('.')]);
}

export function tableName(table: Table): Fragment {
  return ident(table.schema, table.name);
}

/** A type's name or a word of SQL, from `format_type` or our own constants; never from a user. */
export function keyword(text: string): Fragment {
  return fragment([typeText(text)]);
}

/** An integer constant in the text: ids and small numbers that must be visible to the planner. */
export function integer(value: number): Fragment {
  if (!Number.isSafeInteger(value)) throw new TypeError(`not an integer: ${value}`);
  return fragment([value < 0 ? `(${value})` : String(value)]);
}

/** A string constant in the text, for DDL, which takes no parameters; right whatever standard_conforming_strings says. */
export function literal(text: string): Fragment {
  if (text.includes('\0')) throw new TypeError('a literal cannot hold NUL');
  const quoted = text.replaceAll("'", "''");
  return fragment([quoted.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`]);
}

/** A bound parameter `$n::type`; equal (value, type) share one number. */
export function value(text: string | boolean | number | null, type: string): Fragment {
  return fragment([{ kind: 'value', type: typeText(type), value: text }]);
}

/** One bound array parameter `$n::type[]`; `type` is that of the elements. */
export function list(values: readonly string[], type: string): Fragment {
  return fragment([{ kind: 'value', type: typeText(`${type}[]`), value: [...values] }]);
}

/** A parameter whose value is given to `bind`, e.g. `slot('now', 'timestamptz')`; allotted only where it is used. */
export function slot(name: string, type: string): Fragment {
  return fragment([{ kind: 'slot', type: typeText(type), name }]);
}

/** The same SQL with `by` in place of every slot of that name: what was a parameter becomes, say, a column. */
export function fill(part: Fragment, name: string, by: Fragment): Fragment {
  const filler = nodeOf(by);
  const walk = (node: Node): Node =>
    new Node(
      node.parts.map((child) => {
        if (typeof child === 'string') return child;
        if (child instanceof Node) return walk(child);
        return child.kind === 'slot' && child.name === name ? filler : child;
      }),
    );
  return walk(nodeOf(part)) as unknown as Fragment;
}

export function join(parts: readonly Fragment[], separator: Fragment): Fragment {
  const between = nodeOf(separator);
  const all: Part[] = [];
  for (const [index, part] of parts.entries()) {
    if (index > 0) all.push(between);
    all.push(nodeOf(part));
  }
  return fragment(all);
}

/** Text of an array as Postgres reads it, every element quoted. */
function arrayText(values: readonly string[]): string {
  return `{${values.map((text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`;
}

/** The SQL with its parameters written into the text, for COPY and DDL, which take none. Slots must have been filled. */
export function written(part: Fragment): string {
  const pieces: string[] = [];
  const walk = (node: Node): void => {
    for (const child of node.parts) {
      if (typeof child === 'string') pieces.push(child);
      else if (child instanceof Node) walk(child);
      else if (child.kind === 'slot') throw new Error(`slot ${child.name} has no value`);
      else if (child.value === null) pieces.push(`null::${child.type}`);
      else walk(nodeOf(sql`${literal(typeof child.value === 'object' ? arrayText(child.value) : String(child.value))}::${keyword(child.type)}`));
    }
  };
  walk(nodeOf(part));
  return pieces.join('');
}

function parameterKey(part: Exclude<Part, string | Node>): string {
  return part.kind === 'slot'
    ? `slot ${part.type} ${JSON.stringify(part.name)}`
    : `value ${part.type} ${JSON.stringify(part.value)}`;
}

function identityOf(node: Node): string {
  node.identity ??= node.parts
    .map((part) => {
      if (typeof part === 'string') return part;
      return part instanceof Node ? identityOf(part) : `\0${parameterKey(part)}\0`;
    })
    .join('');
  return node.identity;
}

/** Equal for fragments that render to the same text with the same values. A key for maps, not SQL. */
export function identity(part: Fragment): string {
  return identityOf(nodeOf(part));
}

export function render(part: Fragment): Statement {
  const numbers = new Map<string, number>();
  const parameters: Exclude<Part, string | Node>[] = [];
  const pieces: string[] = [];
  const walk = (node: Node): void => {
    for (const child of node.parts) {
      if (typeof child === 'string') {
        pieces.push(child);
      } else if (child instanceof Node) {
        walk(child);
      } else {
        const key = parameterKey(child);
        let number = numbers.get(key);
        if (number === undefined) {
          number = parameters.push(child);
          numbers.set(key, number);
        }
        pieces.push(`$${number}::${child.type}`);
      }
    }
  };
  walk(nodeOf(part));
  if (parameters.length > MOST_PARAMETERS) {
    throw new RangeError(`${parameters.length} parameters in one statement; Postgres takes ${MOST_PARAMETERS}`);
  }
  // Written once: a statement over a thousand segments has hundreds of arrays, and is run for every batch.
  const fixed = parameters.map((parameter) => (parameter.kind === 'slot' ? null : Array.isArray(parameter.value) ? arrayText(parameter.value) : parameter.value));
  return {
    text: pieces.join(''),
    bind(slots = {}) {
      return parameters.map((parameter, index) => {
        if (parameter.kind === 'value') return fixed[index];
        const given = Object.hasOwn(slots, parameter.name) ? slots[parameter.name] : undefined;
        if (given === undefined) throw new Error(`slot ${parameter.name} has no value`);
        return given;
      });
    },
  };
}
