/** The fields of one table: its readable columns, less the excluded, and what the config names on top of them. */
import type { Field, FieldAbout } from './catalogue.ts';
import { isFieldName, type FieldConfig, type PathType } from './config.ts';
import { looksPersonal, looksSecret } from './guess-personal.ts';
import { describedBy, labelsOf } from './label.ts';
import type { FoundTable, Mistakes } from './mistake.ts';
import type { ColumnInfo } from './table-info.ts';
import { tableText } from './table-text.ts';
import { isReadFamily, readingOf, type ReadFamily } from './text-reading.ts';
import { familyOf } from './type-family.ts';

/** `owner` is `contact` or the relation's name; `where…` are what messages call the two parts of the config. */
export function resolveFields(
  owner: string,
  found: FoundTable,
  extra: Readonly<Record<string, FieldConfig>>,
  exclude: readonly string[],
  whereFields: string,
  whereExclude: string,
  mistakes: Mistakes,
): ReadonlyMap<string, Field> {
  const names = found.info.columns.map((column) => column.name);
  const out = new Set(exclude);
  for (const name of exclude) {
    if (!found.column(name))
      mistakes.add(
        `\`${whereExclude}\`: ${tableText(found.table)} has no column "${name}"${mistakes.hint(name, names)}.`,
      );
  }
  const fields = new Map<string, Field>();
  for (const column of found.info.columns) {
    if (!out.has(column.name) && column.readable && isFieldName(column.name))
      fields.set(column.name, columnField(owner, column.name, column));
  }
  for (const [name, given] of Object.entries(extra)) {
    const wanted = given.column ?? name;
    const column = found.column(wanted);
    if (!column) {
      mistakes.add(
        `\`${whereFields}.${name}\`: ${tableText(found.table)} has no column "${wanted}"${mistakes.hint(wanted, names)}.`,
      );
    } else if (!column.readable) {
      mistakes.addPermission(
        `\`${whereFields}.${name}\`: this role may not read the column "${wanted}" of ${tableText(found.table)}.`,
      );
    } else if (given.split !== undefined || (given.path === undefined && isReadFamily(given.type))) {
      if (isText(column)) fields.set(name, textField(owner, name, column, given));
      else
        mistakes.add(
          `\`${whereFields}.${name}\`: only a text column is ${given.split === undefined ? `read as ${given.type}` : 'split'}, "${wanted}" is ${column.sqlType}.`,
        );
    } else if (given.path === undefined || given.type === undefined) {
      fields.set(name, columnField(owner, name, column));
    } else if (column.base.name !== 'jsonb' || column.base.array) {
      mistakes.add(`\`${whereFields}.${name}\`: a path needs a jsonb column, "${wanted}" is ${column.sqlType}.`);
    } else {
      fields.set(name, pathField(owner, name, column, given.path, given.type, given.format));
    }
  }
  return withAbout(owner, fields, found, extra);
}

/** Labels are made of all fields of a table together: no two may be equal. */
function withAbout(
  owner: string,
  fields: ReadonlyMap<string, Field>,
  found: FoundTable,
  extra: Readonly<Record<string, FieldConfig>>,
): ReadonlyMap<string, Field> {
  const given = (name: string): FieldConfig => (Object.hasOwn(extra, name) ? (extra[name] ?? {}) : {});
  const commentOf = ({ column: of, path }: Field): string | null =>
    path === undefined ? (found.column(of)?.comment ?? null) : null;
  const labels = labelsOf(
    [...fields.values()].map((field) => ({
      name: field.name,
      label: given(field.name).label,
      comment: commentOf(field),
      path: field.path,
    })),
  );
  return new Map(
    [...fields].map(([name, field]) => {
      const label = labels.get(name) ?? name;
      const { labels: values } = given(name);
      const about: FieldAbout = {
        label,
        ...describedBy(commentOf(field), label),
        nullable:
          field.path !== undefined || field.reading !== undefined || found.column(field.column)?.notNull !== true,
        personal: looksSecret(name) || [name, field.column].some((one) => looksPersonal(one, field.family, owner)),
        ...(values === undefined ? {} : { values }),
      };
      return [name, { ...field, about }];
    }),
  );
}

/** The field that a config names as a time, by its name in conditions. */
export function resolveTimeField(
  fields: ReadonlyMap<string, Field>,
  name: string,
  where: string,
  mistakes: Mistakes,
): Field | undefined {
  const field =
    fields.get(name) ??
    [...fields.values()].find(
      (one) => one.column === name && one.path === undefined && one.reading === undefined && one.split === undefined,
    );
  if (!field) return mistakes.add(`\`${where}\`: there is no field "${name}"${mistakes.hint(name, fields.keys())}.`);
  if (field.array || (field.family !== 'instant' && field.family !== 'date')) {
    return mistakes.add(`\`${where}\`: "${name}" is ${field.sqlType}, not a date or timestamp.`);
  }
  return field;
}

function columnField(owner: string, name: string, column: ColumnInfo): Field {
  return {
    name,
    owner,
    column: column.name,
    ...familyOf(column.base),
    array: column.base.array,
    sqlType: column.sqlType,
    collate: column.collation !== null && !column.collation.deterministic,
    ...(column.domainElements ? { castArray: true } : {}),
    ...(column.labels === null ? {} : { labels: column.labels }),
    ...factsOf(column),
  };
}

/** Neither an array nor an enum, whose labels are no free text. */
function isText(column: ColumnInfo): boolean {
  return !column.base.array && column.labels === null && familyOf(column.base).family === 'text';
}

function textField(
  owner: string,
  name: string,
  column: ColumnInfo,
  { type, format, split }: Pick<FieldConfig, 'type' | 'format' | 'split'>,
): Field {
  const { citext: _, ...plain } = columnField(owner, name, column);
  if (split !== undefined) return { ...plain, array: true, castText: false, split };
  return isReadFamily(type) ? { ...plain, family: type, castText: false, ...read(type, format) } : plain;
}

function read(family: ReadFamily, format: string | undefined): Pick<Field, 'reading'> {
  const reading = readingOf(family, format);
  return reading === undefined ? {} : { reading };
}

function factsOf({ collation, expression }: ColumnInfo): Pick<Field, 'facts'> {
  if (collation === null && expression === null) return {};
  return {
    facts: {
      ...(collation === null ? {} : { collation: `${collation.schema}.${collation.name} ${collation.facts}` }),
      ...(expression === null ? {} : { expression }),
    },
  };
}

function typeOfPath(type: PathType): Pick<Field, 'family' | 'integer' | 'array'> {
  switch (type) {
    case 'text[]':
      return { family: 'text', integer: false, array: true };
    case 'number[]':
      return { family: 'number', integer: false, array: true };
    case 'integer':
      return { family: 'number', integer: true, array: false };
    default:
      return { family: type, integer: false, array: false };
  }
}

function pathField(
  owner: string,
  name: string,
  column: ColumnInfo,
  path: readonly string[],
  type: PathType,
  format?: string,
): Field {
  return {
    name,
    owner,
    column: column.name,
    path,
    ...typeOfPath(type),
    castText: false,
    sqlType: 'jsonb',
    collate: false,
    ...(format !== undefined && isReadFamily(type) ? read(type, format) : {}),
    ...factsOf(column),
  };
}
