/** `--wait` and its `--timeout`, and what is said while a verb waits and no worker runs. */
import { setTimeout as delay } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { isHeard } from '../audit/worker-status.ts';
import { CALL_DEFAULTS, parseDuration } from '../base/option.ts';
import type { UntilLiveOptions } from '../index.ts';
import { duration } from './duration-flag.ts';
import type { Session } from './verb-session.ts';

export interface WaitFlags {
  readonly wait?: boolean;
  readonly timeout?: number;
}

/** Milliseconds in which a wait may end without a word. */
const GRACE_MS = 500;
const EVERY_MS = 1_000;

export function addWaitFlags(command: Command, until: string): Command {
  return command
    .option('--wait', `return when ${until}`)
    .addOption(
      new Option(
        '--timeout <duration>',
        `with --wait: give up after this long without progress (default: ${CALL_DEFAULTS.buildTimeout}, ${CALL_DEFAULTS.waitTimeout} while no worker runs)`,
      ).argParser(duration),
    );
}

/** For `untilLive`: a long build is not cut while it makes progress. */
export function patienceOf({ timeout }: WaitFlags): Pick<UntilLiveOptions, 'stuckAfter' | 'unattendedAfter'> {
  return {
    stuckAfter: timeout ?? parseDuration(CALL_DEFAULTS.buildTimeout),
    unattendedAfter: timeout ?? parseDuration(CALL_DEFAULTS.waitTimeout),
  };
}

/** Waits for the work, and says once that no worker runs, if none does. */
export async function awaitWorker<T>(session: Session, work: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const noting = noteMissingWorker(session, ended.signal).catch(() => {});
  try {
    return await work;
  } finally {
    ended.abort();
    await noting;
  }
}

async function noteMissingWorker(session: Session, ended: AbortSignal): Promise<void> {
  await delay(GRACE_MS, undefined, { signal: ended });
  for (;;) {
    const workers = await session.segmentd().admin.workers();
    if (ended.aborted) return;
    if (!workers.some(isHeard)) {
      session.bar.end();
      return session.note('No worker is running: start segmentd run.');
    }
    await delay(EVERY_MS, undefined, { signal: ended });
  }
}
