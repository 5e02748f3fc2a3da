/**
 * What changed, for every open page of one process. One loop asks Postgres, at most once a second however many pages listen, and not at
 * all while none does. Invariant: a reader that comes back with the id of its last message gets every later change, or hears that any
 * segment may have changed.
 */
import { randomBytes } from 'node:crypto';
import type { Log } from '../base/log.ts';
import { createLoop, type Loop } from '../base/loop.ts';
import { CHANGE_KINDS, mergeChanges } from '../feed/page-watch.ts';
import type { PageChange, Segmentd, WatchCursor } from '../index.ts';

/** How fresh membership is, as of the last look. */
export interface Freshness {
  readonly at: string;
  readonly fresh_as_of: string | null;
  /** False: Postgres does not answer now. */
  readonly reachable: boolean;
}

export interface Message {
  /** What a reader that comes back names. */
  readonly id: string;
  readonly changes: readonly PageChange[];
  readonly freshness?: Freshness;
}

/** A reader that is slow gets its changes merged, so that it never has more than one message to read. */
export interface Listener {
  /** The next message; undefined once the listener has ended. */
  next(): Promise<Message | undefined>;
  end(): void;
}

export interface HintBoard {
  /** @param lastId of the last message that the reader has seen @throws what the first look throws */
  listen(lastId?: string): Promise<Listener>;
  /** How many listen. */
  readonly listeners: number;
  /** Ends every listener, and the loop. Idempotent. */
  stop(): Promise<void>;
}

export interface HintBoardOptions {
  readonly watch: Pick<Segmentd['watch'], 'look'>;
  readonly log: Log;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

const INTERVAL_MS = 1_000;
/** Milliseconds between two messages to a reader without changes. */
const BEAT_MS = 10_000;
/** The hints of Postgres are kept a little longer. */
const CURSOR_MS = 15 * 60_000;
/** Messages that a reader who comes back may have missed. */
const MOST_KEPT = 900;
const ANYTHING: PageChange = { segments: null, kinds: CHANGE_KINDS };

interface Kept {
  readonly number: number;
  readonly changes: readonly PageChange[];
}

class OpenListener implements Listener {
  #pending: Message | undefined;
  #wake: (() => void) | undefined;
  #ended = false;
  readonly #onEnd: (listener: OpenListener) => void;

  constructor(onEnd: (listener: OpenListener) => void) {
    this.#onEnd = onEnd;
  }

  give({ id, changes, freshness = this.#pending?.freshness }: Message): void {
    this.#pending = {
      id,
      changes: mergeChanges([...(this.#pending?.changes ?? []), ...changes]),
      ...(freshness ? { freshness } : {}),
    };
    this.#wake?.();
  }

  async next(): Promise<Message | undefined> {
    if (!this.#pending && !this.#ended) await new Promise<void>((settle) => (this.#wake = settle));
    this.#wake = undefined;
    const message = this.#pending;
    this.#pending = undefined;
    return message;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake?.();
    this.#onEnd(this);
  }
}

export function createHintBoard(options: HintBoardOptions): HintBoard {
  const { watch, log, now = () => performance.now(), interval = INTERVAL_MS } = options;
  const listeners = new Set<OpenListener>();
  let kept: Kept[] = [];
  let number = 0;
  /** Changes when the numbers before can no longer be followed. */
  let name = '';
  let cursor: { readonly value: WatchCursor; readonly at: number } | undefined;
  let beatAt = -Infinity;
  let reachable = true;
  let known: Freshness | undefined;
  const idOf = (of: number): string => `${name}-${of}`;

  let looking: Promise<void> | undefined;
  const age = (): number => (cursor ? now() - cursor.at : Infinity);
  /** Looks never overlap: who wants one while one is under way waits for that. */
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => (looking = undefined));
    return looking;
  };

  async function look(): Promise<void> {
    if (age() > CURSOR_MS) cursor = undefined;
    const before = cursor?.value;
    const { cursor: value, changes, freshAsOf, at } = await watch.look(before);
    cursor = { value, at: now() };
    if (!before) {
      name = randomBytes(6).toString('base64url');
      number = 0;
      kept = [];
      // Those that listen already may have missed what happened since their last message.
      for (const one of listeners) one.give({ id: idOf(0), changes: [ANYTHING] });
    }
    if (changes.length > 0) {
      number += 1;
      kept = [...kept, { number, changes }].slice(-MOST_KEPT);
    }
    const due = now() - beatAt >= BEAT_MS || !reachable;
    if (due) beatAt = now();
    reachable = true;
    const freshness = { at, fresh_as_of: freshAsOf, reachable };
    known = freshness;
    if (changes.length > 0 || due)
      for (const one of listeners) one.give({ id: idOf(number), changes, ...(due ? { freshness } : {}) });
  }

  const loop: Loop = createLoop({
    name: 'The poll for open pages',
    interval,
    afterError: interval,
    async round() {
      // A page that opens again and again begins the loop again and again.
      const early = interval - age();
      if (early > 0) return early;
      await lookOnce();
      return interval;
    },
    onError(error) {
      if (!reachable) return;
      reachable = false;
      log.warn({ err: error }, 'open pages get no news: the database does not answer');
      const freshness = { at: new Date().toISOString(), fresh_as_of: known?.fresh_as_of ?? null, reachable };
      known = freshness;
      for (const one of listeners) one.give({ id: idOf(number), changes: [], freshness });
    },
  });

  function missedSince(lastId: string): readonly PageChange[] {
    const [, named, of = ''] = /^([\w-]+)-(\d{1,15})$/.exec(lastId) ?? [];
    const first = kept[0]?.number ?? number + 1;
    const seen = Number(of);
    if (named !== name || seen > number || seen + 1 < first) return [ANYTHING];
    return mergeChanges(kept.filter((one) => one.number > seen).flatMap(({ changes }) => changes));
  }

  return {
    get listeners() {
      return listeners.size;
    },
    async listen(lastId) {
      // What commits from now on must be in a later look.
      if (age() > CURSOR_MS) await lookOnce();
      const listener = new OpenListener((one) => {
        listeners.delete(one);
        if (listeners.size === 0) void loop.stop();
      });
      listeners.add(listener);
      const changes = lastId === undefined ? [] : missedSince(lastId);
      listener.give({ id: idOf(number), changes, ...(known ? { freshness: known } : {}) });
      void loop.start().catch(() => {
        // It was stopped at once: no page listens any more.
      });
      return listener;
    },
    async stop() {
      for (const one of listeners) one.end();
      await loop.stop();
    },
  };
}
