/**
 * The next flip of random rules for random contacts, held against the evaluator: it says the same up to a microsecond
 * before the flip and the opposite at it, and on an hourly grid nothing changes earlier. The verdict and its leaves, too.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluator } from '../../src/condition/evaluate/evaluator.ts';
import { formatInstant, parseInstant } from '../../src/condition/literal.ts';
import { references } from '../../src/condition/references.ts';
import { findNextFlip } from '../../src/explain/next-flip.ts';
import { storedMemberScope, type ReferencedSegments } from '../../src/explain/referenced-segment.ts';
import { leavesThatChanged, outlineOf, resultOf } from '../../src/explain/condition-tree.ts';
import { readLeafResults, readContactVerdict } from '../../src/explain/contact-verdict.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import type { VersionPlan } from '../../src/followed/plan.ts';
import { edgesOf } from '../../src/temporal/edge.ts';
import { others, randomRules } from '../oracle/compare.ts';
import { createFuzzDatabase, type FuzzDatabase } from '../oracle/fuzz-database.ts';
import { nows } from '../oracle/pool.ts';
import { random, seed } from '../support/random.ts';
import { catalogueWith, readDocuments } from '../oracle/oracle-world.ts';

const DAYS = 9;
const CONTACTS_OF_RULE = 5;
const HOUR = 3_600_000_000n;
const PLAIN: Pick<VersionPlan, 'parts' | 'kind' | 'overrides' | 'fingerprint'> = {
  parts: { base: { kind: 'constant', value: true }, own: { kind: 'constant', value: true } },
  kind: 'dynamic',
  overrides: false,
  fingerprint: {},
};
const NO_PLANS: ReferencedSegments = { idOfKey: new Map(others), planOfKey: new Map() };

let fuzz: FuzzDatabase;
beforeAll(async () => {
  console.log(`FUZZ_SEED=${seed()}`);
  fuzz = await createFuzzDatabase({ contacts: 200, orders: 400, items: 500, parts: 200 });
});
afterAll(() => fuzz?.database.drop());

test.each([
  ['UTC', 11],
  ['Africa/Cairo', 12],
] as const)(
  'with timestamps read in %s, the next flip is the first and exact',
  { timeout: 240_000 },
  async (timestamps, offset) => {
    const { database, documents } = fuzz;
    const catalogue = catalogueWith(timestamps);
    const r = random(seed() + offset);
    const rules = randomRules(r, catalogue, 240)
      .filter(({ condition, timezone }) => edgesOf(condition, catalogue, timezone).length > 0)
      .slice(0, 60);
    expect(rules.length).toBe(60);
    const client = await database.pool.connect();
    const wrong: string[] = [];
    let flips = 0;
    try {
      await client.query(`set timezone = 'UTC'; set jit = off`);
      for (const { condition, timezone, json } of rules) {
        const plan: VersionPlan = {
          id: 1,
          version: 1,
          condition,
          timezone,
          references: references(condition, catalogue),
          edges: edgesOf(condition, catalogue, timezone),
          ...PLAIN,
        };
        const now = r.pick(nows);
        const from = parseInstant(now) ?? 0n;
        const validate = (at: bigint) => evaluator({ condition, timezone }, formatInstant(at), { timestamps });
        const grid = Array.from({ length: DAYS * 24 + 1 }, (_, hour) => validate(from + BigInt(hour) * HOUR));
        // Those that something happens to, and others.
        const moving = [...documents].filter(([, document]) =>
          grid.some((verdict, hour) => hour % 8 === 0 && verdict(document) !== grid[0]?.(document)),
        );
        for (const [contact, document] of [
          ...r.some(moving, CONTACTS_OF_RULE),
          ...r.some([...documents], CONTACTS_OF_RULE),
        ]) {
          const verdicts = grid.map((verdict) => verdict(document));
          const base = verdicts[0] === true;
          const { flip } = await findNextFlip(client, catalogue, plan, NO_PLANS, String(contact), now, DAYS);
          const seen = verdicts.findIndex((verdict) => verdict !== base);
          const at = flip === undefined ? undefined : (parseInstant(flip) ?? 0n);
          const failWith = (what: string): unknown =>
            wrong.push(
              `${what}: ${JSON.stringify(json)} in ${timezone} at ${now}: contact ${contact}, flip ${flip ?? 'none'}`,
            );
          if (seen !== -1 && (at === undefined || at > from + BigInt(seen) * HOUR))
            failWith(`missed a flip in hour ${seen}`);
          if (at === undefined) continue;
          flips += 1;
          if (validate(at)(document) === base) failWith('no flip there');
          if (validate(at - 1n)(document) !== base) failWith('it had flipped before');
          const parts = outlineOf(condition, catalogue);
          const scope = storedMemberScope(catalogue, plan, NO_PLANS);
          const before = await readLeafResults(client, scope, parts, String(contact), formatInstant(at - 1n));
          const after = await readLeafResults(client, scope, parts, String(contact), formatInstant(at));
          if (!before || !after || leavesThatChanged(parts.root, before, after).length === 0)
            failWith('nothing caused it');
        }
      }
    } finally {
      client.release();
    }
    expect(wrong, wrong.slice(0, 5).join('\n')).toEqual([]);
    expect(flips).toBeGreaterThan(80);
  },
);

/** Clocks of Cairo: the hour after midnight of 26 April 2024 is skipped, the hour before midnight of 31 October comes twice. */
const CLOCKS = [
  ['2024-04-26 00:30:00', '2024-04-25T20:00:00.000000Z'],
  ['2024-04-26 00:00:00', '2024-04-25T20:00:00.000000Z'],
  ['2024-10-31 23:30:00', '2024-10-31T19:00:00.000000Z'],
  ['2024-10-31 23:30:00', '2024-10-31T20:45:00.000000Z'],
  ['2024-10-31 23:59:59.999999', '2024-10-31T20:59:59.999999Z'],
] as const;

test.each(CLOCKS)('the next flip of a wall clock that shows %s, from %s on, is exact', async (clock, now) => {
  const { database } = fuzz;
  const catalogue = catalogueWith('Africa/Cairo');
  await database.query(`update fuzz."Per son" set local_at = $1 where "ID" = 1`, [clock]);
  const document = (await readDocuments(database)).get(1);
  const from = parseInstant(now) ?? 0n;
  const client = await database.pool.connect();
  let flips = 0;
  try {
    await client.query(`set timezone = 'UTC'; set jit = off`);
    for (const json of [
      { in_next: [{ var: 'local_at' }, 1, 'minute'] },
      { before_last: [{ var: 'local_at' }, 1, 'minute'] },
      { before_last: [{ var: 'local_at' }, 1, 'day'] },
      { in_last: [{ var: 'local_at' }, 90, 'minute'] },
      { in_period: [{ var: 'local_at' }, 'day', 0] },
      { in_period: [{ var: 'local_at' }, 'month', -1] },
    ]) {
      for (const timezone of ['Africa/Cairo', 'America/Havana']) {
        const checked = checkCondition(json, { catalogue });
        if (!checked.ok || !document) throw new Error('a condition of the test is wrong');
        const { condition } = checked;
        const plan: VersionPlan = {
          id: 1,
          version: 1,
          condition,
          timezone,
          references: references(condition, catalogue),
          edges: [],
          ...PLAIN,
        };
        const holds = (at: bigint) =>
          evaluator({ condition, timezone }, formatInstant(at), { timestamps: 'Africa/Cairo' })(document);
        // Every flip of a day, one after the other.
        for (let at = from; ;) {
          const base = holds(at);
          const { flip } = await findNextFlip(client, catalogue, plan, NO_PLANS, '1', formatInstant(at), 1);
          const next = flip === undefined ? undefined : (parseInstant(flip) ?? 0n);
          const searched = `${JSON.stringify(json)} in ${timezone} from ${formatInstant(at)}: ${flip ?? 'none'}`;
          for (let minute = at; minute < (next ?? at + 86_400_000_000n); minute += 60_000_000n)
            expect(holds(minute), `${searched}, differs at ${formatInstant(minute)}`).toBe(base);
          if (next === undefined) break;
          expect([holds(next - 1n), holds(next)], searched).toEqual([base, !base]);
          flips += 1;
          at = next;
        }
      }
    }
  } finally {
    client.release();
  }
  expect(flips).toBeGreaterThan(5);
});

test('the verdict of explain is that of the evaluator, and follows from its leaves', { timeout: 120_000 }, async () => {
  const { database, documents } = fuzz;
  const catalogue = catalogueWith('UTC');
  const r = random(seed() + 13);
  const client = await database.pool.connect();
  const wrong: string[] = [];
  try {
    for (const { condition, timezone, json } of randomRules(r, catalogue, 500)) {
      const plan: VersionPlan = {
        id: 1,
        version: 1,
        condition,
        timezone,
        references: references(condition, catalogue),
        edges: [],
        ...PLAIN,
      };
      const now = r.pick(nows);
      const parts = outlineOf(condition, catalogue);
      for (const [contact, document] of r.some([...documents], 2)) {
        const verdict = await readContactVerdict(
          client,
          storedMemberScope(catalogue, plan, NO_PLANS),
          condition,
          parts,
          String(contact),
          now,
        );
        const expected = evaluator({ condition, timezone }, now, { timestamps: 'UTC' })(document);
        if (verdict?.holds !== expected)
          wrong.push(`${JSON.stringify(json)} at ${now}: contact ${contact} should ${expected ? '' : 'not '}match`);
        if (verdict && resultOf(parts.root, verdict.held) !== verdict.holds)
          wrong.push(`${JSON.stringify(json)} at ${now}: contact ${contact}: groups differ`);
      }
    }
    expect(
      await readContactVerdict(
        client,
        storedMemberScope(catalogue, ofEverybody, NO_PLANS),
        ofEverybody.condition,
        outlineOf(ofEverybody.condition, catalogue),
        '999999',
        nows[0],
      ),
    ).toBeUndefined();
  } finally {
    client.release();
  }
  expect(wrong, wrong.slice(0, 5).join('\n')).toEqual([]);
});

const ofEverybody: VersionPlan = {
  id: 1,
  version: 1,
  condition: { kind: 'constant', value: true },
  timezone: 'UTC',
  references: { columns: new Map(), rows: new Set(), segments: new Set(), usesTime: false },
  edges: [],
  ...PLAIN,
};
