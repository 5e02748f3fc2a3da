/** Turns: one part works at a time, in the order of asking; patience has an end. */
import { expect, test } from 'vitest';
import { createTurns } from '../../src/base/turn.ts';

test('work runs one after the other, in the order in which it was asked for', async () => {
  const inTurn = createTurns();
  const log: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    log.push(`${name} begins`);
    await new Promise((settle) => setImmediate(settle));
    log.push(`${name} ends`);
  };
  await Promise.all([inTurn(work('a')), inTurn(work('b'))]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a turn returns what its work returns, and work that throws ends its turn', async () => {
  const inTurn = createTurns();
  const broken = inTurn(() => Promise.reject(new Error('broken')));
  const next = inTurn(async () => 7);
  await expect(broken).rejects.toThrow('broken');
  expect(await next).toBe(7);
});

test('work whose patience is over runs beside the present turn; later work waits for both', async () => {
  const inTurn = createTurns();
  let endFirst = (): void => {};
  const first = inTurn(() => new Promise<void>((settle) => (endFirst = settle)));
  let endUrgent = (): void => {};
  const began = new Promise<void>((begun) => {
    void inTurn(() => new Promise<void>((settle) => ((endUrgent = settle), begun())), 1);
  });
  let later = false;
  const last = inTurn(async () => void (later = true));
  await began;
  endFirst();
  await first;
  await new Promise((settle) => setImmediate(settle));
  expect(later).toBe(false);
  endUrgent();
  await last;
  expect(later).toBe(true);
});
