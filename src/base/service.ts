/**
 * The contract of everything that runs. `start` resolves when it serves. `stop` may come at any moment (before `start`,
 * during it, after it, twice), and when it resolves nothing is open. A service that stopped may start again; it leaves
 * no listener behind.
 */
import { Failure } from './error.ts';

export interface Service {
  /**
   * While it runs, another `start` changes nothing; while it stops, `start` waits for the end. @throws {Failure}
   * `failed` when `stop` came first
   */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Closes what was opened; called once. */
export type Close = () => Promise<void>;

interface Run {
  readonly stopping: AbortController;
  readonly opened: Promise<Close>;
  ended?: Promise<void>;
}

/** Makes a service of an `open` and the `close` that it returns; each run of them ends before the next begins. */
export class Lifecycle implements Service {
  readonly #name: string;
  readonly #open: (signal: AbortSignal) => Promise<Close>;
  #run: Run | undefined;

  /**
   * @param name as a sentence begins with it: `The worker`
   * @param open leaves nothing open when it throws; its signal is aborted when `stop` is called, also after `open` has
   * returned
   */
  constructor(name: string, open: (signal: AbortSignal) => Promise<Close>) {
    this.#name = name;
    this.#open = open;
  }

  async start(): Promise<void> {
    if (!this.#run || this.#run.ended) this.#run = this.#begin(this.#run?.ended);
    const run = this.#run;
    try {
      await run.opened;
    } catch (error) {
      if (this.#run === run) this.#run = undefined;
      throw run.stopping.signal.aborted ? this.#stopped(error) : error;
    }
    if (run.stopping.signal.aborted) throw this.#stopped();
  }

  async stop(): Promise<void> {
    const run = this.#run;
    if (!run) return;
    run.ended ??= this.#end(run);
    await run.ended;
  }

  #begin(before: Promise<void> | undefined): Run {
    const stopping = new AbortController();
    const { signal } = stopping;
    const open = async (): Promise<Close> => {
      await before?.catch(() => {});
      signal.throwIfAborted();
      return this.#open(signal);
    };
    return { stopping, opened: open() };
  }

  async #end(run: Run): Promise<void> {
    run.stopping.abort();
    const close = await run.opened.catch(() => undefined);
    try {
      await close?.();
    } finally {
      if (this.#run === run) this.#run = undefined;
    }
  }

  #stopped(cause?: unknown): Failure {
    return new Failure('failed', `${this.#name} was stopped while it started.`, { cause });
  }
}

/** Starts services one after the other, and stops what was started in the reverse order. */
export class Stack {
  readonly #closes: Close[] = [];

  /** Starts it, and stops it with the stack, also when its start fails or `signal` is aborted meanwhile. */
  async start(service: Service, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.add(() => service.stop());
    const interrupt = (): void => void service.stop().catch(() => {});
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      await service.start();
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
    signal.throwIfAborted();
  }

  /** For what is open already. */
  add(close: Close): void {
    this.#closes.push(close);
  }

  /** Closes all, whatever one of them throws. @throws what the first of them threw */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#closes.pop(); close; close = this.#closes.pop())
      await close().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }
}

/** Runs `open` with a stack. When it throws, the stack is closed; otherwise the returned function closes it. */
export async function stacked(open: (stack: Stack) => Promise<void>): Promise<Close> {
  const stack = new Stack();
  try {
    await open(stack);
  } catch (error) {
    await stack.close().catch(() => {});
    throw error;
  }
  return () => stack.close();
}

/** Services that need no order: they start and stop at once. */
export function together(services: readonly Service[]): Service {
  return {
    async start() {
      await Promise.all(services.map((service) => service.start()));
    },
    async stop() {
      const outcomes = await Promise.allSettled(services.map((service) => service.stop()));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}
