/**
 * What runs while a worker serves, in the order of its start: the long loops, and what is only looked at every few
 * seconds. Invariant: whatever is not urgent takes turns, so that an idle worker has one connection for all of it.
 */
import { createLoop } from '../base/loop.ts';
import { together, type Service } from '../base/service.ts';
import type { Turns } from '../base/turn.ts';
import { createListener } from '../postgres/listen.ts';
import type { Context, Parts, Served } from './compose.ts';
import type { WorkerTask } from './event.ts';
import type { Registration } from './registration.ts';
import { keepRetention } from './single-pass.ts';

const WATCH_MS = 5_000;
const BEAT_MS = 4_700;
/**
 * Milliseconds after which the beat of the registration waits for its turn no longer: `doctor` warns of a worker that
 * is silent for ten seconds.
 */
const BEAT_PATIENCE_MS = 4_000;
const HOUR_MS = 3_600_000;

/** In the order of their start; they stop in the reverse order. */
export function servicesOf(
  { options, settings, events }: Context,
  { pool, signals, drainers, keeper, sweeper, auditor, scheduler, ranker, watch, inTurn }: Parts,
  registration: Registration,
  http: Served | undefined,
): readonly Service[] {
  const wake = (): void => signals.wakeDrains();
  const inspect = async (): Promise<void> => {
    const drift = await watch.inspect();
    if (drift.length > 0) events.emit('drift', { sentences: drift.map((one) => one.sentence) });
  };
  const beatTurns: Turns = (run) => inTurn(run, BEAT_PATIENCE_MS);
  /** A loop whose errors are reported as those of `during`. Its first round comes `first` milliseconds after the start. */
  const every = (
    during: WorkerTask,
    interval: number,
    round: () => Promise<void>,
    { turns, first = interval }: { readonly turns?: Turns; readonly first?: number },
  ): Service =>
    createLoop({
      name: `The loop of the ${during}`,
      interval,
      delay: first,
      round,
      onError: (error) => events.emit('error', { during, error }),
      ...(turns ? { inTurn: turns } : {}),
    });
  const listener = (): Service =>
    createListener(options.databaseUrl, {
      onRing: wake,
      onConnected: wake,
      onError: (error) => events.emit('error', { during: 'listen', error }),
    });
  return [
    registration,
    together([keeper, ...drainers, sweeper, auditor, scheduler, ranker]),
    ...(settings.doorbell ? [listener()] : []),
    together([
      every('watch', WATCH_MS, inspect, { turns: inTurn }),
      every('retention', HOUR_MS, () => keepRetention(pool, settings), { turns: inTurn, first: WATCH_MS }),
      ...(http ? [every('metrics', WATCH_MS, () => http.note(), { turns: inTurn })] : []),
      every('keep', WATCH_MS, async () => signals.lookForBuilds(), {}),
      every('registration', BEAT_MS, () => registration.beat(), { turns: beatTurns }),
    ]),
  ];
}
