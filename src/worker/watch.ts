/** What a worker does every few seconds beside its loops: tasks one after the other, so that they need one connection. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '../base/service.ts';
import type { WorkerEmitter } from './event.ts';
import { createLoop } from './loop.ts';

export interface Task {
  /** Of its errors, as events. */
  readonly name: string;
  /** Milliseconds between two runs at least; every round by default. */
  readonly every?: number;
  readonly run: () => Promise<unknown>;
}

export interface WatchOptions {
  readonly events: WorkerEmitter;
  /** Milliseconds between two rounds. */
  readonly interval: number;
  /** Each is run whatever became of the one before. */
  readonly tasks: readonly Task[];
}

export function createWatch({ events, interval, tasks }: WatchOptions): Service {
  const round = async (signal: AbortSignal, due: Map<Task, number>): Promise<void> => {
    for (const task of tasks) {
      if (signal.aborted) return;
      if ((due.get(task) ?? 0) > performance.now()) continue;
      due.set(task, performance.now() + (task.every ?? 0));
      await task.run().catch((error: unknown) => events.emit('error', { during: task.name, error }));
    }
  };
  return createLoop('The watch', async (signal) => {
    const due = new Map<Task, number>();
    while (!signal.aborted) {
      await delay(interval, undefined, { signal }).catch(() => {});
      await round(signal, due);
    }
  });
}
