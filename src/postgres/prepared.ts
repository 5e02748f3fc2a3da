/**
 * Named prepared statements of one connection, the least recently used forgotten first. A compiled statement can be
 * megabytes of text for a thousand segments: parsing and planning it once a connection is what makes a drain cheap.
 */
import type { QueryResult, QueryResultRow } from 'pg';
import { sqlState } from '../base/error.ts';
import type { Statement } from '../compile/fragment.ts';
import type { Client } from './pool.ts';

const LIMIT = 32;
const REMEMBERED = 1_000;

interface Entry {
  readonly name: string;
  readonly statement: Statement;
}

export class PreparedStatements {
  readonly #client: Client;
  readonly #entries = new Map<string, Entry>();
  /** How often a key that has no statement was asked for. */
  readonly #asked = new Map<string, number>();
  #count = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Worth its own plan: prepared already, or asked for the third time. */
  worthwhile(key: string): boolean {
    if (this.#entries.has(key)) return true;
    const asked = (this.#asked.get(key) ?? 0) + 1;
    if (this.#asked.size > REMEMBERED) this.#asked.clear();
    this.#asked.set(key, asked);
    return asked > 2;
  }

  async run<R extends QueryResultRow>(
    key: string,
    make: () => Statement,
    slots: Readonly<Record<string, unknown>>,
  ): Promise<QueryResult<R>> {
    let entry = this.#entries.get(key);
    if (entry) {
      this.#entries.delete(key);
    } else {
      while (this.#entries.size >= LIMIT) await this.#forgetOldest();
      this.#count += 1;
      entry = { name: `s${this.#count}`, statement: make() };
    }
    this.#entries.set(key, entry);
    const { name, statement } = entry;
    return this.#client.query<R>({ name, text: statement.text, values: statement.bind(slots) });
  }

  async #forgetOldest(): Promise<void> {
    const [key, entry] = this.#entries.entries().next().value ?? [];
    if (key === undefined || entry === undefined) return;
    this.#entries.delete(key);
    await this.#client.query(`deallocate ${entry.name}`).catch((error: unknown) => {
      // 26000: the statement never got as far as being prepared, e.g. it failed to parse.
      if (sqlState(error) !== '26000') throw error;
    });
    // pg remembers the text of every named statement for ever; a forgotten name is never used again.
    const { connection } = this.#client as unknown as { connection?: { parsedStatements?: Record<string, string> } };
    if (connection?.parsedStatements) delete connection.parsedStatements[entry.name];
  }
}
