/**
 * Segments of the sample shop. Together they use every family of operators of the condition language, and some use
 * windows of minutes, so that members leave while one watches.
 */
export interface SampleSegment {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** JsonLogic, as `segmentd create --condition` takes it. */
  readonly condition: unknown;
}

const field = (name: string) => ({ var: name });
const paid = { '==': [field('status'), 'paid'] };

export const SAMPLE_SEGMENTS: readonly SampleSegment[] = [
  {
    key: 'iberia',
    name: 'Iberia',
    description: 'In Spain or Portugal, reachable by e-mail, not a test address',
    tags: ['country'],
    condition: {
      and: [
        { in: [field('country'), ['ES', 'PT']] },
        { '!': [{ is_empty: [field('email')] }] },
        { '!': [{ icontains: [field('email'), '@test.'] }] },
        { '!': [{ iends_with: [field('email'), '.test'] }] },
      ],
    },
  },
  {
    key: 'loyal',
    name: 'Loyal buyers',
    description: 'At least three paid orders in 90 days, worth more than 250 in all, nothing ever refunded',
    tags: ['orders'],
    condition: {
      and: [
        {
          '>=': [
            { count: [{ filter: [field('orders'), { and: [paid, { in_last: [field('placed_at'), 90, 'day'] }] }] }] },
            3,
          ],
        },
        { '>': [{ sum: [{ map: [{ filter: [field('orders'), paid] }, field('total')] }] }, '250.00'] },
        { none: [field('orders'), { '==': [field('status'), 'refunded'] }] },
      ],
    },
  },
  {
    key: 'just_looked',
    name: 'Looked in the last two minutes',
    description: 'Viewed a page in the last two minutes; leaves by itself',
    tags: ['now'],
    condition: { some: [field('page_views'), { in_last: [field('viewed_at'), 2, 'minute'] }] },
  },
  {
    key: 'abandoned_cart',
    name: 'Left the cart',
    description:
      'Saw the cart or the checkout in the last hour, and has no order from five minutes before that to an hour after it',
    tags: ['now'],
    condition: {
      some: [
        field('page_views'),
        {
          and: [
            { in: [field('path'), ['/cart', '/checkout']] },
            { in_last: [field('viewed_at'), 1, 'hour'] },
            {
              none: [
                field('orders'),
                {
                  and: [
                    { '>=': [field('placed_at'), { minus: [field('outer.viewed_at'), 5, 'minute'] }] },
                    { '<=': [field('placed_at'), { plus: [field('outer.viewed_at'), 1, 'hour'] }] },
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
  },
  {
    key: 'sleeping',
    name: 'Sleeping',
    description: 'Known for two months, seen once, but not in the last 30 days',
    tags: ['retention'],
    condition: {
      and: [
        { known_for: [60, 'day'] },
        { before_last: [field('last_seen_at'), 30, 'day'] },
        { '!=': [field('last_seen_at'), null] },
      ],
    },
  },
  {
    key: 'birthday_soon',
    name: 'Birthday soon',
    description:
      'An adult under 65 whose birthday falls in this week or the coming one, was yesterday, or who was born in June or December',
    tags: ['calendar'],
    condition: {
      and: [
        { '<=': [18, { age: [field('birth_date')] }, 64] },
        {
          or: [
            { anniversary_in_next: [field('birth_date'), 7] },
            { anniversary_today: [field('birth_date')] },
            { anniversary_in_last: [field('birth_date'), 1] },
            { anniversary_in_period: [field('birth_date'), 'week', 0] },
            { in: [{ anniversary_month: [field('birth_date')] }, [6, 12]] },
          ],
        },
      ],
    },
  },
  {
    key: 'renewals',
    name: 'Renewals ahead',
    description:
      'On a paying plan that renews within two weeks, renews later this quarter, renewed earlier this month, or renews later and is of the tenth that hears of it early',
    tags: ['calendar', 'plan'],
    condition: {
      and: [
        { in: [field('attributes.plan'), ['pro', 'team', 'enterprise']] },
        {
          or: [
            { in_next: [field('renewal_at'), 2, 'week'] },
            { and: [{ is_future: [field('renewal_at')] }, { in_period: [field('renewal_at'), 'quarter', 0] }] },
            { and: [{ is_past: [field('renewal_at')] }, { in_period: [field('renewal_at'), 'month', 0] }] },
            { and: [{ is_future: [field('renewal_at')] }, { '<': [{ bucket: ['early renewal', 100] }, 10] }] },
          ],
        },
      ],
    },
  },
  {
    key: 'press_and_partners',
    name: 'Press and partners',
    description:
      'Tagged press or partner but not both beta and blog, or tagged événement, or with five tags, or tagged vip alone',
    tags: ['tags'],
    condition: {
      or: [
        {
          and: [
            { has_any: [field('tags'), ['press', 'partner']] },
            { '!': [{ has_all: [field('tags'), ['beta', 'blog']] }] },
          ],
        },
        { in: ['événement', field('tags')] },
        { '>=': [{ size: [field('tags')] }, 5] },
        { has_only: [field('tags'), ['vip']] },
      ],
    },
  },
  {
    key: 'big_tickets',
    name: 'Big tickets',
    description:
      'Average paid order of 80 or more, one of at least 200, none under 5, one of the last three paid, and the first was bought in a store, the first two were paid, or one was bought on a weekend',
    tags: ['orders'],
    condition: {
      and: [
        { '>=': [{ avg: [{ map: [{ filter: [field('orders'), paid] }, field('total')] }] }, 80] },
        { '>=': [{ max_of: [{ map: [field('orders'), field('total')] }] }, 200] },
        { '!': [{ '<': [{ min_of: [{ map: [field('orders'), field('total')] }] }, 5] }] },
        { some: [{ newest: [3, field('orders')] }, paid] },
        {
          or: [
            { '==': [{ first: [field('orders'), field('channel')] }, 'store'] },
            { '==': [{ count: [{ filter: [{ oldest: [2, field('orders')] }, paid] }] }, 2] },
            { some: [field('orders'), { '>=': [{ weekday: [field('placed_at')] }, 6] }] },
          ],
        },
      ],
    },
  },
  {
    key: 'cafe_lovers',
    name: 'Café lovers',
    description:
      'Bought something of the category café in a paid order, quantity two or more, two different articles at least, and all items cost under 500',
    tags: ['items'],
    condition: {
      and: [
        {
          some: [
            field('items'),
            {
              and: [
                { '==': [field('category'), 'café'] },
                { '>=': [field('quantity'), 2] },
                { '==': [field('orders.status'), 'paid'] },
              ],
            },
          ],
        },
        { '>=': [{ count_distinct: [{ map: [field('items'), field('sku')] }] }, 2] },
        { all: [field('items'), { '<': [field('price'), 500] }] },
      ],
    },
  },
  {
    key: 'over_limit',
    name: 'Over the limit',
    description:
      'Owes more than the credit limit allows, has bought for 5,000 more than it, or has a score between 90 and 100 with a paying plan',
    tags: ['fields'],
    condition: {
      or: [
        { '>': [{ '-': [field('balance'), field('credit_limit')] }, 0] },
        {
          '>': [
            { sum: [{ map: [field('items'), { '*': [field('quantity'), field('price')] }] }] },
            { '+': [field('credit_limit'), 5000] },
          ],
        },
        { if: [{ '==': [field('attributes.plan'), 'free'] }, false, { '<=': [90, field('attributes.score'), 100] }] },
      ],
    },
  },
  {
    key: 'names',
    name: 'Names',
    description:
      'First name José in any case, or a last name that begins with Mu, ends with ez, holds a quote or has 12 letters; from a town with an accent',
    tags: ['text'],
    condition: {
      or: [
        { ieq: [field('first_name'), 'JOSÉ'] },
        { iin: [field('city'), ['MÁLAGA', 'łódź']] },
        { istarts_with: [field('last_name'), 'mu'] },
        { ends_with: [field('last_name'), 'ez'] },
        { starts_with: [field('email'), 'Shop.'] },
        { in: ["'", field('last_name')] },
        { '>=': [{ length: [field('last_name')] }, 12] },
        { icontains: [field('attributes.source'), '50%_'] },
      ],
    },
  },
  {
    key: 'vip',
    name: 'VIP',
    description: 'Marked as VIP, or opted in with more than 10,000 points',
    tags: ['fields'],
    condition: {
      or: [
        field('vip'),
        {
          and: [
            { '==': [field('attributes.opted_in'), true] },
            { '>': [field('points'), 10000] },
            { '!!': [field('newsletter')] },
          ],
        },
      ],
    },
  },
  {
    key: 'vip_at_risk',
    name: 'VIP at risk',
    description:
      'VIP, VIP until this week, or loyal; whose last order was cancelled or refunded, who sleeps or fell asleep this week, or who is VIP for long and was not seen for two weeks',
    tags: ['segments'],
    condition: {
      and: [
        { or: [{ in_segment: ['vip'] }, { in_segment: ['loyal'] }, { left_in_last: ['vip', 7, 'day'] }] },
        {
          or: [
            { in: [{ last: [field('orders'), field('status')] }, ['cancelled', 'refunded']] },
            { in_segment: ['sleeping'] },
            { entered_in_last: ['sleeping', 7, 'day'] },
            { and: [{ member_for: ['vip', 90, 'day'] }, { before_last: [field('last_seen_at'), 14, 'day'] }] },
          ],
        },
      ],
    },
  },
];
