/** Keys of a terminal in raw mode, by name. Owns the raw mode and gives it back. */

export type Key =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'home'
  | 'end'
  | 'help'
  | 'quit'
  | 'interrupt'
  | 'suspend'
  | 'redraw'
  | 'other';

/** What is needed of `process.stdin`. */
export interface KeySource {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (bytes: Buffer | string) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'data', listener: (bytes: Buffer | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface Keyboard {
  /** Whether keys are heard: it is a terminal. */
  readonly heard: boolean;
  start(): void;
  /** Idempotent. */
  stop(): void;
}

/** An escape sequence, or one character. */
const TOKEN = new RegExp(String.raw`\u001b\[[0-9;]*[A-Za-z~]|\u001bO[A-Za-z]|[^]`, 'gu');

const KEYS: Readonly<Record<string, Key>> = {
  '[A': 'up',
  OA: 'up',
  k: 'up',
  '[B': 'down',
  OB: 'down',
  j: 'down',
  '[5~': 'page-up',
  b: 'page-up',
  '[6~': 'page-down',
  ' ': 'page-down',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[7~': 'home',
  g: 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
  '[8~': 'end',
  G: 'end',
  '?': 'help',
  h: 'help',
  q: 'quit',
  Q: 'quit',
  '\u0003': 'interrupt',
  '\u001a': 'suspend',
  '\u000c': 'redraw',
};

export function keysOf(bytes: string): readonly Key[] {
  return (bytes.match(TOKEN) ?? []).map((token) => KEYS[token.replace('\u001b', '')] ?? 'other');
}

export function keyboard(source: KeySource | undefined, onKey: (key: Key) => void): Keyboard {
  const heard = source?.isTTY === true && source.setRawMode !== undefined;
  let started = false;
  // A terminal whose window was closed: SIGHUP ends the process. It stays, for errors that come after the end.
  if (heard) source.on('error', () => {});
  const listen = (bytes: Buffer | string): void => keysOf(String(bytes)).forEach(onKey);
  return {
    heard,
    start() {
      if (!heard || started) return;
      started = true;
      source.setRawMode?.(true);
      source.on('data', listen);
      source.resume();
    },
    stop() {
      if (!heard || !started) return;
      started = false;
      source.off('data', listen);
      source.setRawMode?.(false);
      source.pause();
    },
  };
}
