/**
 * Named prepared statements of one connection, the least recently used forgotten first. A compiled statement can be
 * megabytes of text for a thousand segments: parsing and planning it once a connection is what makes a drain cheap.
 */
import type { QueryResult, QueryResultRow } from 'pg';
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

  /** Runs it unnamed: for what is not asked again, and must push nothing out. */
  async once<R extends QueryResultRow>(
    { text, bind }: Statement,
    slots: Readonly<Record<string, unknown>>,
  ): Promise<QueryResult<R>> {
    return this.#client.query<R>(text, bind(slots));
  }

  async #forgetOldest(): Promise<void> {
    const [key, entry] = this.#entries.entries().next().value ?? [];
    if (key === undefined || entry === undefined) return;
    // pg remembers the text of every named statement for ever; a forgotten name is never used again.
    const { connection } = this.#client as unknown as { connection?: { parsedStatements?: Record<string, string> } };
    const parsed = connection?.parsedStatements;
    // One that never got as far as being parsed is not there: asking Postgres to forget it would end the transaction (26000, then 25P02).
    if (parsed === undefined || parsed[entry.name] !== undefined) await this.#client.query(`deallocate ${entry.name}`);
    this.#entries.delete(key);
    delete parsed?.[entry.name];
  }
}
