/**
 * The past of a membership: since when a contact is a member, and its events, over the life of the other segment. Sweeps
 * alone move contacts at the microsecond.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { doctor } from '../../src/audit/doctor.ts';
import { explain } from '../../src/explain/explain.ts';
import { pruneEvents } from '../../src/feed/event-retention.ts';
import { listEvents } from '../../src/overview/event-list.ts';
import { createSegment } from '../../src/segment/create-segment.ts';
import { random, seed } from '../support/random.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

vi.setConfig({ testTimeout: 120_000 });

const NOON = '2024-05-15T12:00:00Z';
const country = (...of: string[]): unknown => ({ in: [{ var: 'country' }, of] });
const memberFor = (key: string, hours: number): unknown => ({ member_for: [key, hours, 'hour'] });

let world: SweepWorld;
beforeEach(async () => {
  world = await sweepWorld();
  await world.at(NOON);
  await world.query(`insert into public.contacts (id, country) values (1, 'ES'), (2, 'FR'), (3, 'ES')`);
});
afterEach(() => world.end());

/** Creates the segments, in the order of their keys, and builds them at the present. */
async function built(segments: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [key, condition] of Object.entries(segments)) await world.create(key, condition);
  await world.settle();
}

const move = (id: number, to: string) => world.query(`update public.contacts set country = $2 where id = $1`, [id, to]);

/** The members of each of the keys, at each of the instants, one after the other. */
async function over(instants: readonly string[], ...keys: string[]): Promise<readonly (readonly string[])[]> {
  const found: string[][] = [];
  for (const instant of instants) {
    await world.at(instant);
    await world.settle();
    await world.exact();
    const each = await Promise.all(keys.map(async (key) => (await world.members(key)).join(' ')));
    found.push(each);
  }
  return found;
}

async function enteredAt(key: string): Promise<readonly { contact: string; at: string }[]> {
  return world.query(
    `select m.contact_id::text as contact, to_char(m.entered_at at time zone 'UTC', 'HH24:MI:SS') as at from segmentd.member m where m.segment_key = $1 order by 1`,
    [key],
  );
}

describe('member_for', () => {
  test('turns at the microsecond, and begins anew when the contact comes back', async () => {
    await built({ spain: country('ES'), loyal: memberFor('spain', 2), new: { '!': [memberFor('spain', 2)] } });
    expect(
      await over(['2024-05-15T12:00:00Z', '2024-05-15T13:59:59.999999Z', '2024-05-15T14:00:00Z'], 'loyal', 'new'),
    ).toEqual([
      ['', '1 2 3'],
      ['', '1 2 3'],
      ['1 3', '2'],
    ]);
    await move(1, 'FR');
    expect(await over(['2024-05-15T14:30:00Z'], 'loyal', 'new')).toEqual([['3', '1 2']]);
    await move(1, 'ES');
    expect(
      await over(['2024-05-15T15:00:00Z', '2024-05-15T16:59:59.999999Z', '2024-05-15T17:00:00Z'], 'loyal'),
    ).toEqual([['3'], ['3'], ['1 3']]);
  });

  test('counts on through edits, rebuilds and pauses that keep the member', async () => {
    await built({ spain: country('ES'), loyal: memberFor('spain', 3) });
    await world.at('2024-05-15T12:30:00Z');
    await world.edit('spain', country('ES', 'FR'));
    await world.settle();
    expect(await enteredAt('spain')).toEqual([
      { contact: '1', at: '12:00:00' },
      { contact: '2', at: '12:30:00' },
      { contact: '3', at: '12:00:00' },
    ]);
    await world.query(`update segmentd.segment set wanted_state = 'paused' where key = 'spain'`);
    await world.settle();
    await world.query(
      `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
    );
    expect(await over(['2024-05-15T15:00:00Z'], 'loyal')).toEqual([['1 3']]);
    await world.query(`update segmentd.segment set wanted_state = 'live' where key = 'spain'`);
    expect(await over(['2024-05-15T15:29:59.999999Z', '2024-05-15T15:30:00Z'], 'loyal')).toEqual([['1 3'], ['1 2 3']]);
    // The reader's own edit and rebuild lose nothing either.
    await world.edit('loyal', { and: [memberFor('spain', 3), country('FR')] });
    expect(await over(['2024-05-15T15:30:01Z'], 'loyal')).toEqual([['2']]);
  });

  test('counts from an include, from an add, and from the making of a snapshot', async () => {
    await world.query(`insert into segmentd.segment (key, kind) values ('hand', 'static')`);
    await world.query(
      `insert into segmentd.segment (key, kind, condition) values ('made', 'snapshot', '{"in": [{"var": "country"}, ["FR"]]}')`,
    );
    await built({
      spain: country('ES'),
      ofSpain: memberFor('spain', 1),
      ofHand: memberFor('hand', 1),
      ofMade: memberFor('made', 1),
    });
    await world.at('2024-05-15T12:20:00Z');
    const decide = (key: string, contact: number, kind: string) =>
      world.query(
        `insert into segmentd.override (segment_id, contact_id, kind) select s.id, $2, $3 from segmentd.segment s where s.key = $1`,
        [key, contact, kind],
      );
    await decide('spain', 2, 'include');
    await decide('hand', 3, 'member');
    await world.settle();
    expect(
      await over(
        ['2024-05-15T13:00:00Z', '2024-05-15T13:19:59.999999Z', '2024-05-15T13:20:00Z'],
        'ofSpain',
        'ofHand',
        'ofMade',
      ),
    ).toEqual([
      ['1 3', '', '2'],
      ['1 3', '', '2'],
      ['1 2 3', '3', '2'],
    ]);
    await world.query(
      `delete from segmentd.override w using segmentd.segment s where s.id = w.segment_id and s.key = 'spain'`,
    );
    expect(await over(['2024-05-15T13:21:00Z'], 'ofSpain')).toEqual([['1 3']]);
  });

  test('of a segment that is itself member_for, two deep, after a downtime', async () => {
    await built({ spain: country('ES'), loyal: memberFor('spain', 2), old: memberFor('loyal', 3) });
    // The worker was away: it evaluates `loyal` only now, and so does the clock of `old` begin now.
    expect(
      await over(['2024-05-20T12:00:00Z', '2024-05-20T14:59:59.999999Z', '2024-05-20T15:00:00Z'], 'loyal', 'old'),
    ).toEqual([
      ['1 3', ''],
      ['1 3', ''],
      ['1 3', '1 3'],
    ]);
  });
});

describe('entered_in_last and left_in_last', () => {
  test('hold from the event on, for as long as they say', async () => {
    await built({
      spain: country('ES'),
      came: { entered_in_last: ['spain', 1, 'hour'] },
      went: { left_in_last: ['spain', 90, 'minute'] },
      calm: { '!': [{ or: [{ entered_in_last: ['spain', 1, 'hour'] }, { left_in_last: ['spain', 90, 'minute'] }] }] },
    });
    expect(await over([NOON, '2024-05-15T12:59:59.999999Z', '2024-05-15T13:00:00Z'], 'came', 'went', 'calm')).toEqual([
      ['1 3', '', '2'],
      ['1 3', '', '2'],
      ['', '', '1 2 3'],
    ]);
    await move(1, 'FR');
    await move(2, 'ES');
    expect(
      await over(
        [
          '2024-05-15T13:10:00Z',
          '2024-05-15T14:09:59.999999Z',
          '2024-05-15T14:10:00Z',
          '2024-05-15T14:39:59.999999Z',
          '2024-05-15T14:40:00Z',
        ],
        'came',
        'went',
        'calm',
      ),
    ).toEqual([
      ['2', '1', '3'],
      ['2', '1', '3'],
      ['', '1', '2 3'],
      ['', '1', '2 3'],
      ['', '', '1 2 3'],
    ]);
  });

  test('an event between two looks counts, though the contact is where it was', async () => {
    await built({
      spain: country('ES'),
      came: { entered_in_last: ['spain', 1, 'hour'] },
      went: { left_in_last: ['spain', 1, 'hour'] },
    });
    await world.at('2024-05-16T12:00:00Z');
    await world.settle();
    await move(3, 'FR');
    await world.settle();
    await move(3, 'ES');
    expect(
      await over(['2024-05-16T12:00:01Z', '2024-05-16T13:00:00.999999Z', '2024-05-16T13:00:01Z'], 'came', 'went'),
    ).toEqual([
      ['3', '3'],
      ['3', ''],
      ['', ''],
    ]);
  });

  test('a window over an event that a downtime has passed over is left', async () => {
    await built({ spain: country('ES'), came: { entered_in_last: ['spain', 1, 'day'] } });
    expect(await over(['2024-05-16T11:00:00Z', '2024-06-20T12:00:00Z'], 'came')).toEqual([['1 3'], ['']]);
  });
});

describe('the end of the log', () => {
  const went = (n: number, unit = 'day'): unknown => ({ left_in_last: ['spain', n, unit] });
  const issues = async (key: string): Promise<readonly { code: string; pointer: string; message: string }[]> => {
    const [row] = await world.query<{ error: { issues: [] } | null }>(
      'select error from segmentd.segment where key = $1',
      [key],
    );
    return row?.error?.issues ?? [];
  };
  const months = async () => {
    const rows = await world.query<{ month: string }>(
      `select to_char(min(e.at), 'YYYY-MM') as month from segmentd.membership_event e`,
    );
    return rows[0]?.month;
  };

  test('a window over it is rejected, and the message says how long events are kept', async () => {
    await pruneEvents(world.pool, 2);
    await built({ spain: country('ES'), just: went(59), over: went(60), long: memberFor('spain', 24 * 60) });
    expect(await issues('just')).toEqual([]);
    expect(await issues('long'), 'member_for needs no event').toEqual([]);
    expect(await issues('over')).toEqual([
      expect.objectContaining({
        code: 'beyond-log',
        pointer: '',
        message: 'Events are kept for 2 whole months, at least 59 days: the window reaches further back.',
        hint: 'ask for at most 59 days, or run the workers with a larger `--event-months`',
      }),
    ]);
    // The worker of `settle` keeps 24 months, and says so.
    await pruneEvents(world.pool, 2);
    const nested = { or: [country('FR'), { '!': [went(9, 'week')] }] };
    await expect(
      createSegment(world.pool, world.catalogue, { key: 'nested', condition: nested }),
    ).rejects.toMatchObject({
      issues: [{ code: 'beyond-log', pointer: '/or/1' }],
    });
    // What was pruned is not known again, however long events are kept from now on.
    await world.query(
      `update segmentd_internal.installation set events_since = '2024-05-01 00:00+00', event_months = 24`,
    );
    await world.edit('over', went(15));
    await world.settle();
    expect(await issues('over')).toEqual([
      expect.objectContaining({
        message: 'Events are known since 2024-05-01, 14 days ago: the window reaches further back.',
      }),
    ]);
    await world.edit('over', went(14));
    await world.settle();
    expect(await issues('over')).toEqual([]);
  });

  test('pruning keeps what a stored condition reads, and doctor says so', async () => {
    await pruneEvents(world.pool, 12);
    await built({ spain: country('ES'), went: went(80), france: country('FR') });
    await move(1, 'FR');
    await world.settle();
    await world.at('2024-08-02T00:00:00Z');
    await world.settle();
    const prune = async () => {
      // One call announces, the next one prunes.
      for (let call = 0; call < 2; call += 1) await pruneEvents(world.pool, 1);
    };
    await prune();
    expect(await months(), 'read by 80 days').toBe('2024-05');
    expect(await over(['2024-08-03T11:59:59.999999Z'], 'went')).toEqual([['1']]);
    await prune();
    const findings = await doctor(world.pool, world.catalogue);
    expect(findings.filter(({ sentence }) => sentence.includes('--event-months'))).toEqual([
      {
        level: 'warn',
        sentence:
          'Events are kept longer than --event-months 1 says, because conditions read further back: went (80 days).',
        fix: 'edit the condition to read at most 28 days, or run the workers with a larger --event-months',
      },
    ]);
    const needed = await world.query<{ days: number }>(
      `select (segmentd_internal.events_needed(s.condition) / 86400)::float8 as days from segmentd.segment s order by s.key`,
    );
    expect(needed, 'also without an edge, while it is paused').toEqual([{ days: null }, { days: null }, { days: 80 }]);
    // The worker is away beyond the window, and prunes before it sweeps.
    await world.at('2024-10-10T00:00:00Z');
    await prune();
    expect(await months()).toBe('2024-05');
    expect(await over(['2024-10-10T00:00:00Z'], 'went')).toEqual([['']]);
    await prune();
    expect(await months(), 'nothing of May is read any more').toBe('2024-10');
  });
});

describe('explain', () => {
  const nextOf = async (key: string, contact: string) => {
    const { next, condition, computed } = await explain(world.pool, world.catalogue, key, contact);
    return { computed, flip: next.flip, matches: next.matches, causes: next.causes, condition };
  };

  test('says since when, and finds the flip', async () => {
    await built({
      spain: country('ES'),
      loyal: memberFor('spain', 2),
      came: { entered_in_last: ['spain', 1, 'hour'] },
    });
    expect(await nextOf('loyal', '1')).toMatchObject({
      computed: false,
      flip: '2024-05-15T14:00:00.000000Z',
      matches: true,
      causes: ['has been in the segment spain for at least 2 hours'],
      condition: {
        actual: '2024-05-15T12:00:00.000000Z',
        threshold: 'up to 2024-05-15T10:00:00.000000Z',
      },
    });
    expect(await nextOf('came', '1')).toMatchObject({
      computed: true,
      flip: '2024-05-15T13:00:00.000000Z',
      matches: false,
    });
    expect(await nextOf('came', '2')).toMatchObject({ computed: false, flip: null, condition: { actual: null } });
  });

  test('finds flips that come of moves of the other segment which are yet to come', async () => {
    await world.query(`update public.contacts set seen_at = '2024-05-15T11:30:00Z' where id = 1`);
    await world.query(`update public.contacts set seen_at = '2024-05-15T12:20:00Z' where id = 2`);
    await built({
      seen: { in_last: [{ var: 'seen_at' }, 1, 'hour'] },
      longSeen: { member_for: ['seen', 50, 'minute'] },
      went: { left_in_last: ['seen', 1, 'hour'] },
      came: { entered_in_last: ['seen', 10, 'minute'] },
      overLong: { entered_in_last: ['longSeen', 5, 'minute'] },
    });
    const flips: Record<string, unknown> = {};
    for (const key of ['longSeen', 'went', 'came', 'overLong'])
      for (const contact of ['1', '2']) {
        const { flip, matches } = await nextOf(key, contact);
        flips[`${key} ${contact}`] = flip === null ? null : `${flip.slice(11, 16)} ${String(matches)}`;
      }
    expect(flips).toEqual({
      // Contact 1 is in from the build at 12:00 to 12:30: too short for 50 minutes.
      'longSeen 1': null,
      'went 1': '12:30 true',
      'came 1': '12:10 false',
      'overLong 1': null,
      // Contact 2 is in from 12:20 to 13:20.
      'longSeen 2': '13:10 true',
      'went 2': '13:20 true',
      'came 2': '12:20 true',
      'overLong 2': '13:10 true',
    });
    // What was said comes to pass.
    expect(
      await over(
        [
          '2024-05-15T12:20:00Z',
          '2024-05-15T12:30:00Z',
          '2024-05-15T13:09:59.999999Z',
          '2024-05-15T13:10:00Z',
          '2024-05-15T13:20:00Z',
        ],
        'longSeen',
        'went',
        'came',
        'overLong',
      ),
    ).toEqual([
      ['', '', '2', ''],
      ['', '1', '', ''],
      ['', '1', '', ''],
      ['2', '1', '', '2'],
      ['', '1 2', '', ''],
    ]);
  });

  test('names the past as the cause of an event', async () => {
    await world.query(`update public.contacts set seen_at = '2024-05-15T11:00:00Z'`);
    await built({
      spain: country('ES'),
      loyal: { and: [memberFor('spain', 2), { before_last: [{ var: 'seen_at' }, 1, 'hour'] }] },
      only: { and: [memberFor('spain', 2), country('ES')] },
    });
    await over(['2024-05-15T14:00:00Z'], 'loyal');
    const { events } = await listEvents(world.pool, world.catalogue, { contact: '1', limit: 10 });
    const causes = events.filter(({ reason }) => reason === 'time').map(({ segment, cause }) => [segment, cause?.leaf]);
    expect(new Map(causes.map(([key, leaf]) => [key, leaf]))).toEqual(
      new Map([
        ['loyal', null],
        ['only', 'has been in the segment spain for at least 2 hours'],
      ]),
    );
  });
});

describe('a year', () => {
  const MINUTE = 60_000;

  /** What the log says of one contact and one segment: when it entered and when it left. */
  async function logOf(key: string): Promise<ReadonlyMap<string, readonly { kind: string; at: number }[]>> {
    const rows = await world.query<{ contact: string; kind: string; at: string }>(
      `select e.contact_id::text as contact, e.kind, (extract(epoch from e.at) * 1000)::text as at
       from segmentd.membership_event e join segmentd.segment s on s.id = e.segment_id where s.key = $1 order by e.id`,
      [key],
    );
    const found = new Map<string, { kind: string; at: number }[]>();
    for (const { contact, kind, at } of rows)
      found.set(contact, [...(found.get(contact) ?? []), { kind, at: Number(at) }]);
    return found;
  }

  test('of random windows and of the pasts over them: the log alone gives the same members', async () => {
    const r = random(seed());
    const BEGIN = Date.parse(NOON);
    const DAY = 24 * 60 * MINUTE;
    const iso = (at: number): string => new Date(at).toISOString();
    for (let id = 10; id < 30; id += 1)
      await world.query(`insert into public.contacts (id, country, seen_at) values ($1, 'PT', $2)`, [
        id,
        iso(BEGIN + r.below(300) * DAY + r.below(1_440) * MINUTE),
      ]);
    const windows = [
      [3, 'week', 21 * DAY],
      [60, 'day', 60 * DAY],
    ] as const;
    const bases = { near: { in_last: [{ var: 'seen_at' }, 30, 'day'] } };
    const pasts = Object.keys(bases).flatMap((base) =>
      windows.flatMap(([n, unit, length]) =>
        (['member_for', 'entered_in_last', 'left_in_last'] as const).map((operator) => ({
          key: `${base}_${operator}_${n}`,
          operator,
          length,
          condition: { [operator]: [base, n, unit] },
        })),
      ),
    );
    await built({ ...bases, ...Object.fromEntries(pasts.map(({ key, condition }) => [key, condition])) });
    let now = BEGIN;
    let found = 0;
    while (now < BEGIN + 365 * DAY) {
      // Often exactly where one of the pasts turns, or a millisecond before.
      const step = now + (8 + r.below(30)) * DAY;
      const turn = r.chance(0.5)
        ? [...(await logOf('near')).values()]
            .flat()
            .flatMap(({ at }) => windows.map(([, , length]) => at + length))
            .filter((at) => at > now + 4 * DAY && at < step)
            .toSorted((a, b) => a - b)[0]
        : undefined;
      now = turn === undefined ? step : turn - r.pick([0, 0, 1]);
      await world.at(iso(now));
      await world.settle();
      const log = await logOf('near');
      for (const { key, operator, length } of pasts) {
        const expected = [...log].flatMap(([contact, events]) => {
          const last = events.at(-1);
          const holds =
            operator === 'member_for'
              ? last?.kind === 'entered' && last.at <= now - length
              : events.some(({ kind, at }) => operator.startsWith(kind) && at > now - length && at <= now);
          return holds ? [contact] : [];
        });
        const members = await world.members(key);
        found += members.length;
        expect(members.toSorted(), `${key} at ${iso(now)}`).toEqual(expected.toSorted());
      }
    }
    await world.exact();
    expect(found).toBeGreaterThan(50);
  });
});
