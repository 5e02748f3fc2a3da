/**
 * The doorbell of the outbox as one drain has it: armed, a commit of the team rings. One armed drain is enough, because
 * a ring is heard by every worker. Invariant: a doorbell that is armed is held by this connection, as an advisory lock
 * of its session.
 */
import { lockClass, single } from '../postgres/advisory-lock.ts';
import type { Client } from '../postgres/pool.ts';

const KEY = [lockClass.single, single.doorbell];

export class Doorbell {
  readonly #client: Client;
  #armed = false;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Arms it, unless another drain has. */
  async arm(): Promise<void> {
    if (this.#armed) return;
    const { rows } = await this.#client.query<{ got: boolean }>({
      name: 'arm',
      text: 'select pg_try_advisory_lock($1, $2) as got',
      values: KEY,
    });
    this.#armed = rows[0]?.got === true;
  }

  /** From here on no commit rings for this drain. */
  async disarm(): Promise<void> {
    if (!this.#armed) return;
    this.#armed = false;
    await this.#client.query({ name: 'disarm', text: 'select pg_advisory_unlock($1, $2)', values: KEY });
  }

  /** After a cancelled statement it is not known whether the doorbell is armed. */
  async reset(): Promise<void> {
    await this.#client.query('select pg_advisory_unlock_all()');
    this.#armed = false;
  }
}
