/** The contract of services: any order of `start` and `stop`, one run at a time, and everything closed in the reverse order. */
import { expect, test } from 'vitest';
import { Lifecycle, Stack, stacked, together, type Service } from '../../src/base/service.ts';
import { until } from '../support/until.ts';

function counted(
  name: string,
  log: string[],
  options: { readonly fails?: boolean; readonly opening?: Promise<void> } = {},
): Service {
  return new Lifecycle(name, async () => {
    log.push(`${name} opens`);
    await options.opening;
    if (options.fails === true) throw new Error(`${name} fails`);
    return async () => void log.push(`${name} closes`);
  });
}

test('stop before start, twice after it, and start twice', async () => {
  const log: string[] = [];
  const service = counted('one', log);
  await service.stop();
  await Promise.all([service.start(), service.start()]);
  await Promise.all([service.stop(), service.stop()]);
  await service.stop();
  expect(log).toEqual(['one opens', 'one closes']);
});

test('stopped while it starts, every start says so; started while it stops, it runs again afterwards', async () => {
  const log: string[] = [];
  let open = (): void => {};
  const service = counted('one', log, { opening: new Promise((settle) => (open = settle)) });
  const starts = [service.start(), service.start()].map((start) => start.catch((error: Error) => error.message));
  await until(() => log.length === 1, { interval: 0 });
  const stopping = service.stop();
  const again = service.start();
  open();
  expect(await Promise.all(starts)).toEqual(['one was stopped while it started.', 'one was stopped while it started.']);
  await Promise.all([stopping, again]);
  expect(log).toEqual(['one opens', 'one closes', 'one opens']);
  await service.stop();
  expect(log.at(-1)).toBe('one closes');
});

test('a start that failed may be tried again', async () => {
  let fails = true;
  const service = new Lifecycle('one', async () => {
    if (fails) throw new Error('not yet');
    return async () => {};
  });
  await expect(service.start()).rejects.toThrow('not yet');
  await service.stop();
  fails = false;
  await service.start();
  await service.stop();
});

test('a stack stops what was started in the reverse order, when one fails in the middle too', async () => {
  const log: string[] = [];
  const { signal } = new AbortController();
  await expect(
    stacked(async (stack) => {
      await stack.start(counted('one', log), signal);
      await stack.start(together([counted('two', log), counted('three', log)]), signal);
      await stack.start(counted('four', log, { fails: true }), signal);
    }),
  ).rejects.toThrow('four fails');
  expect(log).toEqual([
    'one opens',
    'two opens',
    'three opens',
    'four opens',
    'two closes',
    'three closes',
    'one closes',
  ]);
});

test('an abort in the middle stops the service that starts and begins no other', async () => {
  const log: string[] = [];
  const abort = new AbortController();
  const slow = new Lifecycle(
    'slow',
    (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('interrupted')))),
  );
  const opening = stacked(async (stack) => {
    await stack.start(counted('one', log), abort.signal);
    const starting = stack.start(slow, abort.signal);
    abort.abort();
    await starting;
    await stack.start(counted('two', log), abort.signal);
  });
  await expect(opening).rejects.toThrow('slow was stopped while it started.');
  expect(log).toEqual(['one opens', 'one closes']);
});

test('a stack closes all, whatever one of them throws', async () => {
  const log: string[] = [];
  const stack = new Stack();
  stack.add(async () => void log.push('first'));
  stack.add(async () => {
    throw new Error('broken');
  });
  stack.add(async () => void log.push('last'));
  await expect(stack.close()).rejects.toThrow('broken');
  expect(log).toEqual(['last', 'first']);
});
