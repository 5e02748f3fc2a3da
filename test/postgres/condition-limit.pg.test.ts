/** The limits of a condition in SQL are those of the API, and no depth makes asking for them fail. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import fc from 'fast-check';
import { Issues } from '../../src/condition/check/check-context.ts';
import { checkShape } from '../../src/condition/check/check-shape.ts';
import { defaultLimits } from '../../src/condition/limit.ts';
import { readsOf } from '../../src/segment/reference.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ template: 'migrated' });
});
afterAll(() => database.drop());

const nested = (depth: number, inner: unknown = true): unknown => {
  let condition = inner;
  for (let n = 0; n < depth; n += 1) condition = { '!': condition };
  return condition;
};
const lists = (depth: number): unknown => {
  let condition: unknown = 1;
  for (let n = 0; n < depth; n += 1) condition = [condition];
  return condition;
};

/** What of size and depth alone the API says. */
function broken(condition: unknown): boolean {
  const issues = new Issues();
  checkShape(condition, { ...defaultLimits, values: Infinity, text: Infinity, digits: Infinity }, issues);
  return issues.all().some(({ code }) => ['too-deep', 'too-many-nodes', 'too-large'].includes(code));
}

async function fault(condition: unknown): Promise<string | null> {
  const [row] = await database.query<{ fault: string | null }>(
    'select segmentd_internal.condition_fault($1::jsonb) as fault',
    [JSON.stringify(condition)],
  );
  return row?.fault ?? null;
}

const text = 'x'.repeat(262_144);
test.each<[string, unknown, RegExp | null]>([
  ['true', true, null],
  ['null', null, null],
  ['20 operators deep', nested(20), null],
  ['21 operators deep', nested(21), /20 deep/],
  ['61 lists deep', lists(61), null],
  ['62 lists deep', lists(62), /20 deep/],
  ['500 operators', Array.from({ length: 500 }, () => ({ a: 1 })), null],
  ['501 operators', Array.from({ length: 501 }, () => ({ a: 1 })), /500 operators/],
  ['256 KiB', text.slice(2), null],
  ['a byte more', text.slice(1), /256 KiB/],
  ['256 KiB in many values', Array.from({ length: 131_071 }, () => 1), null],
  ['more in many values', Array.from({ length: 131_073 }, () => 1), /256 KiB/],
  ['brackets and quotes in texts', { '==': [{ var: '{[{["\\' }, '}"]{"\\\\"'.repeat(50)] }, null],
])('%s', async (_, condition, said) => {
  if (said === null) expect(await fault(condition)).toBeNull();
  else expect(await fault(condition)).toMatch(said);
  expect(broken(condition)).toBe(said !== null);
});

test('any JSON: the same answer, and the same segments read', async () => {
  const json = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 30, depthSize: 'max', withCrossShrink: true },
      fc.string(),
      fc.integer(),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constant('in_segment')), tie('node'), { maxKeys: 2 }),
    ),
  })).node;
  await fc.assert(
    fc.asyncProperty(json, async (condition) => {
      // What Postgres' JSON cannot hold, and what it holds otherwise.
      const stored = JSON.stringify(condition);
      fc.pre(!/\\u0000|\\ud[89a-f]/i.test(stored));
      expect((await fault(condition)) !== null).toBe(broken(condition));
      if (broken(condition)) return;
      const [row] = await database.query<{ reads: string[]; plain: string[] }>(
        `select segmentd_internal.segments_read($1::jsonb) as reads,
           array(select distinct r.value #>> '{}' from jsonb_path_query($1::jsonb, '$.**.in_segment[*] ? (@.type() == "string")') r (value) order by 1) as plain`,
        [stored],
      );
      expect(row?.reads).toEqual(row?.plain);
      for (const key of readsOf(JSON.parse(stored))) expect(row?.reads).toContain(key);
    }),
    { numRuns: 300 },
  );
});

test('6,000 deep is answered, not raised', async () => {
  const deep = `${'{"and":['.repeat(3_000)}true${']}'.repeat(3_000)}`;
  const [row] = await database.query<{ fault: string; reads: string[] }>(
    'select segmentd_internal.condition_fault($1::jsonb) as fault, segmentd_internal.segments_read($1::jsonb) as reads',
    [deep],
  );
  expect(row).toEqual({ fault: 'nests operators more than 20 deep', reads: [] });
  await expect(
    database.query(`insert into segmentd.segment (key, condition) values ('deep', $1)`, [deep]),
  ).rejects.toMatchObject({ code: '23514', hint: expect.stringContaining('in_segment') });
});
