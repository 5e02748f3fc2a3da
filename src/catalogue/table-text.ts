/**
 * Table names as people write them in the config: like in SQL, `schema.table`, quoted where SQL would need it. Reading
 * folds unquoted names to lower case as Postgres does; writing quotes only where needed. Never used to build SQL.
 */
import type { Table } from './catalogue.ts';

const PART = /"((?:[^"]|"")+)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/y;

/** `schema` is absent for a bare name, which the search path then decides. Undefined when it is not a table's name. */
export function parseTable(text: string): { readonly schema?: string; readonly name: string } | undefined {
  const parts: string[] = [];
  const given = text.trim();
  PART.lastIndex = 0;
  for (let at = 0; ; at += 1) {
    PART.lastIndex = at;
    const match = PART.exec(given);
    if (!match) return undefined;
    const [whole, quoted, plain] = match;
    parts.push(quoted === undefined ? (plain ?? '').toLowerCase() : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (at === given.length) break;
    if (given[at] !== '.') return undefined;
  }
  const [first, second, ...more] = parts;
  if (first === undefined || more.length > 0) return undefined;
  return second === undefined ? { name: first } : { schema: first, name: second };
}

export function tableText(table: Table): string {
  return `${nameText(table.schema)}.${nameText(table.name)}`;
}

function nameText(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
