/** `segmentd.access`: who may come in over HTTP, and who did what. Tokens and sessions are shown once and stored as hashes. */
import type { ApiToken, NewApiToken } from '../access/api-token.ts';
import type { RoleCheck } from '../access/database-role.ts';
import type { ActionEntry, ActionFilter, ReadNote } from '../access/action-log.ts';
import type { KnownPerson, SignInWay } from '../access/person.ts';
import type { Begun, KeptAnswer, RepeatableKey } from '../access/repeatable-request.ts';
import type { Connection } from './connection.ts';
import { ACTION_FILTER, NEW_TOKEN, PERSON, READ_NOTE, SIGN_IN_WAY, REPEATABLE, SESSION_HOURS } from './input-schema.ts';
import { checkInput, text, texts } from './input.ts';

export class AccessApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Adds a token for a program. @returns the token, which cannot be read again @throws {Failure} `conflict` for a name in use */
  async addToken(token: NewApiToken): Promise<string> {
    checkInput(NEW_TOKEN, token, 'A token');
    const { addToken } = await import('../access/api-token.ts');
    return addToken(await this.#connection.pool(), token);
  }

  /** Lists tokens in order of their names, those that have ended included. */
  async listTokens(): Promise<readonly ApiToken[]> {
    const { listTokens } = await import('../access/api-token.ts');
    return listTokens(await this.#connection.pool());
  }

  /** Removes a token: the next request with it is refused. @throws {Failure} `not-found` */
  async removeToken(name: string): Promise<void> {
    checkInput(text, name, 'The name of a token');
    const { removeToken } = await import('../access/api-token.ts');
    await removeToken(await this.#connection.pool(), name);
  }

  /** Returns the person that a token lets in; undefined when it is unknown or has ended. */
  async personOfToken(token: string): Promise<KnownPerson | undefined> {
    checkInput(text, token, 'A token');
    const { personOfToken } = await import('../access/api-token.ts');
    return personOfToken(await this.#connection.pool(), token);
  }

  /**
   * Begins a session of a browser.
   * @param way how the person signed in; default by the printed link
   * @param hours until the person signs in again, 1 to 720; default 12
   * @returns the value of its cookie
   */
  async beginSession(person: KnownPerson, way: SignInWay = 'link', hours?: number): Promise<string> {
    checkInput(PERSON, person, 'A person');
    const { beginSession } = await import('../access/web-session.ts');
    checkInput(SIGN_IN_WAY, way, 'The way');
    checkInput(SESSION_HOURS, hours, 'The hours of a session');
    return beginSession(await this.#connection.pool(), person, way, hours);
  }

  /** Returns the person of a session; undefined when it is unknown or has ended. */
  async personOfSession(value: string): Promise<KnownPerson | undefined> {
    checkInput(text, value, 'A session');
    const { personOfSession } = await import('../access/web-session.ts');
    return personOfSession(await this.#connection.pool(), value);
  }

  /** Ends a session. Idempotent. */
  async endSession(value: string): Promise<void> {
    checkInput(text, value, 'A session');
    const { endSession } = await import('../access/web-session.ts');
    await endSession(await this.#connection.pool(), value);
  }

  /** Returns which of these tokens and values of cookies still let in. */
  async living(credentials: readonly string[]): Promise<ReadonlySet<string>> {
    checkInput(texts, credentials, 'The credentials');
    const { livingCredentials } = await import('../access/living-credential.ts');
    return livingCredentials(await this.#connection.pool(), credentials);
  }

  /**
   * Says whether `segmentd.as({ role })` can act under segmentd_viewer, segmentd_editor and segmentd_owner.
   * @throws {Failure} `permission`, with the command, when the roles exist and the login may not act under them
   */
  async checkRoles(): Promise<RoleCheck> {
    const { checkRoles } = await import('../access/database-role.ts');
    return checkRoles(await this.#connection.pool());
  }

  /**
   * Lists what persons did, the latest first: over HTTP, by the command line, by SQL. Entries hold keys, and no values of rows.
   * Only a member of segmentd_owner may read them.
   */
  async audit(filter: ActionFilter = {}): Promise<readonly ActionEntry[]> {
    checkInput(ACTION_FILTER, filter, 'A filter');
    const { listActions } = await import('../access/action-log.ts');
    return listActions(await this.#connection.pool(), filter);
  }

  /**
   * Notes that the person of this API read what is personal: `segmentd.as({ actor }).access.note({ action: 'reveal', segment })`.
   * Changes are noted by Postgres itself.
   */
  async note(read: ReadNote): Promise<void> {
    checkInput(READ_NOTE, read, 'A note');
    const { noteAction } = await import('../access/action-log.ts');
    await noteAction(await this.#connection.pool(), read);
  }

  /** Begins a request that its client may repeat: says whether to carry it out, or what it was answered. */
  async beginRequest(key: RepeatableKey, hash: string): Promise<Begun> {
    checkInput(REPEATABLE, key, 'The key of a request');
    checkInput(text, hash, 'The hash of a request');
    const { beginRequest } = await import('../access/repeatable-request.ts');
    return beginRequest(await this.#connection.pool(), key, hash);
  }

  /** Keeps the answer of a request for 24 hours; without an answer the request may be tried again. */
  async endRequest(key: RepeatableKey, answer?: KeptAnswer): Promise<void> {
    checkInput(REPEATABLE, key, 'The key of a request');
    const { endRequest } = await import('../access/repeatable-request.ts');
    await endRequest(await this.#connection.pool(), key, answer);
  }
}
