/**
 * Whether the server of the queues is away, over all connections to it. Invariant: an outage is reported once when it
 * begins and once when it ends. Each connection alone would report it at every attempt, in words of its own.
 */
export class Outage {
  readonly #report: (reason: string | undefined) => void;
  /** Connections that failed and have not been made again. */
  readonly #failing = new Set<object>();
  #away = false;

  /** @param report hears the reason when the server goes away, undefined when it is back */
  constructor(report: (reason: string | undefined) => void) {
    this.#report = report;
  }

  get isAway(): boolean {
    return this.#away;
  }

  failed(connection: object, reason: string): void {
    this.#failing.add(connection);
    if (this.#away) return;
    this.#away = true;
    this.#report(reason);
  }

  answered(connection: object): void {
    this.#failing.delete(connection);
    if (!this.#away || this.#failing.size > 0) return;
    this.#away = false;
    this.#report(undefined);
  }

  /** It was closed on purpose, and says nothing of the server. */
  forget(connection: object): void {
    this.#failing.delete(connection);
  }
}
