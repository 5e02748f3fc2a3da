/** The loop of rounds: rests, wakes, errors, sessions, turns, and a stop at any moment. */
import { expect, test } from 'vitest';
import { createLoop, createSessionLoop, type LoopOptions } from '../../src/base/loop.ts';
import { createTurns } from '../../src/base/turn.ts';
import { until } from '../support/until.ts';

const HOUR = 3_600_000;
const none = (): void => {};
const loopOf = (options: Partial<LoopOptions> & Pick<LoopOptions, 'round'>) =>
  createLoop({ name: 'The loop', interval: HOUR, onError: none, ...options });

test('a round follows a round after the interval, or after what the round returned', async () => {
  let rounds = 0;
  const loop = loopOf({ interval: HOUR, round: async () => ((rounds += 1) < 3 ? 1 : undefined) });
  await loop.start();
  await until(() => rounds === 3);
  await loop.stop();
  expect(rounds).toBe(3);
});

test('a wake begins the next round, and the round knows it was woken', async () => {
  const woken: boolean[] = [];
  const loop = loopOf({ interval: Infinity, round: async (round) => void woken.push(round.woken) });
  await loop.start();
  await until(() => woken.length === 1);
  loop.wake();
  await until(() => woken.length === 2);
  await loop.stop();
  expect(woken).toEqual([false, true]);
});

test('a wake during a round is followed by another round', async () => {
  let rounds = 0;
  const loop = loopOf({
    interval: Infinity,
    round: async () => {
      rounds += 1;
      if (rounds === 1) loop.wake();
    },
  });
  await loop.start();
  await until(() => rounds === 2);
  await loop.stop();
});

test('a wake before the start is not lost', async () => {
  const woken: boolean[] = [];
  const loop = loopOf({ interval: Infinity, round: async (round) => void woken.push(round.woken) });
  loop.wake();
  await loop.start();
  await until(() => woken.length === 1);
  await loop.stop();
  expect(woken).toEqual([true]);
});

test('with a delay, no round begins before it is over or a wake comes', async () => {
  let rounds = 0;
  const loop = loopOf({ delay: HOUR, round: async () => void (rounds += 1) });
  await loop.start();
  expect(rounds).toBe(0);
  loop.wake();
  await until(() => rounds === 1);
  await loop.stop();
});

test('a round that throws is reported, and the next one comes', async () => {
  const errors: unknown[] = [];
  let rounds = 0;
  const loop = loopOf({
    afterError: 1,
    onError: (error) => errors.push(error),
    round: async () => {
      rounds += 1;
      if (rounds === 1) throw new Error('broken');
    },
  });
  await loop.start();
  await until(() => rounds === 2);
  await loop.stop();
  expect(errors).toEqual([new Error('broken')]);
});

test('an error of the round that a stop ends is not reported', async () => {
  const errors: unknown[] = [];
  let begun = false;
  const loop = loopOf({
    onError: (error) => errors.push(error),
    round: ({ signal }) =>
      new Promise((_, reject) => {
        begun = true;
        signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
      }),
  });
  await loop.start();
  await until(() => begun);
  await loop.stop();
  expect(errors).toEqual([]);
});

test('a session serves many rounds, and is opened anew after a round that threw', async () => {
  const used: number[] = [];
  const closed: number[] = [];
  let opened = 0;
  const loop = createSessionLoop<number>({
    name: 'The loop',
    interval: 1,
    reopenAfter: 1,
    onError: none,
    async session(rounds) {
      const own = (opened += 1);
      await rounds(own).finally(() => closed.push(own));
    },
    async round({ session }) {
      used.push(session);
      if (used.length === 2) throw new Error('the connection broke');
    },
  });
  await loop.start();
  await until(() => used.length >= 4);
  await loop.stop();
  expect(used.slice(0, 4)).toEqual([1, 1, 2, 2]);
  expect(closed).toEqual([1, 2]);
});

test('loops that take turns have no round at the same time', async () => {
  const inTurn = createTurns();
  let running = 0;
  let most = 0;
  let rounds = 0;
  const round = async (): Promise<number> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((settle) => setImmediate(settle));
    running -= 1;
    rounds += 1;
    return 1;
  };
  const loops = [loopOf({ inTurn, round }), loopOf({ inTurn, round })];
  await Promise.all(loops.map((loop) => loop.start()));
  await until(() => rounds >= 10);
  await Promise.all(loops.map((loop) => loop.stop()));
  expect(most).toBe(1);
});

test('a stop ends a rest, waits for the round at hand, and the loop may start again', async () => {
  let rounds = 0;
  const loop = loopOf({ interval: Infinity, round: async () => void (rounds += 1) });
  await loop.stop();
  await loop.start();
  await until(() => rounds === 1);
  await Promise.all([loop.stop(), loop.stop()]);
  await loop.start();
  await until(() => rounds === 2);
  await loop.stop();
});
