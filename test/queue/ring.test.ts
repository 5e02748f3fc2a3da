import { describe, expect, test } from 'vitest';
import { Ring } from '../../src/queue/ring.ts';
import { until } from '../support/until.ts';

describe('a ring', () => {
  test('a ring is followed by one more ring for all requests meanwhile', async () => {
    const gates: (() => void)[] = [];
    const ring = new Ring(
      () => new Promise((settle) => gates.push(settle)),
      () => {},
    );
    ring.request();
    ring.request();
    ring.request();
    expect(gates.length).toBe(1);
    gates[0]?.();
    await until(() => gates.length === 2);
    gates[1]?.();
    await new Promise((settle) => setImmediate(settle));
    expect(gates.length).toBe(2);
  });

  test('a ring is retried after an error, and the error is reported', async () => {
    let rings = 0;
    const errors: unknown[] = [];
    const ring = new Ring(
      async () => {
        if (++rings < 3) throw new Error(`away ${rings}`);
      },
      (error) => errors.push(error),
    );
    ring.request();
    await until(() => rings === 3);
    expect(errors.map(String)).toEqual(['Error: away 1', 'Error: away 2']);
  });

  test('a closed ring never rings', async () => {
    let rings = 0;
    const ring = new Ring(
      async () => {
        rings++;
        throw new Error('away');
      },
      () => ring.close(),
    );
    ring.request();
    await new Promise((settle) => setImmediate(settle));
    ring.request();
    await new Promise((settle) => setImmediate(settle));
    expect(rings).toBe(1);
  });
});
