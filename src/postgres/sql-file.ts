/**
 * Loads the SQL that stands in files: `sql/statement/*.sql`, one static parameterised statement each, and
 * `sql/object/*.sql`, repeatable objects. A prepared statement is named by its file and the hash of its text, so that
 * two versions of the code never share a name on one connection.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

export interface ObjectFile {
  readonly name: string;
  readonly text: string;
  readonly hash: string;
  /** Names of the files whose objects this one uses (`-- after: a, b` in its header). */
  readonly after: readonly string[];
  /** Applied at every migrate (`-- always`): it depends on what lies outside the database. */
  readonly always: boolean;
}

const statements = new Map<string, PreparedStatement>();

/** Folder of the Drizzle migrations. */
export const migrationFolder = fileURLToPath(new URL('drizzle', ROOT));

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** `statement('drain/consume')` is `sql/statement/drain/consume.sql`: spread it into `client.query({...}, values)`. */
export function statement(file: string): PreparedStatement {
  const known = statements.get(file);
  if (known) return known;
  const text = readFileSync(new URL(`sql/statement/${file}.sql`, ROOT), 'utf8')
    .trim()
    .replace(/;$/, '');
  const loaded = { name: `${file.slice(-40)}_${hashOf(text)}`, text };
  statements.set(file, loaded);
  return loaded;
}

/**
 * A part of every object's hash. Bodies that Postgres parses when they are made mean what the session's settings say: objects
 * made before sessions were pinned are made again.
 */
const PINNED = 'pinned sessions';

/** All repeatable objects, each behind those it is `after`; otherwise by name. */
export function objectFiles(): readonly ObjectFile[] {
  const folder = new URL('sql/object/', ROOT);
  const files = new Map<string, ObjectFile>();
  for (const entry of readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    const text = readFileSync(new URL(entry, folder), 'utf8');
    const after = /^-- after: (.+)$/m.exec(text)?.[1]?.split(/,\s*/) ?? [];
    const name = entry.slice(0, -'.sql'.length);
    files.set(name, { name, text, hash: hashOf(`${PINNED}\n${text}`), after, always: /^-- always$/m.test(text) });
  }
  const ordered = new Map<string, ObjectFile>();
  const place = (name: string, above: readonly string[]): void => {
    const file = files.get(name);
    if (!file || above.includes(name)) throw new Error(`sql/object: ${[...above, name].join(' after ')}`);
    for (const needed of file.after) if (!ordered.has(needed)) place(needed, [...above, name]);
    ordered.set(name, file);
  };
  for (const name of files.keys()) if (!ordered.has(name)) place(name, []);
  return [...ordered.values()];
}
