/**
 * Named prepared statements of one connection; the least recently used is deallocated first. A compiled statement can
 * be megabytes of text for a thousand segments. Parsing and planning it once for each connection is what makes a drain
 * cheap.
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
  /** How often a key without a prepared statement was requested. */
  readonly #asked = new Map<string, number>();
  #count = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Whether a key deserves a prepared statement: it has one, or it is requested for the third time. */
  isWorthPreparing(key: string): boolean {
    if (this.#entries.has(key)) return true;
    const asked = (this.#asked.get(key) ?? 0) + 1;
    if (this.#asked.size > REMEMBERED) this.#asked.clear();
    this.#asked.set(key, asked);
    return asked > 2;
  }

  /** Runs the statement of `key` by name; prepares it first when it has no name yet. */
  async run<R extends QueryResultRow>(
    key: string,
    make: () => Statement,
    params: Readonly<Record<string, unknown>>,
  ): Promise<QueryResult<R>> {
    let entry = this.#entries.get(key);
    if (entry) {
      this.#entries.delete(key);
    } else {
      while (this.#entries.size >= LIMIT) await this.#deallocateOldest();
      this.#count += 1;
      entry = { name: `s${this.#count}`, statement: make() };
    }
    this.#entries.set(key, entry);
    const { name, statement } = entry;
    return this.#client.query<R>({ name, text: statement.text, values: statement.bind(params) });
  }

  /** Runs a statement without a name: for one that is not repeated, and must not displace another. */
  async once<R extends QueryResultRow>(
    { text, bind }: Statement,
    params: Readonly<Record<string, unknown>>,
  ): Promise<QueryResult<R>> {
    return this.#client.query<R>(text, bind(params));
  }

  async #deallocateOldest(): Promise<void> {
    const [key, entry] = this.#entries.entries().next().value ?? [];
    if (key === undefined || entry === undefined) return;
    // pg keeps the text of every named statement for ever; a deallocated name is never used again.
    const { connection } = this.#client as unknown as { connection?: { parsedStatements?: Record<string, string> } };
    const parsed = connection?.parsedStatements;
    // A statement that was never parsed does not exist in Postgres: deallocating it would fail the transaction (26000,
    // then 25P02).
    if (parsed === undefined || parsed[entry.name] !== undefined) await this.#client.query(`deallocate ${entry.name}`);
    this.#entries.delete(key);
    delete parsed?.[entry.name];
  }
}
