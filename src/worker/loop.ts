/** What runs beside others from `start` to `stop`, once at a time. */
export class Loop {
  #stopping: AbortController | undefined;
  #ended: Promise<void> | undefined;

  /** Does nothing while it runs. `run` ends soon after its signal is aborted, and handles its own errors. */
  start(run: (signal: AbortSignal) => Promise<void>): void {
    if (this.#ended) return;
    this.#stopping = new AbortController();
    this.#ended = run(this.#stopping.signal);
  }

  /** Returns when it has ended; `wake` is called in between, for what sleeps. */
  async stop(wake: () => void = () => {}): Promise<void> {
    this.#stopping?.abort();
    wake();
    await this.#ended;
    this.#ended = undefined;
  }
}
