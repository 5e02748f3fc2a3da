/**
 * The `.env` beside the config file. It gives the variables that the environment does not set, and never replaces one. Only the
 * command line reads it: a program that uses the library has an environment of its own.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { codeOf, Failure } from '../base/error.ts';
import type { EnvFile } from '../base/option.ts';
import { learnPassword, learnSecrets } from '../base/secret.ts';

const NAMES = ['DATABASE_URL', 'REDIS_URL'] as const;
const PASSWORDS = ['PGPASSWORD', 'REDISCLI_AUTH'] as const;

/** Undefined when there is none. @throws {Failure} `usage` when it cannot be read */
export async function readEnvFile(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<EnvFile | undefined> {
  const path = join(folder, '.env');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    // A folder of that name is an environment of Python.
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    // What it may hold is set, so nothing depends on it.
    if (environment['DATABASE_URL'] !== undefined) return undefined;
    throw new Failure('usage', `${path} cannot be read (${codeOf(error)}): make it readable, or set DATABASE_URL.`);
  }
  const given: Readonly<Record<string, string | undefined>> = parseEnv(text);
  for (const name of NAMES) learnSecrets(given[name] ?? '');
  for (const name of PASSWORDS) learnPassword(given[name] ?? '');
  const values = Object.fromEntries(Object.entries(given).filter(([name]) => environment[name] === undefined));
  return { path, values };
}
