/**
 * The service file of libpq: sections of connection parameters by name. `PGSERVICEFILE` or `~/.pg_service.conf` comes first, then
 * `pg_service.conf` of the machine.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEYWORDS, refuseConninfo, type Conninfo, type Keyword } from '../../base/conninfo-keyword.ts';
import { codeOf, Failure } from '../../base/error.ts';
import { learnPassword } from '../../base/secret.ts';
import { homeOf, type Environment } from './environment.ts';

/** Where psql of Debian and psql as it is built by default look when `PGSYSCONFDIR` is not set. */
const SYSTEM_FOLDERS = ['/etc/postgresql-common', '/etc'];

/** @throws {Failure} `usage` when no file has the service, or the file is not well-formed */
export function readService(name: string, environment: Environment): Conninfo {
  const own = environment['PGSERVICEFILE'] || join(homeOf(environment), '.pg_service.conf');
  const system = environment['PGSYSCONFDIR'] ? [environment['PGSYSCONFDIR']] : SYSTEM_FOLDERS;
  const files = [own, ...system.map((folder) => join(folder, 'pg_service.conf'))];
  for (const file of files) {
    if (!existsSync(file)) continue;
    const found = serviceIn(readText(file), name, file);
    if (found) return found;
  }
  throw new Failure(
    'usage',
    `There is no service ${JSON.stringify(name)} in ${own} (PGSERVICEFILE names another file), nor in the pg_service.conf of this machine.`,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure('usage', `The service file ${file} cannot be read (${codeOf(cause)}).`, { cause });
  }
}

function serviceIn(text: string, name: string, file: string): Conninfo | undefined {
  const given: Partial<Record<Keyword, string>> = {};
  let inside = false;
  let found = false;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const section = /^\[(.*)\]$/.exec(line);
    if (section) {
      if (found) break;
      inside = section[1] === name;
      found ||= inside;
      continue;
    }
    if (!inside) continue;
    const [, key = '', value = ''] = /^([a-z_]+)=(.*)$/.exec(line) ?? [];
    const keyword = KEYWORDS.find((known) => known === key);
    if (keyword === undefined || keyword === 'service')
      throw new Failure(
        'usage',
        `Line ${index + 1} of the service file ${file} is not a parameter of a connection: write name=value without spaces around the sign.`,
      );
    if (value !== '') given[keyword] ??= value;
  }
  if (!found) return undefined;
  learnPassword(given.password ?? '');
  try {
    refuseConninfo(given);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('usage', `The service ${JSON.stringify(name)} of ${file} ${error.message}.`);
  }
  return given;
}
