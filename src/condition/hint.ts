/** The hint of each kind of issue, for an issue that brings no hint of its own: every issue has one. */
import type { Family } from '../catalogue/catalogue.ts';

const HINTS: Readonly<Record<string, string>> = {
  'computed-name': 'write {"var": "name"}',
  'forbidden-name': 'give the field another name under `fields` in the config file',
  'lone-surrogate': 'take it out, or write the whole character',
  'more-issues': 'fix those that are listed and try again',
  nul: 'take it out',
  'out-of-range': 'write a number in that range',
  'text-too-long': 'compare with less text, or use `starts_with`',
  'too-large': 'split it into segments and use `in_segment`, or load a long list into a static segment',
  'too-many-digits': 'write fewer digits',
  'unknown-field': 'fields are the columns of the table, and what the config file has under `fields`',
  'unknown-operator': 'the operators are listed in the manual under "Conditions"',
  'unknown-relation': 'relations are those that the config file has under `relations`',
  'unknown-segment': 'create it first, or in the same transaction',
  'unknown-unit': 'write one of these',
  withheld: 'run `segmentd doctor`: it says what to do',
  'wrong-type': 'compare it with a value of its own type, or use an operator or a field that fits',
};

/** What to use for a value of that type. A test runs each proposal through the checker. */
export function offeredFor(type: {
  readonly family: Family;
  readonly array: boolean;
  readonly sqlType?: string;
  readonly column?: string;
}): string {
  const { family, array } = type;
  const opaque = family === 'json' || family === 'other';
  if (array) return opaque ? 'use `is_empty`' : 'use `has_any` or `has_all`, or `is_empty`';
  if (opaque) return `only \`is_empty\` and \`== null\` work on it; ${comparableInstead(type)}`;
  return family === 'text' ? 'use `==`, `in`, `starts_with` or `is_empty`' : 'use `==`, `in` or `is_empty`';
}

/** A type of Postgres that is not compared: what to make of it. `x` is the column; the expression of a generated column is immutable. */
const INSTEAD: readonly { readonly type: RegExp; readonly of: string; readonly as: string }[] = [
  { type: /^(inet|cidr)$/, of: 'text', as: 'host(x)' },
  {
    type: /^time without time zone|^time with time zone/,
    of: 'integer',
    as: 'extract(hour from x) * 60 + extract(minute from x)',
  },
  { type: /^interval/, of: 'numeric', as: 'extract(epoch from x)' },
  { type: /^int[48](multi)?range$|^nummultirange$|^numrange$/, of: 'numeric', as: 'lower(x)' },
  { type: /^date(multi)?range$/, of: 'date', as: 'lower(x)' },
  { type: /^tstz(multi)?range$/, of: 'timestamptz', as: 'lower(x)' },
  { type: /^ts(multi)?range$/, of: 'timestamp', as: 'lower(x)' },
  { type: /(^|\.)hstore$/, of: 'text', as: "x -> 'key'" },
  { type: /^point$/, of: 'double precision', as: 'x[0]' },
  { type: /^bytea$/, of: 'text', as: "encode(x, 'hex')" },
];

/** A generated column that can be compared, or how a value inside jsonb is named. A test makes each of these columns. */
function comparableInstead({
  family,
  sqlType = '',
  column = 'x',
}: {
  readonly family: Family;
  readonly sqlType?: string;
  readonly column?: string;
}): string {
  if (family === 'json') return 'declare a typed path in the config for a jsonb value';
  const quoted = /^[a-z_][a-z0-9_]*$/.test(column) ? column : `"${column.replaceAll('"', '""')}"`;
  // What money is in numbers depends on a setting, so no generated column may hold it.
  if (sqlType === 'money') return `change the type of the column: \`alter column ${quoted} type numeric\``;
  const found = INSTEAD.find(({ type }) => type.test(sqlType));
  const expression = found?.as.replace(/\bx\b/, quoted).replace(/(?<=from )x\b/g, quoted);
  const name = /^\w+$/.test(column) ? `${column}_value` : 'value';
  return found && expression !== undefined
    ? `add a generated column and compare that: \`add column ${name} ${found.of} generated always as (${expression}) stored\``
    : 'add a generated column of text, a number or a time that holds what you ask for, and compare that';
}

export function hintOf(code: string): string {
  return HINTS[code] ?? 'the forms that are accepted are listed in the manual under "Conditions"';
}
