/**
 * Loads the SQL files: `sql/statement/*.sql`, one static parameterised statement each, and `sql/object/*.sql`,
 * repeatable objects. The name of a prepared statement is its file and the hash of its text, so two versions of the
 * code never share a name on one connection.
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
  /** Whether every migrate applies it (`-- always`): it depends on what lies outside the database. */
  readonly always: boolean;
}

const statements = new Map<string, PreparedStatement>();

/** Folder of the Drizzle migrations. */
export const migrationFolder = fileURLToPath(new URL('drizzle', ROOT));

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * `statement('find-work')` loads `sql/statement/find-work.sql`. Use it as `client.query({ ...statement('find-work'),
 * values })`.
 */
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
 * A part of every object's hash. Postgres parses some bodies when it creates them, with the session's settings. Objects
 * that were created before sessions were pinned are therefore created again.
 */
const PINNED = 'pinned sessions';

/** All repeatable objects by name, except that each follows those it is `after`. */
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
