/**
 * Segments such as teams have, as many as wanted: four of five over fields of the contact, one of five over its orders.
 * All differ, and several share a leaf with others, as real ones do; each holds some percent of the contacts.
 */
export interface BenchSegment {
  readonly key: string;
  readonly condition: unknown;
}

const field = (name: string) => ({ var: name });
const COUNTRIES = ['ES', 'PT', 'FR', 'DE', 'IT', 'GB', 'PL', 'NL', 'SE', 'MX', 'AR', 'JP'] as const;
const PLANS = ['free', 'pro', 'team', 'enterprise'] as const;
const TAGS = ['vip', 'press', 'beta', 'partner', 'wholesale', 'blog'] as const;
const STATUSES = ['paid', 'pending', 'refunded', 'cancelled'] as const;

function at<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T;
}

function byField(n: number): unknown {
  const countries = { in: [field('country'), [at(COUNTRIES, n + 3), at(COUNTRIES, n * 5 + 1)]] };
  const plan = { '==': [field('attributes.plan'), at(PLANS, n)] };
  const variants = [
    () => ({ and: [countries, { '>=': [field('points'), 500 + 20 * n] }] }),
    () => ({ and: [plan, countries, { '!': [{ has_any: [field('tags'), [at(TAGS, n), at(TAGS, n + 2)]] }] }] }),
    () => ({
      or: [
        { '>': [field('balance'), `${700 + (n % 45)}.50`] },
        { and: [{ '>=': [field('attributes.score'), 50 + (n % 50)] }, countries] },
      ],
    }),
    () => ({
      and: [
        { '<=': [18 + (n % 30), { age: [field('birth_date')] }, 24 + (n % 30)] },
        { '==': [field('newsletter'), true] },
      ],
    }),
    () => ({ and: [{ icontains: [field('email'), `.${n % 90}`] }, countries] }),
    () => ({ and: [{ before_last: [field('last_seen_at'), 100 + (n % 200), 'day'] }, countries, plan] }),
  ];
  return at(variants, n)();
}

function byOrders(n: number): unknown {
  const where = {
    and: [{ '==': [field('status'), at(STATUSES, n)] }, { in_last: [field('placed_at'), 30 + (n % 12) * 30, 'day'] }],
  };
  const variants = [
    () => ({ '>=': [{ count: [{ filter: [field('orders'), where] }] }, 2 + (n % 4)] }),
    () => ({
      '>': [
        { sum: [{ map: [{ filter: [field('orders'), { '==': [field('status'), 'paid'] }] }, field('total')] }] },
        `${400 + n * 3}.00`,
      ],
    }),
    () => ({
      and: [
        { none: [field('orders'), where] },
        { some: [field('orders'), { '>': [field('total'), 150 + (n % 150)] }] },
      ],
    }),
    () => ({ '>=': [{ max_of: [{ map: [field('orders'), field('total')] }] }, 180 + n] }),
  ];
  return at(variants, n)();
}

/**
 * One in five over orders. The first two are probes: they are empty until a bench puts a contact there, by values that
 * no other segment asks for, so that a probe's own move is all that it adds.
 */
export function benchSegments(count: number): BenchSegment[] {
  const segments: BenchSegment[] = [
    { key: 'probe-contact', condition: { '>=': [field('credit_limit'), 1_000_000] } },
    { key: 'probe-order', condition: { some: [field('orders'), { '==': [field('status'), 'probe'] }] } },
  ];
  for (let n = segments.length; n < count; n++) {
    segments.push({ key: `bench-${n}`, condition: n % 5 === 0 ? byOrders(n / 5) : byField(n) });
  }
  return segments;
}
