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
  /** Values in `$` order. Throws when a param that the text uses is not given. */
  readonly bind: (params?: Readonly<Record<string, unknown>>) => unknown[];
}

type Value = string | boolean | number | null | readonly string[];

type Part =
  | string
  | Node
  | { readonly kind: 'value'; readonly type: string; readonly value: Value }
  | { readonly kind: 'param'; readonly type: string; readonly name: string };

type Parameter = Exclude<Part, string | Node>;

class Node {
  /** Only this class's constructor adds it, and the class is not exported: so no other file can make a fragment. */
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

/** A parameter whose value is given to `bind`, e.g. `param('now', 'timestamptz')`; numbered only where it is used. */
export function param(name: string, type: string): Fragment {
  return fragment([{ kind: 'param', type: typeText(type), name }]);
}

/** The same SQL with `by` in place of every param of that name: a param becomes, for example, a column. */
export function fill(part: Fragment, name: string, by: Fragment): Fragment {
  const filler = nodeOf(by);
  const walk = (node: Node): Node =>
    new Node(
      node.parts.map((child) => {
        if (typeof child === 'string') return child;
        if (child instanceof Node) return walk(child);
        return child.kind === 'param' && child.name === name ? filler : child;
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

/** The SQL with its parameters written into the text, for COPY and DDL, which take none. @throws {Error} on a param that is not filled */
export function written(part: Fragment): string {
  const pieces: string[] = [];
  const walk = (node: Node): void => {
    for (const child of node.parts) {
      if (typeof child === 'string') pieces.push(child);
      else if (child instanceof Node) walk(child);
      else if (child.kind === 'param') throw new Error(`param ${child.name} has no value`);
      else if (child.value === null) pieces.push(`null::${child.type}`);
      else
        walk(
          nodeOf(
            sql`${literal(typeof child.value === 'object' ? arrayText(child.value) : String(child.value))}::${keyword(child.type)}`,
          ),
        );
    }
  };
  walk(nodeOf(part));
  return pieces.join('');
}

function parameterKey(part: Parameter): string {
  return part.kind === 'param'
    ? `param ${part.type} ${JSON.stringify(part.name)}`
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

/** Elements of one array that stands for many parameters: the text of the last is found by passing over all before it. */
const PACKED = 64;

/** One `$n`: a value or a param, or, in a statement that has too many, some values of one type. */
type Place = Parameter | { readonly kind: 'pack'; readonly values: Value[] };

/**
 * Where each parameter stands, and how the text refers to it. One place each, as long as Postgres can count them; beyond
 * that an element of an array, which is read at run time like a parameter.
 */
function placesOf(parameters: readonly Parameter[]): {
  readonly places: readonly Place[];
  readonly references: readonly string[];
} {
  if (parameters.length <= MOST_PARAMETERS) {
    return { places: parameters, references: parameters.map(({ type }, index) => `$${index + 1}::${type}`) };
  }
  const places: Place[] = [];
  const open = new Map<string, { readonly number: number; readonly values: Value[] }>();
  const references = parameters.map((parameter) => {
    // Null is an object too, and has a parameter of its own.
    if (parameter.kind === 'param' || typeof parameter.value === 'object')
      return `$${places.push(parameter)}::${parameter.type}`;
    let pack = open.get(parameter.type);
    if (pack === undefined || pack.values.length === PACKED) {
      const values: Value[] = [];
      pack = { number: places.push({ kind: 'pack', values }), values };
      open.set(parameter.type, pack);
    }
    return `($${pack.number}::${parameter.type}[])[${pack.values.push(parameter.value)}]`;
  });
  if (places.length > MOST_PARAMETERS)
    throw new RangeError(`${parameters.length} parameters in one statement are too many even as arrays`);
  return { places, references };
}

/** What `bind` gives for a place; written once, for a statement over a thousand segments has hundreds of arrays and is run for every batch. */
function fixedValue(place: Place): Value {
  if (place.kind === 'param') return null;
  if (place.kind === 'pack') return arrayText(place.values.map(String));
  return typeof place.value === 'object' && place.value !== null ? arrayText(place.value) : place.value;
}

/** @throws {RangeError} some four million different values */
export function render(part: Fragment): Statement {
  const numbers = new Map<string, number>();
  const parameters: Parameter[] = [];
  const pieces: (string | number)[] = [];
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
          number = parameters.push(child) - 1;
          numbers.set(key, number);
        }
        pieces.push(number);
      }
    }
  };
  walk(nodeOf(part));
  const { places, references } = placesOf(parameters);
  const fixed = places.map(fixedValue);
  return {
    text: pieces.map((piece) => (typeof piece === 'string' ? piece : (references[piece] ?? ''))).join(''),
    bind(params = {}) {
      return places.map((place, index) => {
        if (place.kind !== 'param') return fixed[index];
        const given = Object.hasOwn(params, place.name) ? params[place.name] : undefined;
        if (given === undefined) throw new Error(`param ${place.name} has no value`);
        return given;
      });
    },
  };
}
