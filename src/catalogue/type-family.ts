/**
 * What conditions may do with a column, from its Postgres type. Decided by the type underneath domains and array
 * brackets; a type that is not known here still becomes a field, of which one may only ask whether it is empty.
 */
import type { Family } from './catalogue.ts';

/** A type as pg_catalog has it, domains already followed to what they stand on. */
export interface BaseType {
  readonly schema: string;
  /** `pg_type.typname`; of the element where `array`. */
  readonly name: string;
  /** `pg_type.typtype`: b, e, c, r, m, p; of the element where `array`. */
  readonly kind: string;
  readonly array: boolean;
  /** Whether a domain stood above it. */
  readonly domain: boolean;
}

export interface FieldType {
  readonly family: Family;
  readonly integer: boolean;
  readonly castText: boolean;
  readonly citext?: string;
}

const BUILTIN: Readonly<Record<string, Family>> = {
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  name: 'text',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  numeric: 'number',
  float4: 'number',
  float8: 'number',
  bool: 'boolean',
  date: 'date',
  timestamptz: 'instant',
  timestamp: 'instant',
  uuid: 'uuid',
  json: 'json',
  jsonb: 'json',
};

export function familyOf(type: BaseType): FieldType {
  const family = familyName(type);
  if (isCitext(type)) return { family, integer: false, castText: false, citext: type.schema };
  return {
    family,
    integer: family === 'number' && /^int[248]$/.test(type.name),
    castText:
      family === 'text' && (type.domain || !['text', 'varchar'].includes(type.name) || type.schema !== 'pg_catalog'),
  };
}

/** Only a superuser makes base types, so the name is the extension's. */
export function isCitext(type: BaseType): boolean {
  return type.name === 'citext' && type.kind === 'b';
}

function familyName(type: BaseType): Family {
  if (type.kind === 'e') return 'text';
  if (isCitext(type)) return 'text';
  // An array of a domain over an array comes as kind `c`: its elements are no values of the name's type.
  const family = type.schema === 'pg_catalog' && type.kind === 'b' ? (BUILTIN[type.name] ?? 'other') : 'other';
  return type.array && family === 'json' ? 'other' : family;
}
