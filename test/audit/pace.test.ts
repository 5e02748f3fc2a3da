/** The pace of the rolling audit: a pass within its period where two percent of the time are enough, and never more. */
import { expect, test } from 'vitest';
import { pace, REST, type Step } from '../../src/audit/pace.ts';

const DAY = 86_400_000;
const step: Step = {
  period: DAY,
  total: 1_000_000,
  checked: 0,
  contacts: 1_000,
  chunk: 1_000,
  finished: false,
  ms: 100,
  age: null,
};

test('the audit works at most a fiftieth of the time', () => {
  for (const ms of [1, 10, 250, 5_000]) {
    for (const period of [1, 60_000, DAY]) {
      for (const finished of [true, false])
        expect(pace({ ...step, ms, period, finished }).wait).toBeGreaterThanOrEqual(ms * REST);
    }
  }
  expect(REST).toBeGreaterThanOrEqual(50);
});

test('steps of the audit approach a quarter of a second', () => {
  expect(pace({ ...step, ms: 50 }).chunk).toBe(2_000);
  expect(pace({ ...step, ms: 500 }).chunk).toBe(500);
  expect(pace({ ...step, ms: 5_000, contacts: 0 }).chunk).toBe(250);
  expect(pace({ ...step, chunk: 100, contacts: 0, ms: 5_000 }).chunk).toBe(100);
  expect(pace({ ...step, chunk: 40_000, contacts: 40_000, ms: 1 }).chunk).toBe(50_000);
  // a short range says nothing of a full one
  expect(pace({ ...step, contacts: 3, ms: 1, finished: true }).chunk).toBe(1_000);
});

/** A whole pass: milliseconds it takes, and the share of them that was work. */
function pass(
  total: number,
  perContact: number,
  period: number,
  known = total,
): { readonly took: number; readonly share: number } {
  let [age, checked, chunk, work] = [0, 0, 1_000, 0];
  for (;;) {
    const contacts = Math.min(chunk, total - checked);
    const finished = contacts < chunk;
    const ms = 2 + contacts * perContact;
    age += ms;
    work += ms;
    const next = pace({ period, total: known, checked, contacts, chunk, finished, ms, age: age === ms ? null : age });
    checked += contacts;
    chunk = next.chunk;
    if (finished) return { took: age, share: work / age };
    age += next.wait;
  }
}

test('a pass of the audit ends within its period', () => {
  for (const total of [2_500, 100_000, 1_000_000, 10_000_000]) {
    const { took, share } = pass(total, 0.1, DAY);
    expect(took, `${total} contacts`).toBeLessThanOrEqual(DAY);
    expect(took, `${total} contacts`).toBeGreaterThan(DAY * 0.5);
    expect(share, `${total} contacts`).toBeLessThanOrEqual(0.02);
  }
});

test('a pass of the audit takes longer than its period where that would cost more than a fiftieth', () => {
  const { took, share } = pass(10_000_000, 1, DAY);
  expect(took).toBeGreaterThan(DAY);
  expect(share).toBeGreaterThan(0.019);
  expect(share).toBeLessThanOrEqual(0.02);
});

test('when the size of a pass is unknown or was underestimated, only the rest separates steps', () => {
  for (const known of [0, 10_000]) expect(pass(1_000_000, 0.1, DAY, known).took).toBeLessThanOrEqual(DAY);
});
