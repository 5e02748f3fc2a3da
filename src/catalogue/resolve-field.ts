/** The fields of one table: its readable columns, less the excluded, and what the config names on top of them. */
import type { Field } from './catalogue.ts';
import { isFieldName, type FieldConfig, type PathType } from './config.ts';
import type { FoundTable, Mistakes } from './mistake.ts';
import type { ColumnInfo } from './table-info.ts';
import { tableText } from './table-text.ts';
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
    } else if (given.path === undefined || given.type === undefined) {
      fields.set(name, columnField(owner, name, column));
    } else if (column.base.name !== 'jsonb' || column.base.array) {
      mistakes.add(`\`${whereFields}.${name}\`: a path needs a jsonb column, "${wanted}" is ${column.sqlType}.`);
    } else {
      fields.set(name, pathField(owner, name, column, given.path, given.type));
    }
  }
  return fields;
}

/** The field that a config names as a time, by its name in conditions. */
export function resolveTimeField(
  fields: ReadonlyMap<string, Field>,
  name: string,
  where: string,
  mistakes: Mistakes,
): Field | undefined {
  const field = fields.get(name) ?? [...fields.values()].find((one) => one.column === name && one.path === undefined);
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

function factsOf({ collation, expression }: ColumnInfo): Pick<Field, 'facts'> {
  if (collation === null && expression === null) return {};
  return {
    facts: {
      ...(collation === null ? {} : { collation: `${collation.schema}.${collation.name} ${collation.facts}` }),
      ...(expression === null ? {} : { expression }),
    },
  };
}

function pathField(owner: string, name: string, column: ColumnInfo, path: readonly string[], type: PathType): Field {
  return {
    name,
    owner,
    column: column.name,
    path,
    family: type === 'integer' ? 'number' : type,
    integer: type === 'integer',
    castText: false,
    array: false,
    sqlType: 'jsonb',
    collate: false,
    ...factsOf(column),
  };
}
