/**
 * The shape of the config file, and nothing about the database (that is resolve-catalogue.ts). Every mistake becomes one
 * sentence that names where it stands; unknown keys are rejected, because a mistyped `exclude` would capture too much.
 */
import {
  all,
  either,
  listOf,
  objectOf,
  passing,
  recordOf,
  type Fields,
  type Mistake,
  type Path,
  type Shape,
} from '../base/value-shape.ts';
import { didYouMean } from '../base/suggest.ts';
import { RANKS } from './catalogue.ts';
import {
  CAPTURE_SETTINGS,
  displayName,
  isFieldName,
  PATH_TYPES,
  VISIBILITIES,
  type Config,
  type ConfigInput,
  type DisplayConfig,
  type FieldConfig,
  type HolderOf,
  type RelationConfig,
} from './config.ts';
import { MOST_RANKS, RANK_SHAPES, type RankConfig } from './rank-config.ts';
import { DATE_FORMATS, isReadFamily, READ_FAMILIES, readingOf, TIME_FORMATS } from './text-reading.ts';

const MAPPING = 'must be a mapping of names to values';
const text = passing((value) => typeof value === 'string', 'must be text');
const name = all(
  text,
  passing((value) => value !== '', 'must not be empty'),
  passing((value) => !String(value).includes('\0'), 'must not hold NUL'),
);
const capture = passing(
  (value) => (CAPTURE_SETTINGS as readonly unknown[]).includes(value),
  `must be one of ${CAPTURE_SETTINGS.join(', ')}`,
);
const fieldName = passing((value) => isFieldName(String(value)), 'is not a name that conditions can use');
const relationName = all(
  fieldName,
  passing((value) => value !== 'contact', 'is kept for the contact itself'),
);
const step = passing(
  (value) => typeof value === 'string' || Number.isSafeInteger(value),
  'must be text or a whole number',
);
const path = all(
  listOf(step, 'must be a list'),
  passing((value) => Array.isArray(value) && value.length > 0, 'must not be empty'),
  passing((value) => Array.isArray(value) && value.length <= 20, 'has more than 20 steps'),
);
const columns = listOf(name, 'must be a list');
const LONGEST_LABEL = 100;
const LONGEST_SEPARATOR = 10;
const label = all(
  text,
  passing(
    (value) => /^\S(?:.*\S)?$/u.test(String(value)) && !/[\p{C}\p{Zl}\p{Zp}]/u.test(String(value)),
    'must be one line without spaces at its ends',
  ),
  passing((value) => String(value).length <= LONGEST_LABEL, `has more than ${LONGEST_LABEL} characters`),
);
const MOST_DISPLAYED = 20;
const display = all(
  listOf(
    either(
      [
        all(text, name),
        all(
          recordOf(
            name,
            passing((value) => VISIBILITIES.some((one) => one === value), ''),
            '',
          ),
          passing((value) => Object.keys(value as object).length === 1, ''),
        ),
      ],
      'must be the name of a field, or { name: masked }',
    ),
    'must be a list',
  ),
  passing((value) => (value as readonly unknown[]).length <= MOST_DISPLAYED, `has more than ${MOST_DISPLAYED} columns`),
  passing((value) => hasNoDouble((value as readonly DisplayConfig[]).map(displayName)), 'names a column twice'),
);

function mapping<T>(fields: Fields<T>, required: readonly (keyof T & string)[] = []): Shape {
  return objectOf<T>(fields, {
    required,
    message: MAPPING,
    unknownField(given, known) {
      const hint = didYouMean(given, known);
      return `is not known here${hint === undefined ? '' : ` (${hint})`}`;
    },
  });
}

function hasNoDouble(list: readonly string[]): boolean {
  return new Set(list.map((one) => one.toLowerCase())).size === list.length;
}

/** No two of them may have one label: a sentence could mean either. */
function labelledApart(message: string, of = (given: object): object => given): Shape {
  const labelOf = (one: unknown): string | undefined => (one as { readonly label?: string }).label;
  return together(
    (given) =>
      hasNoDouble(
        Object.values(of(given))
          .map(labelOf)
          .filter((one) => one !== undefined),
      ),
    message,
  );
}

/** What holds for an object as a whole, once each of its fields is right. */
function together(test: (value: Readonly<Record<string, unknown>>) => boolean, message: string): Shape {
  return passing((value) => test(value as Readonly<Record<string, unknown>>), message);
}

const field = all(
  mapping<FieldConfig>({
    label,
    labels: all(
      recordOf(() => [], label, MAPPING),
      together((given) => hasNoDouble(Object.values(given).map(String)), 'has one label for two values'),
      together(
        (given) =>
          Object.values(given).every((one) => !Object.hasOwn(given, String(one)) || given[String(one)] === one),
        'has a label that is another value',
      ),
    ),
    column: name,
    path,
    type: passing((value) => PATH_TYPES.some((type) => type === value), `must be one of ${PATH_TYPES.join(', ')}`),
    format: text,
    split: all(
      name,
      passing(
        (value) => Array.from(String(value)).length <= LONGEST_SEPARATOR,
        `has more than ${LONGEST_SEPARATOR} characters`,
      ),
    ),
  }),
  together(
    (given) => given.path === undefined || given.type !== undefined,
    'needs both `path` and `type` for a value inside jsonb',
  ),
  together(
    ({ path: steps, type }) => steps !== undefined || type === undefined || isReadFamily(type),
    `needs a \`path\` into jsonb for that type: a text column is read as ${READ_FAMILIES.join(', ')}`,
  ),
  together(
    ({ split, path: steps, type }) => split === undefined || (steps === undefined && type === undefined),
    'has `split`, which makes a text column an array of text: `path` and `type` do not go with it',
  ),
  together(
    ({ type, format }) => format === undefined || type === 'date' || type === 'instant',
    'has a `format`, which only the types date and instant have',
  ),
  together(
    ({ type, format }) => type !== 'date' || format === undefined || readingOf('date', format) !== undefined,
    `has a \`format\` that is none of a date: ${DATE_FORMATS.join(', ')}`,
  ),
  together(
    ({ type, format }) => type !== 'instant' || format === undefined || readingOf('instant', format) !== undefined,
    `has a \`format\` that is none of an instant: ISO 8601, or ${DATE_FORMATS.join(', ')}, each with ${TIME_FORMATS.join(' or ')} after it`,
  ),
  together(
    (given) => given.path === undefined || given.column !== undefined,
    'needs the jsonb `column` that the path leads into',
  ),
);
const fields = all(recordOf(fieldName, field, MAPPING), labelledApart('has one label for two fields'));

const contacts = mapping<Config['contacts']>(
  { table: name, label, key: name, created: name, where: () => [], display, exclude: columns, fields, capture },
  ['table'],
);

const relation = all(
  mapping<RelationConfig>(
    {
      table: name,
      label,
      contact: name,
      through: name,
      on: all(
        recordOf(name, name, MAPPING),
        together(
          (pairs) => Object.keys(pairs).length === 1,
          'needs exactly one pair { own column: column of the other table }',
        ),
      ),
      where: () => [],
      time: name,
      exclude: columns,
      fields,
      capture,
    },
    ['table'],
  ),
  together(
    (given) => (given.contact === undefined) !== (given.on === undefined),
    "needs either `contact` (its column with the contact's key) or `on: { own column: column of the contact, or of the relation under `through` }`",
  ),
  together(
    (given) => given.through === undefined || given.on !== undefined,
    'needs `on: { own column: column of the other table }` together with `through`',
  ),
);

const rank = mapping<RankConfig>({ label, ...RANK_SHAPES }, ['by']);

const config = all(
  mapping<ConfigInput>(
    {
      contacts,
      fields,
      relations: all(recordOf(relationName, relation, MAPPING), labelledApart('has one label for two relations')),
      ranks: all(recordOf(fieldName, rank, MAPPING), labelledApart('has one label for two ranks')),
      timezone: name,
      timestamps: name,
      settings: recordOf(
        () => [],
        () => [],
        MAPPING,
      ),
    },
    ['contacts'],
  ),
  together(
    ({ ranks, relations }) => ranks === undefined || !hasName(relations, RANKS),
    `has \`ranks\` and a relation of the name ${RANKS}: give the relation another name`,
  ),
  labelledApart('has one label for two fields of the contacts', (given) => {
    const { fields: own, contacts: of } = given as ConfigInput;
    return { ...own, ...of.fields };
  }),
);

/** Fields that a config may name in all, and relations. A config far beyond was generated by mistake, and resolving it takes minutes. */
export const MOST_FIELDS = 2_000;
export const MOST_RELATIONS = 100;

/** Returns the config, or every mistake as a sentence. */
export function checkConfig(json: unknown): { readonly config: Config } | { readonly mistakes: readonly string[] } {
  if (json === null || json === undefined) return { mistakes: ['The file is empty.'] };
  const over = limitMistake(json);
  if (over !== undefined) return { mistakes: [over] };
  const mistakes = config(json, []);
  return mistakes.length === 0 ? { config: filled(json as ConfigInput) } : { mistakes: mistakes.map(sentence) };
}

/** Counts before the shape is checked: otherwise each of 100,000 wrong entries would be a mistake of its own. */
function limitMistake(json: unknown): string | undefined {
  const relations = valuesUnder(json, 'relations');
  if (relations.length > MOST_RELATIONS)
    return `It has ${count(relations.length)} relations; at most ${count(MOST_RELATIONS)} are possible.`;
  const ranks = valuesUnder(json, RANKS);
  if (ranks.length > MOST_RANKS)
    return `It has ${count(ranks.length)} ranks; at most ${count(MOST_RANKS)} are possible.`;
  const holders = [json, ...valuesUnder(json, 'contacts', true), ...relations];
  const fields = holders.reduce<number>(
    (sum, holder) => sum + valuesUnder(holder, 'fields').length + valuesUnder(holder, 'exclude').length,
    0,
  );
  return fields > MOST_FIELDS
    ? `It names ${count(fields)} fields and excluded columns; at most ${count(MOST_FIELDS)} are possible.`
    : undefined;
}

function hasName(holder: unknown, name: string): boolean {
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name);
}

/** What stands under a key, value by value; with `whole`, the value itself. */
function valuesUnder(holder: unknown, key: string, whole = false): readonly unknown[] {
  if (typeof holder !== 'object' || holder === null) return [];
  const value: unknown = Object.entries(holder).find(([name]) => name === key)?.[1];
  if (typeof value !== 'object' || value === null) return [];
  return whole ? [value] : Object.values(value);
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** With the defaults, and each step of a path as the text that Postgres gets. A copy: the caller may change its object. */
function filled(given: ConfigInput): Config {
  const { contacts: own, relations, timezone = 'UTC', timestamps = 'UTC' } = given;
  const holder = <T extends HolderOf<string | number>>(one: T) => ({ ...one, ...withTextSteps(one.fields) });
  return {
    ...given,
    contacts: holder(own),
    ...withTextSteps(given.fields),
    ...(relations === undefined ? {} : { relations: mapped(relations, holder) }),
    timezone,
    timestamps,
  } as Config;
}

function withTextSteps(given: HolderOf<string | number>['fields']): Pick<HolderOf<string>, 'fields'> {
  if (given === undefined) return {};
  return {
    fields: mapped(given, ({ path: steps, ...rest }) =>
      steps === undefined ? rest : { ...rest, path: steps.map(String) },
    ),
  };
}

function mapped<A, B>(given: Readonly<Record<string, A>>, change: (value: A) => B): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, change(value)]));
}

function sentence({ path: place, message, given }: Mistake): string {
  const said = given === undefined && message.startsWith('must be') ? 'is missing' : message;
  return `\`${pathText(place)}\` ${said}.`;
}

function pathText(place: Path): string {
  return place.length === 0 ? 'the file' : place.map(String).join('.');
}
