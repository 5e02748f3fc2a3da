/**
 * `segmentd init`: a first config file from what the database says of itself. It reads the database and composes the parts: the tables, the links
 * between them, the contacts table that is named or guessed, and the proposal. A person reads the result; nothing of it is used unseen.
 */
import { readForeignKeys } from './foreign-key.ts';
import { guessContacts, guessKey, readNamedTable } from './guess-contacts.ts';
import { propose } from './propose.ts';
import type { Proposal } from './proposal.ts';
import { proposalText } from './proposal-text.ts';
import { surveyTables } from './survey.ts';
import type { Database } from './table-info.ts';
import { linkTables } from './table-link.ts';

export interface IntrospectOptions {
  /** The contacts table as written in SQL; default: guessed. */
  readonly contacts?: string;
}

export interface Introspection extends Proposal {
  /** The text of a segmentd.yaml. */
  readonly yaml: string;
}

/** @throws {Failure} `usage` when there is no contacts table, or several tables could be it */
export async function introspect(database: Database, options: IntrospectOptions = {}): Promise<Introspection> {
  const [tables, keys] = [await surveyTables(database), await readForeignKeys(database)];
  const map = linkTables(tables, keys);
  const { table: info, others } =
    options.contacts === undefined
      ? await guessContacts(database, tables, map.links)
      : { table: await readNamedTable(database, options.contacts), others: [] };
  const key = guessKey(info, map.links, options.contacts === undefined);
  const contacts = tables.find(({ oid }) => oid === info.oid);
  if (!contacts) throw new Error(`${info.name} is not among the tables`);
  const proposal = propose({ contacts, key, tables, map, others });
  return { ...proposal, yaml: proposalText(proposal) };
}
