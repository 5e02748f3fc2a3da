/**
 * What the text of a column means as a typed value. One table for each way a value arrives: as the text of a column, and
 * as a scalar inside jsonb. Missing is `undefined`: NULL, an absent path, a jsonb value of another type than declared,
 * NaN. Throws on a text that Postgres would not print. Pure.
 */
import type { Family, Field } from '../../catalogue/catalogue.ts';
import { dayNumber, parseDay } from '../civil.ts';
import { isWhole, parseDecimal } from '../decimal.ts';
import { canonicalUuid, parseInstant } from '../literal.ts';
import type { DocumentValue } from './document.ts';
import { everAfter, everBefore, type Instant } from './instant.ts';
import { type JsonValue, readJson } from './json-text.ts';
import { readWritten } from './read-text.ts';
import type { FieldValue, TypedValue } from './typed-value.ts';

/** The value of a field. @throws {Error} on a text that Postgres would not print */
export function readValue(field: Field, raw: DocumentValue | undefined): FieldValue {
  if (raw === null || raw === undefined) return undefined;
  if (field.path !== undefined || field.family === 'json')
    return typeof raw === 'string' ? readJsonValue(field, readJson(raw)) : undefined;
  if (typeof raw !== 'string')
    return field.array ? raw.map((item) => (item === null ? undefined : readText(field, item))) : undefined;
  if (field.split !== undefined) return elementsOf(field, raw, field.split);
  return field.array ? undefined : readText(field, raw);
}

/** Empty text has no element. */
function elementsOf(field: Field, text: string, separator: string): FieldValue {
  return text === '' ? [] : text.split(separator).map((element) => readText(field, element));
}

type Reader<Raw> = (raw: Raw, field: Field) => TypedValue | undefined;

const present: TypedValue = { family: 'opaque', value: { empty: false } };

const textReaders: Readonly<Record<Family, Reader<string>>> = {
  text: (text, { citext }) => ({ family: 'text', value: text, ...(citext === undefined ? {} : { caseless: true }) }),
  uuid: (text) => ({ family: 'uuid', value: text }),
  boolean: (text) => ({ family: 'boolean', value: text === 'true' || text === 't' }),
  number: (text) => readNumber(text),
  date: (text) => ({ family: 'date', value: readDay(text) }),
  instant: (text) => ({ family: 'instant', value: readInstant(text) }),
  json: () => present, // an element of a json[]; a json column is read as JSON
  other: () => present,
};

function readText(field: Field, text: string): TypedValue | undefined {
  if (field.reading !== undefined) return readWritten(field.reading, text);
  return textReaders[field.family](text, field);
}

function readNumber(text: string): TypedValue | undefined {
  const value = parseDecimal(text);
  return value === undefined ? undefined : { family: 'number', value };
}

function readJsonValue(field: Field, json: JsonValue): FieldValue {
  // A field without a comparable type is only present, missing or empty, whatever stands there.
  if (!field.array || field.family === 'json' || field.family === 'other') return readScalar(field, json);
  if (json.kind !== 'array') return undefined;
  return json.items.map((item) => readScalar(field, item)).filter((item) => item !== undefined);
}

const scalarReaders: Readonly<Record<Family, Reader<JsonValue>>> = {
  text: ofString((text) => ({ family: 'text', value: text })),
  uuid: ofString((text) => {
    const value = canonicalUuid(text);
    return value === undefined ? undefined : { family: 'uuid', value };
  }),
  boolean: (json) => (json.kind === 'boolean' ? { family: 'boolean', value: json.value } : undefined),
  number(json, { integer }) {
    const value = json.kind === 'number' ? parseDecimal(json.text) : undefined;
    return value === undefined || (integer && !isWhole(value)) ? undefined : { family: 'number', value };
  },
  date: ofString((text) => {
    const value = parseDay(text);
    return value === undefined ? undefined : { family: 'date', value };
  }),
  instant: ofString((text) => {
    const micros = parseInstant(text);
    return micros === undefined ? undefined : { family: 'instant', value: { micros, wall: false } };
  }),
  json: readOpaque,
  other: readOpaque,
};

function readScalar(field: Field, json: JsonValue): TypedValue | undefined {
  const { reading } = field;
  if (reading !== undefined) return json.kind === 'string' ? readWritten(reading, json.text) : undefined;
  return scalarReaders[field.family](json, field);
}

function ofString(read: (text: string) => TypedValue | undefined): Reader<JsonValue> {
  return (json) => (json.kind === 'string' ? read(json.text) : undefined);
}

function readOpaque(json: JsonValue): TypedValue | undefined {
  if (json.kind === 'null') return undefined;
  const empty =
    (json.kind === 'string' && json.text === '') ||
    (json.kind === 'array' && json.items.length === 0) ||
    (json.kind === 'object' && json.empty);
  return { family: 'opaque', value: { empty } };
}

function readDay(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  const match = /^(\d{4,})-(\d{2})-(\d{2})( BC)?$/.exec(text);
  if (!match) throw new Error('not a date as Postgres prints it');
  const year = Number(match[1]);
  return dayNumber({ year: match[4] ? 1 - year : year, month: Number(match[2]), day: Number(match[3]) });
}

const clockPattern = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(?:([+-])(\d{2})(?::(\d{2}))?(?::(\d{2}))?)?$/;

/** A `timestamp` or `timestamptz` as Postgres prints it. Without an offset it is a wall clock. */
function readInstant(text: string): Instant {
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
