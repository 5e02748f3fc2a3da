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
export function offeredFor({ family, array }: { readonly family: Family; readonly array: boolean }): string {
  const opaque = family === 'json' || family === 'other';
  if (array) return opaque ? 'use `is_empty`' : 'use `has_any` or `has_all`, or `is_empty`';
  if (opaque) return 'only `is_empty` and `== null` work on it; declare a typed path in the config for a jsonb value';
  return family === 'text' ? 'use `==`, `in`, `starts_with` or `is_empty`' : 'use `==`, `in` or `is_empty`';
}

export function hintOf(code: string): string {
  return HINTS[code] ?? 'the forms that are accepted are listed in the manual under "Conditions"';
}
