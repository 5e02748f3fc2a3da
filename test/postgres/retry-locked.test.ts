/** The one retry of refused locks: which errors it retries, for how long, and what it throws in the end. */
import { expect, test, vi } from 'vitest';
import { AT_ONCE, isHeldOrCancelled, retryLocked } from '../../src/postgres/retry-locked.ts';

const refusal = (code: string): Error => Object.assign(new Error(code), { code });

test('a refused lock is retried until the attempt passes, with a growing number of attempts', async () => {
  const attempt = vi.fn<() => Promise<string>>(async () => 'done');
  attempt.mockRejectedValueOnce(refusal('55P03')).mockRejectedValueOnce(refusal('55P03'));
  const pause = vi.fn<(attempts: number) => Promise<void>>(AT_ONCE);
  expect(await retryLocked(attempt, { patience: Infinity, pause })).toBe('done');
  expect(pause.mock.calls).toEqual([[1], [2]]);
});

test('any other error is thrown at once', async () => {
  const attempt = vi.fn<() => Promise<string>>(async () => Promise.reject(refusal('40001')));
  await expect(retryLocked(attempt, { patience: Infinity })).rejects.toThrow('40001');
  expect(attempt).toHaveBeenCalledTimes(1);
});

test('a caller may count other errors as refusals, and act before each pause', async () => {
  const attempt = vi.fn<() => Promise<string>>(async () => 'done');
  attempt.mockRejectedValueOnce(refusal('57014')).mockRejectedValueOnce(refusal('40P01'));
  const onRefusal = vi.fn<() => void>();
  await retryLocked(attempt, { patience: Infinity, isRefusal: isHeldOrCancelled, onRefusal, pause: AT_ONCE });
  expect(onRefusal).toHaveBeenCalledTimes(2);
});

test('an error of the action before a pause ends the retries', async () => {
  const attempt = vi.fn<() => Promise<string>>(async () => Promise.reject(refusal('55P03')));
  const onRefusal = () => Promise.reject(new Error('lost'));
  await expect(retryLocked(attempt, { patience: Infinity, onRefusal })).rejects.toThrow('lost');
  expect(attempt).toHaveBeenCalledTimes(1);
});

test.each([
  ['a sentence that names what is read', { what: 'the export' }, 'A transaction holds a table that the export reads'],
  ["the caller's own error", { tooLate: () => new Error('too late') }, 'too late'],
  ['the refusal itself', {}, '55P03'],
] as const)('once the patience is over, it throws %s', async (_, options, message) => {
  const attempt = async () => Promise.reject(refusal('55P03'));
  await expect(retryLocked(attempt, { patience: 0, ...options })).rejects.toThrow(message);
});

test('once the signal is aborted, the next refusal is thrown', async () => {
  const stopping = new AbortController();
  const attempt = vi.fn<() => Promise<string>>(async () => Promise.reject(refusal('55P03')));
  const pause = async (): Promise<void> => stopping.abort();
  await expect(retryLocked(attempt, { patience: Infinity, signal: stopping.signal, pause })).rejects.toThrow('55P03');
  expect(attempt).toHaveBeenCalledTimes(2);
});
