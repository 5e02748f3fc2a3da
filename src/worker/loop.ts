/** A loop beside others: a service that runs from `start` to `stop`, once at a time. */
import { Lifecycle } from '../base/service.ts';

/**
 * @param run ends soon after its signal is aborted, and handles its own errors
 * @param wake called after the signal was aborted, for what sleeps
 */
export function createLoop(
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
  wake: () => void = () => {},
): Lifecycle {
  return new Lifecycle(name, async (signal) => {
    const ended = run(signal);
    return async () => {
      wake();
      await ended;
    };
  });
}
