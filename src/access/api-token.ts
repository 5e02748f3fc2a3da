/** Tokens for programs: a name, a role, an end. The token itself is shown once; Postgres has its hash. */
import { Failure, sqlState, UNIQUE_VIOLATION } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { credentialHash, newCredential } from './credential.ts';
import type { AccessRole, KnownPerson } from './person.ts';

const PREFIX = 'sgd_';
export interface ApiToken {
  readonly name: string;
  readonly role: AccessRole;
  /** The person who made it, where known; else the database role. */
  readonly createdBy: string;
  readonly databaseRole: string;
  /** ISO 8601 with microseconds, UTC; so are the others. */
  readonly createdAt: string;
  /** Null: it has no end. */
  readonly expiresAt: string | null;
  /** To the minute; null: never. */
  readonly usedAt: string | null;
}

export interface NewApiToken {
  /** What the program is. */
  readonly name: string;
  readonly role: AccessRole;
  /** Days from now; absent: no end. */
  readonly days?: number;
}

interface TokenRow {
  name: string;
  role: AccessRole;
  created_by: string;
  database_role: string;
  created_at: string;
  expires_at: string | null;
  used_at: string | null;
}

/** @returns the token, which is not stored and cannot be read again @throws {Failure} `conflict` for a name in use */
export async function addToken(client: Queryable, { name, role, days }: NewApiToken): Promise<string> {
  const token = newCredential(PREFIX);
  try {
    await client.query({ ...statement('api-token-add'), values: [name, credentialHash(token), role, days ?? null] });
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
    throw new Failure(
      'conflict',
      `There is a token ${JSON.stringify(name)} already. Remove it first, or choose another name.`,
    );
  }
  return token;
}

/** In order of their names. Those that ended stay listed until they are removed. */
export async function listTokens(client: Queryable): Promise<readonly ApiToken[]> {
  const { rows } = await client.query<TokenRow>(statement('api-token-list'));
  return rows.map((row) => ({
    name: row.name,
    role: row.role,
    createdBy: row.created_by,
    databaseRole: row.database_role,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  }));
}

/** @throws {Failure} `not-found` */
export async function removeToken(client: Queryable, name: string): Promise<void> {
  const { rowCount } = await client.query({ ...statement('api-token-remove'), values: [name] });
  if (rowCount === 0) throw new Failure('not-found', `There is no token ${JSON.stringify(name)}.`);
}

/** The person that a token lets in; undefined when it is unknown or has ended. */
export async function personOfToken(client: Queryable, token: string): Promise<KnownPerson | undefined> {
  if (!token.startsWith(PREFIX)) return undefined;
  const { rows } = await client.query<{ name: string; role: AccessRole }>({
    ...statement('api-token-find'),
    values: [credentialHash(token)],
  });
  return rows[0];
}
