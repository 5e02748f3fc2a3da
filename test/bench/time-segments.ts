/**
 * Segments of time: a hundred over thirty windows, half of them about the contact's own column and half about its orders.
 * The first thirty, one a window, are probes: they are empty until a bench puts a contact there, so a contact's way
 * through a window can be watched while the other seventy go through it as teams' segments do.
 */
import type { BenchSegment } from './segments.ts';

export interface Window {
  readonly seconds: number;
  /** As the condition says it. */
  readonly written: readonly [count: number, unit: 'minute' | 'hour' | 'day'];
}

export interface Probe extends BenchSegment {
  readonly of: 'contact' | 'order';
  readonly window: Window;
}

const field = (name: string) => ({ var: name });
const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;
const LENGTHS = [
  [7, 'minute'],
  [20, 'minute'],
  [45, 'minute'],
  [2, 'hour'],
  [3, 'hour'],
  [5, 'hour'],
  [8, 'hour'],
  [12, 'hour'],
  [1, 'day'],
  [2, 'day'],
  [3, 'day'],
  [7, 'day'],
  [14, 'day'],
  [30, 'day'],
  [60, 'day'],
] as const;
const COUNTRIES = ['ES', 'PT', 'FR', 'DE', 'IT', 'GB', 'PL'] as const;

function windowOf(count: number, unit: keyof typeof SECONDS): Window {
  return { seconds: count * SECONDS[unit], written: [count, unit] };
}

/** Contacts that a probe is about. */
export const PROBED_CITY = 'Probe';
/** Orders that a probe is about. */
export const PROBED_STATUS = 'probe';

export function probes(): Probe[] {
  return LENGTHS.flatMap(([count, unit], n) => {
    const [own, ordered] = [windowOf(count, unit), windowOf(count + 1, unit)];
    return [
      {
        key: `seen-${n}`,
        of: 'contact',
        window: own,
        condition: {
          and: [{ '==': [field('city'), PROBED_CITY] }, { in_last: [field('last_seen_at'), ...own.written] }],
        },
      },
      {
        key: `ordered-${n}`,
        of: 'order',
        window: ordered,
        condition: {
          some: [
            field('orders'),
            {
              and: [{ '==': [field('status'), PROBED_STATUS] }, { in_last: [field('placed_at'), ...ordered.written] }],
            },
          ],
        },
      },
    ] satisfies Probe[];
  });
}

/** What the probes' windows serve besides. */
export function timeSegments(count: number): BenchSegment[] {
  const all = probes();
  return Array.from({ length: count }, (_, n) => {
    const { of, window } = all[n % all.length] as Probe;
    const country = { '==': [field('country'), COUNTRIES[n % COUNTRIES.length]] };
    const condition =
      of === 'contact'
        ? {
            and: [country, { '>=': [field('points'), 5_000] }, { in_last: [field('last_seen_at'), ...window.written] }],
          }
        : {
            and: [
              country,
              {
                '>=': [
                  {
                    count: [
                      {
                        filter: [
                          field('orders'),
                          {
                            and: [
                              { '==': [field('status'), 'paid'] },
                              { in_last: [field('placed_at'), ...window.written] },
                            ],
                          },
                        ],
                      },
                    ],
                  },
                  2,
                ],
              },
            ],
          };
    return { key: `time-${n}`, condition };
  });
}

/** A hundred edges of time that nothing crosses: the windows reach back further than any row, so they are empty. */
export function idleSegments(): BenchSegment[] {
  return Array.from({ length: 98 }, (_, n) => ({
    key: `idle-${n}`,
    condition:
      n % 2 === 0
        ? { and: [{ '==': [field('city'), PROBED_CITY] }, { in_last: [field('last_seen_at'), 3_000 + n, 'day'] }] }
        : {
            some: [
              field('orders'),
              {
                and: [{ '==': [field('status'), PROBED_STATUS] }, { in_last: [field('placed_at'), 3_000 + n, 'day'] }],
              },
            ],
          },
  }));
}
