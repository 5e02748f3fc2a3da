/**
 * What to write in place of a name that is no field: names like it, a path into jsonb that the config can add, the relation
 * that has it, or the names that there are. Returns hints; check-name.ts reports them.
 */
import { nearest } from '../../base/suggest.ts';
import type { Family, Field, Relation } from '../../catalogue/catalogue.ts';

/** So many names are listed whole; of more, these are the first. */
const FEW = 5;
const MOST_PROPOSED = 3;
/** A shorter name is in too many others by chance. */
const SHORTEST_PART = 3;

/** @param others names that are no fields but may be meant, such as relations; @param relation whose rows carry the fields */
export function fieldHint(
  name: string,
  fields: ReadonlyMap<string, Field>,
  others: Iterable<string> = [],
  relation?: Relation,
): string {
  return (
    pathHint(name, fields, relation) ?? proposal(name, [...fields.keys(), ...others]) ?? listed([...fields.keys()])
  );
}

/** ``did you mean `a` or `b`?``, or nothing when no name is like this one. */
export function proposal(name: string, candidates: readonly string[]): string | undefined {
  const found = similar(name, candidates);
  return found.length === 0 ? undefined : `did you mean ${listOf(found, 'or')}?`;
}

/** Names of which one has all words of the other; else the nearest spelling; else names of which one is a part of the other. */
function similar(name: string, candidates: readonly string[]): readonly string[] {
  const words = wordsOf(name);
  const sharing = candidates
    .map((candidate) => ({ candidate, own: wordsOf(candidate) }))
    .filter(({ candidate, own }) => includes(own, words) || (candidate.length >= SHORTEST_PART && includes(words, own)))
    .toSorted((a, b) => distance(a.own, words) - distance(b.own, words))
    .map(({ candidate }) => candidate);
  const slip = nearest(name, candidates, 1) ?? (sharing.length === 0 ? nearest(name, candidates) : undefined);
  const found = [...new Set([...(slip === undefined ? [] : [slip]), ...sharing])];
  const whole = name.toLowerCase();
  const parts = found.length > 0 ? found : candidates.filter((candidate) => isPart(candidate.toLowerCase(), whole));
  return parts.slice(0, MOST_PROPOSED);
}

/** `countryCode`, `country_code` and `country.code` are the same words. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function includes(words: readonly string[], part: readonly string[]): boolean {
  return part.length > 0 && ` ${words.join(' ')} `.includes(` ${part.join(' ')} `);
}

function distance(a: readonly string[], b: readonly string[]): number {
  return Math.abs(a.length - b.length);
}

function isPart(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= SHORTEST_PART && long.includes(short);
}

/** For `profile.plan` where `profile` is jsonb: a declared path that is near, and what the config needs. */
function pathHint(name: string, fields: ReadonlyMap<string, Field>, relation?: Relation): string | undefined {
  const [head = '', ...path] = name.split('.');
  const column = fields.get(head);
  if (column?.sqlType !== 'jsonb' || column.path || path.length === 0) return undefined;
  const declared = [...fields.keys()].filter((key) => key.startsWith(`${head}.`));
  const near = nearest(
    path.join('.'),
    declared.map((key) => key.slice(head.length + 1)),
  );
  // Only names that are plain words of YAML are written as a line to copy.
  const line = /^\p{L}[\p{L}\p{N}_-]*(\.[\p{L}\p{N}_-]+)+$/u.test(name)
    ? `\`fields: { ${name}: { column: ${yamlWord(column.column)}, path: [${path.map(yamlWord).join(', ')}], type: text } }\``
    : 'a line under `fields`';
  const where = relation ? ` under \`relations.${relation.name}\`` : '';
  const add = `\`${head}\` is jsonb; add its path to the config: ${line}${where}, then run \`segmentd install\``;
  return near === undefined ? add : `did you mean \`${head}.${near}\`? Otherwise ${add}`;
}

/** As YAML reads it back as this text: `null` and `7` would not be text. */
function yamlWord(text: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

function listed(names: readonly string[]): string {
  if (names.length === 0 || names.length > FEW) return '`segmentd fields` lists the fields';
  return names.length === 1 ? `its only field is \`${names[0]}\`` : `the fields are ${listOf(names, 'and')}`;
}

function listOf(names: readonly string[], word: 'and' | 'or'): string {
  const quoted = names.map((name) => `\`${name}\``);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} ${word} ${last}`;
}

/** `id, customer_id, state, …` */
export function firstNames(names: readonly string[]): string {
  return [...names.slice(0, FEW), ...(names.length > FEW ? ['…'] : [])].join(', ');
}

/** A value that a field of the family is compared with; nothing where it is not compared. */
const EXAMPLES = {
  text: 'text',
  number: 1,
  boolean: true,
  date: '2026-01-31',
  instant: '2026-01-31T10:00:00Z',
  uuid: '00000000-0000-4000-8000-000000000000',
  json: undefined,
  other: undefined,
} as const satisfies Record<Family, string | number | boolean | undefined>;

/** A condition that asks for a row of the relation with a value of this field. A test runs each through the checker. */
export function exampleOf(relation: Relation, field: Field): string {
  const value = field.labels?.[0] ?? EXAMPLES[field.family];
  const name = `{"var": ${JSON.stringify(field.name)}}`;
  const inner =
    field.array || value === undefined
      ? `{"!": [{"is_empty": [${name}]}]}`
      : `{"==": [${name}, ${JSON.stringify(value)}]}`;
  return `\`{"some": [{"var": ${JSON.stringify(relation.name)}}, ${inner}]}\``;
}
