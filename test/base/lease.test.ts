/** A lease: renewed at steps or by the clock, and lost for good once a renewal finds it in other hands. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lease } from '../../src/base/lease.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a renewal asks for what is still held, and keeps what it gets back', async () => {
  const asked: (readonly string[])[] = [];
  const lease = new Lease({
    held: ['a', 'b'],
    seconds: 30,
    renew: async (held) => {
      asked.push(held);
      return held.filter((one) => one !== 'a');
    },
  });
  expect(await lease.renew()).toEqual(['b']);
  expect(await lease.renew()).toEqual(['b']);
  expect(asked).toEqual([['a', 'b'], ['b']]);
  expect(lease.lost.aborted).toBe(false);
});

test('a lease that is found in other hands is lost, and never renewed again', async () => {
  const renew = vi.fn<() => Promise<readonly string[]>>(async () => []);
  const lease = new Lease({ held: ['a'], seconds: 30, renew });
  expect(await lease.renew()).toEqual([]);
  expect(lease.lost.aborted).toBe(true);
  expect(await lease.renew()).toEqual([]);
  expect(renew).toHaveBeenCalledTimes(1);
});

test('kept by the clock, a lease is renewed each third of its length, also after a renewal that failed', async () => {
  const renew = vi.fn<(held: readonly string[]) => Promise<readonly string[]>>(async (held) => held);
  renew.mockRejectedValueOnce(new Error('the database is away'));
  const lease = new Lease({ held: ['a'], seconds: 15, renew });
  const letGo = lease.keep();
  await vi.advanceTimersByTimeAsync(4_999);
  expect(renew).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(10_001);
  expect(renew).toHaveBeenCalledTimes(3);
  expect(lease.held).toEqual(['a']);
  letGo();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(renew).toHaveBeenCalledTimes(3);
});

test('kept by the clock, a lost lease stops its clock', async () => {
  const renew = vi.fn<() => Promise<readonly string[]>>(async () => []);
  const lease = new Lease({ held: ['a'], seconds: 15, renew });
  lease.keep();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(renew).toHaveBeenCalledTimes(1);
  expect(lease.lost.aborted).toBe(true);
});
