import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { keyboard, keysOf, type Key } from '../../../src/dev/view/keyboard.ts';

test('keys of several terminals have one name, and several may arrive at once', () => {
  expect(keysOf('\u001b[A\u001bOA\u001b[B')).toEqual(['up', 'up', 'down']);
  expect(keysOf('\u001b[1~\u001b[H\u001bOH\u001b[4~\u001b[F\u001b[5~\u001b[6~')).toEqual([
    'home',
    'home',
    'home',
    'end',
    'end',
    'page-up',
    'page-down',
  ]);
  expect(keysOf('jkgG?q\u0003')).toEqual(['down', 'up', 'home', 'end', 'help', 'quit', 'interrupt']);
  // Escape alone, a key with modifiers, an unknown sequence, a letter of another script, text that looks like a name.
  expect(keysOf('\u001b')).toEqual(['other']);
  expect(keysOf('\u001b[1;5A\u001b[99~é😀')).toEqual(['other', 'other', 'other', 'other']);
  expect(keysOf('[A')).toEqual(['other', 'other']);
  expect(keysOf('')).toEqual([]);
});

class Source extends EventEmitter {
  readonly isTTY = true;
  readonly calls: string[] = [];
  setRawMode(raw: boolean): void {
    this.calls.push(raw ? 'raw' : 'cooked');
  }
  resume(): void {
    this.calls.push('resume');
  }
  pause(): void {
    this.calls.push('pause');
  }
}

test('the raw mode is given back once, and no key is heard afterwards', () => {
  const source = new Source();
  const heard: Key[] = [];
  const keys = keyboard(source, (key) => heard.push(key));
  expect(keys.heard).toBe(true);
  keys.start();
  keys.start();
  source.emit('data', Buffer.from('q'));
  keys.stop();
  keys.stop();
  source.emit('data', Buffer.from('j'));
  expect(heard).toEqual(['quit']);
  expect(source.calls).toEqual(['raw', 'resume', 'cooked', 'pause']);
  expect(source.listenerCount('data')).toBe(0);
  // The window was closed: an error without a listener would end the process at once.
  source.emit('error', new Error('read EIO'));
});

test('without a terminal no key is heard and nothing is taken', () => {
  const source = Object.assign(new Source(), { isTTY: false });
  const keys = keyboard(source, () => {});
  keys.start();
  keys.stop();
  expect(keys.heard).toBe(false);
  expect(keyboard(undefined, () => {}).heard).toBe(false);
  expect(source.calls).toEqual([]);
});
