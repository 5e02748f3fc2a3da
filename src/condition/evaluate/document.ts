/**
 * One contact as the evaluator sees it: the text of every column that a condition reads, as Postgres prints it, and
 * what that text means as a typed value. Missing is `undefined`: NULL, an absent path, a jsonb value of another type
 * than declared, NaN. Times stay microseconds, numbers exact.
 */
import type { Field } from '../../catalogue/catalogue.ts';
import { type Civil, dayNumber, parseDay } from '../civil.ts';
import { type Decimal, isWhole, parseDecimal } from '../decimal.ts';
import { type JsonValue, readJson } from './json-text.ts';
import { canonicalUuid, parseInstant } from '../literal.ts';

/**
 * A plain column is its `::text`, an array column the text of each element, a jsonb path (and a `json` column) the text
 * of the jsonb value at that path: `"pro"` with its quotes. Instants are printed with `DateStyle` ISO in any zone.
 */
export type DocumentValue = string | null | readonly (string | null)[];

/** A row of a relation. A row from which several ways lead to the contact stands once for each way. */
export interface DocumentRow {
  readonly fields: Readonly<Record<string, DocumentValue>>;
  /** For a relation through others: the columns of the rows in between, by relation. */
  readonly middle?: Readonly<Record<string, Readonly<Record<string, DocumentValue>>>>;
  /**
   * Which row of which relation it is, then the same of the rows in between, the nearest first. Absent: no other way leads
   * from this row to the contact.
   */
  readonly identity?: readonly { readonly relation: string; readonly row: string }[];
}

export interface ContactDocument {
  readonly fields: Readonly<Record<string, DocumentValue>>;
  readonly relations: Readonly<Record<string, readonly DocumentRow[]>>;
  /** Keys of the segments that it is a member of. */
  readonly segments: readonly string[];
}

export const everBefore = -(10n ** 30n);
export const everAfter = 10n ** 30n;

/** Microseconds since 1970, ±infinity as `everBefore`, `everAfter`. `wall`: a `timestamp` without zone, its clock. */
export interface Instant {
  readonly micros: bigint;
  readonly wall: boolean;
}

export type Typed =
  /** `caseless`: of citext. */
  | { readonly family: 'text' | 'uuid'; readonly value: string; readonly caseless?: true }
  | { readonly family: 'boolean'; readonly value: boolean }
  | { readonly family: 'number'; readonly value: Decimal }
  /** Day number, ±Infinity included. */
  | { readonly family: 'date'; readonly value: number }
  | { readonly family: 'instant'; readonly value: Instant }
  /** Something that is only present or not, and maybe empty. */
  | { readonly family: 'opaque'; readonly value: { readonly empty: boolean } };

/** A typed value, a list of them (elements may be missing), or `undefined` when missing. */
export type Value = Typed | readonly (Typed | undefined)[] | undefined;

export function readValue(field: Field, raw: DocumentValue | undefined): Value {
  if (raw === null || raw === undefined) return undefined;
  if (field.path !== undefined || field.family === 'json')
    return typeof raw === 'string' ? readPath(field, readJson(raw)) : undefined;
  if (typeof raw !== 'string')
    return field.array ? raw.map((item) => (item === null ? undefined : readText(field, item))) : undefined;
  return field.array ? undefined : readText(field, raw);
}

function readText(field: Field, text: string): Typed | undefined {
  switch (field.family) {
    case 'text':
      return { family: 'text', value: text, ...(field.citext === undefined ? {} : { caseless: true }) };
    case 'uuid':
      return { family: 'uuid', value: text };
    case 'boolean':
      return { family: 'boolean', value: text === 'true' || text === 't' };
    case 'number': {
      const value = parseDecimal(text);
      return value === undefined ? undefined : { family: 'number', value };
    }
    case 'date':
      return { family: 'date', value: readDay(text) };
    case 'instant':
      return { family: 'instant', value: readInstant(text) };
    default:
      return { family: 'opaque', value: { empty: false } };
  }
}

function readPath(field: Field, json: JsonValue): Value {
  if (field.family === 'json' || field.family === 'other') {
    if (json.kind === 'null') return undefined;
    const empty =
      (json.kind === 'string' && json.text === '') ||
      (json.kind === 'array' && json.items.length === 0) ||
      (json.kind === 'object' && json.empty);
    return { family: 'opaque', value: { empty } };
  }
  if (!field.array) return readScalar(field, json);
  return json.kind === 'array' ? json.items.map((item) => readScalar(field, item)) : undefined;
}

function readScalar(field: Field, json: JsonValue): Typed | undefined {
  switch (field.family) {
    case 'number': {
      const value = json.kind === 'number' ? parseDecimal(json.text) : undefined;
      return value === undefined || (field.integer && !isWhole(value)) ? undefined : { family: 'number', value };
    }
    case 'boolean':
      return json.kind === 'boolean' ? { family: 'boolean', value: json.value } : undefined;
    default:
      return json.kind === 'string' ? readJsonText(field, json.text) : undefined;
  }
}

function readJsonText(field: Field, text: string): Typed | undefined {
  switch (field.family) {
    case 'text':
      return { family: 'text', value: text };
    case 'uuid': {
      const value = canonicalUuid(text);
      return value === undefined ? undefined : { family: 'uuid', value };
    }
    case 'date': {
      const value = parseDay(text);
      return value === undefined ? undefined : { family: 'date', value };
    }
    case 'instant': {
      const micros = parseInstant(text);
      return micros === undefined ? undefined : { family: 'instant', value: { micros, wall: false } };
    }
    default:
      return undefined;
  }
}

const clockPattern = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(?:([+-])(\d{2})(?::(\d{2}))?(?::(\d{2}))?)?$/;

function readDay(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  const match = /^(\d{4,})-(\d{2})-(\d{2})( BC)?$/.exec(text);
  if (!match) throw new Error('not a date as Postgres prints it');
  const year = Number(match[1]);
  const date: Civil = { year: match[4] ? 1 - year : year, month: Number(match[2]), day: Number(match[3]) };
  return dayNumber(date);
}

/** A `timestamp` or `timestamptz` as Postgres prints it; without an offset it is a wall clock. */
export function readInstant(text: string): Instant {
  if (text === 'infinity') return { micros: everAfter, wall: false };
  if (text === '-infinity') return { micros: everBefore, wall: false };
  const bc = text.endsWith(' BC');
  const [date = '', clock = ''] = (bc ? text.slice(0, -3) : text).split(' ');
  const match = clockPattern.exec(clock);
  if (!match) throw new Error('not an instant as Postgres prints it');
  const days = readDay(bc ? `${date} BC` : date);
  const seconds = Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
  const offset =
    (Number(match[6] ?? 0) * 3600 + Number(match[7] ?? 0) * 60 + Number(match[8] ?? 0)) * (match[5] === '-' ? -1 : 1);
  const micros =
    (BigInt(days) * 86_400n + BigInt(seconds - offset)) * 1_000_000n + BigInt((match[4] ?? '').padEnd(6, '0'));
  return { micros, wall: match[5] === undefined };
}
