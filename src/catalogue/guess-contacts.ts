/**
 * Guesses the contacts table, by its name, by columns that only people have, and by the tables that refer to it; and its key. When two tables
 * are about as likely, it asks by listing them. For `segmentd init` only: a person reads the result before it counts.
 */
import { Failure } from '../base/error.ts';
import { nameKey, wordsOf } from './identifier-word.ts';
import { keyRefusal } from './key-type.ts';
import { Mistakes } from './mistake.ts';
import type { SurveyTable } from './survey.ts';
import { listTables, readTables, type Database, type TableInfo } from './table-info.ts';
import type { TableLink } from './table-link.ts';
import { parseTable, tableText } from './table-text.ts';

/** The likeliest first. */
const CONTACT_NAMES = [
  'contact',
  'customer',
  'subscriber',
  'user',
  'person',
  'member',
  'client',
  'buyer',
  'shopper',
  'profile',
  'account',
  'lead',
  'patient',
  'student',
  'guest',
  'visitor',
  'player',
  'donor',
  'recipient',
];
const PERSONAL = [
  'email',
  'email address',
  'e mail',
  'phone',
  'phone number',
  'first name',
  'firstname',
  'last name',
  'lastname',
  'full name',
  'birth date',
  'date of birth',
];
/** Two tables whose scores are nearer than this are about as likely. */
const CLEAR = 12;

export interface ContactsGuess {
  readonly table: TableInfo;
  readonly others: readonly string[];
}

interface Candidate {
  readonly table: SurveyTable;
  readonly score: number;
  readonly referring: number;
}

/** @throws {Failure} `usage` when no table is likely, or several are */
export async function guessContacts(
  database: Database,
  tables: readonly SurveyTable[],
  links: readonly TableLink[],
): Promise<ContactsGuess> {
  const candidates = tables
    .filter((table) => table.refusal === undefined)
    .flatMap((table) => candidate(table, links))
    .sort((a, b) => b.score - a.score);
  const infos = await readTables(
    database,
    candidates.slice(0, 12).map(({ table }) => table),
  );
  const usable = candidates.slice(0, 12).flatMap((one, index) => {
    const info = infos[index];
    return info?.columns.some((column) => keyRefusal(info, column, one.table.text) === undefined)
      ? [{ ...one, info }]
      : [];
  });
  const [best, second] = usable;
  if (!best) {
    // guessKey says why it cannot be.
    const [only] = infos.filter((info) => info !== undefined);
    if (only) return { table: only, others: [] };
    throw new Failure('usage', noCandidate(tables));
  }
  if (second && best.score - second.score < CLEAR)
    throw new Failure('usage', severalCandidates(usable), {
      data: usable.map(({ table, referring }) => ({ table: table.text, rows: table.rows, referring })),
    });
  return { table: best.info, others: usable.slice(1, 6).map(({ table }) => table.text) };
}

function candidate(table: SurveyTable, links: readonly TableLink[]): readonly Candidate[] {
  const words = wordsOf(table.name);
  const whole = CONTACT_NAMES.indexOf(nameKey(words));
  const end = CONTACT_NAMES.indexOf(nameKey(words.slice(-1)));
  const columns = new Set([...table.columns.keys()].map((name) => wordsOf(name).join(' ')));
  const personal = PERSONAL.filter((name) => columns.has(name)).length;
  const referring = new Set(
    links
      .filter(({ parent, child }) => parent.oid === table.oid && child.oid !== table.oid)
      .map(({ child }) => child.oid),
  ).size;
  const named = whole >= 0 ? 100 - whole * 7 : end >= 0 && words.length === 2 && personal > 0 ? 55 - end * 3 : 0;
  if (named <= 0 && !(columns.has('email') && referring > 0 && personal > 1)) return [];
  const score =
    Math.max(0, named) + Math.min(personal, 4) * 8 + Math.min(referring, 12) * 2 + (table.rows === 0 ? -5 : 0);
  return [{ table, score, referring }];
}

function noCandidate(tables: readonly SurveyTable[]): string {
  if (tables.length === 0) return 'This database has no tables.';
  const some = tables
    .slice(0, 8)
    .map(({ text }) => text)
    .join(', ');
  return `No table looks like contacts (there are ${some}${tables.length > 8 ? ', …' : ''}): name it with --contacts.`;
}

function severalCandidates(candidates: readonly Candidate[]): string {
  const [best] = candidates;
  const near = candidates.filter(({ score }) => (best?.score ?? 0) - score < CLEAR * 2).slice(0, 6);
  const list = near.map(({ table, referring }) => {
    const rows = table.rows === null ? '' : `about ${table.rows.toLocaleString('en-US')} rows, `;
    return `${table.text} (${rows}${referring} ${referring === 1 ? 'table refers' : 'tables refer'} to it)`;
  });
  return `Several tables could be the contacts: ${list.join('; ')}. Name one: segmentd init --contacts ${best?.table.text ?? ''}`;
}

export async function readNamedTable(database: Database, text: string): Promise<TableInfo> {
  const table = parseTable(text);
  const [info] = table ? await readTables(database, [table]) : [];
  if (!info) {
    const known = (await listTables(database)).map(tableText);
    throw new Failure(
      'usage',
      `There is no table ${text}${new Mistakes().hint(text.includes('.') ? text : `public.${text}`, known)}.`,
    );
  }
  if (info.kind !== 'r' && info.kind !== 'p')
    throw new Failure(
      'usage',
      `${tableText(info)} is a view or a foreign table, whose changes no trigger sees; name the table beneath it.`,
    );
  return info;
}

/**
 * The primary key, else the column that most links point at of those that a config accepts.
 * @throws {Failure} `usage` when there is none
 */
export function guessKey(contacts: TableInfo, links: readonly TableLink[], guessed: boolean): string {
  const written = tableText(contacts);
  const another = guessed ? ' If the contacts are another table, name it with --contacts.' : '';
  const fit = contacts.columns
    .filter((column) => keyRefusal(contacts, column, written) === undefined)
    .map((column) => column.name);
  const [primary, ...more] = contacts.primaryKey ?? [];
  if (primary !== undefined && more.length === 0 && fit.includes(primary)) return primary;
  const pointed = (name: string): number =>
    links.filter(({ parent, target }) => parent.oid === contacts.oid && target === name).length;
  const [best] = fit.toSorted((a, b) => pointed(b) - pointed(a));
  if (best !== undefined) return best;
  if (primary === undefined)
    throw new Failure(
      'usage',
      `${written} has no primary key, and no other unique, not null column that could be one: segmentd needs one column that identifies a contact.${another}`,
    );
  if (more.length > 0)
    throw new Failure(
      'usage',
      `The primary key of ${written} is composite (${[primary, ...more].join(', ')}); segmentd needs one column that identifies a contact.${another}`,
    );
  const column = contacts.columns.find(({ name }) => name === primary);
  throw new Failure(
    'usage',
    `The key of ${written}, "${primary}", ${column ? keyRefusal(contacts, column, written) : 'cannot be read'}.${another}`,
  );
}
