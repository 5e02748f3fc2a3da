/** Sessions of a browser. The cookie holds a random value; Postgres has its hash, so every process of `serve` knows every session. */
import { DEFAULT_SETTINGS } from '../base/option.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { credentialHash, newCredential } from './credential.ts';
import type { AccessRole, KnownPerson, SignInWay } from './person.ts';

/**
 * Begins a session and notes it in the action log. Sessions that have ended are deleted.
 * @param way how the person signed in
 * @param hours until the person signs in again
 * @returns the value of the cookie
 */
export async function beginSession(
  client: Queryable,
  { name, role }: KnownPerson,
  way: SignInWay = 'link',
  hours: number = DEFAULT_SETTINGS.sessionHours,
): Promise<string> {
  const value = newCredential();
  await client.query({
    ...statement('web-session-begin'),
    values: [credentialHash(value), name, role, hours, way],
  });
  return value;
}

/** The person of a session; undefined when it is unknown or has ended. */
export async function personOfSession(client: Queryable, value: string): Promise<KnownPerson | undefined> {
  const { rows } = await client.query<{ name: string; role: AccessRole }>({
    ...statement('web-session-find'),
    values: [credentialHash(value)],
  });
  return rows[0];
}

/** Ends a session and notes it in the action log. Idempotent. */
export async function endSession(client: Queryable, value: string): Promise<void> {
  await client.query({ ...statement('web-session-end'), values: [credentialHash(value)] });
}
