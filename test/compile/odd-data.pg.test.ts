/** Total and two-valued on odd data: what each leaf says, what its complement says, and that nothing ever raises. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { compareAll, odd, oddDatabase, type Ask } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });
/** More than get a range of an index each. */
const DAYS = Array.from({ length: 12 }, (_, n) => `2024-05-${n + 10}`);
const ZERO = '00000000-0000-4000-8000-000000000000';

let database: TestDatabase;

beforeAll(async () => {
  database = await oddDatabase();
  await database.query(
    `insert into public.contact (id, t, vc, ch, mood, nd, i2, i8, num, f4, f8, b, d, ts, tl, u, tags, vtags, moods, ints, floats, uuids, clocks, j, js, p) values
     (1, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
     (2, 'Ana', 'ana', 'ab', 'ok', 'Ana', 18, 9007199254740993, 0.1, 0.1, 0.1, true, '2000-02-29', '2024-05-15 12:00+00', '2024-05-15 12:00', '${ZERO}',
      '{vip,press}', '{vip}', '{ok,sad}', '{1,2,null}', '{0.1,NaN}', '{${ZERO}}', '{2024-05-15 12:00}',
      '{"text":"pro","deep":{"number":1.50},"whole":5.0,"flag":true,"date":"2024-02-29","at":"2024-05-15T12:00:00.000001Z","uuid":"${ZERO}","any":{"a":1},"list":["a",1,"b"],"numbers":[1.0,"2",3]}',
      '{"a":1}', '(1,2)'),
     (3, '', '', '', null, '', 32767, 9223372036854775807, 'NaN', 'NaN', 'NaN', false, 'infinity', 'infinity', 'infinity', null,
      '{}', '{}', '{}', '{}', '{}', '{}', '{}',
      '{"text":7,"deep":{"number":"1.5"},"whole":5.5,"flag":"true","date":"2023-02-29","at":"2024-13-45T99:00:00Z","uuid":"x","any":null,"list":"a","numbers":{}}',
      ' null ', null),
     (4, E'50%_\\\\\\n''"', '50%_', 'x', 'glad', 'ÉTÉ', -32768, -9223372036854775808, 'Infinity', 'Infinity', 'Infinity', null, '-infinity', '-infinity', '-infinity', null,
      '{null}', '{null}', '{null}', '{null}', '{Infinity}', '{null}', '{infinity}',
      '{"text":"","deep":7,"whole":1e30,"flag":null,"date":"0000-01-01","at":"2024-05-15 12:00","uuid":null,"any":[],"list":[],"numbers":[]}', '[ ]', null),
     (5, 'ana', 'ANA', 'ana ', 'sad', 'ana', 0, 0, 123456789012345678901234567890.5, 16777216, 1e300, true, '5874897-12-31', '294276-12-29 23:59:59+00', '294276-12-29 23:59:59', null,
      '{VIP}', '{VIP}', '{glad}', '{32767}', '{1e300}', null, '{294276-12-31 23:59:59}',
      '[1]', '{"x":"\\u0000"}', null),
     (7, null, null, null, null, null, null, null, null, null, null, null, null, '294276-12-31 23:59:59+00', '294276-12-31 10:00', null, null, null, null, null, null, null, null, null, null, null),
     (6, 'ΑΣ', 'ß', 'ß', null, 'été', 1, 1, -0.000000001, 1e-40, 5e-324, false, '4713-01-01 BC', '4714-11-27 00:00+00 BC', '4714-11-27 00:00 BC', null,
      '{a,a,a}', '{a}', null, '{-5}', '{5e-324}', null, null, 'null', '""', null)`,
  );
});

afterAll(() => database.drop());

describe('every operator on every row, with its complement', () => {
  const asks: Ask[] = [
    { zone: 'Europe/Madrid', timestamps: 'UTC' },
    { zone: 'Pacific/Kiritimati', timestamps: 'Australia/Lord_Howe' },
    { zone: 'America/Havana', timestamps: 'America/Havana', now: '2024-02-28T12:00:00.000001Z' },
  ];
  const leaves: unknown[] = [];
  for (const [name, { family, array }] of odd.contacts.fields) {
    leaves.push({ is_empty: [v(name)] }, { '==': [v(name), null] }, { '!=': [v(name), null] });
    if (array) {
      const item = { text: 'a', number: 0.1, uuid: ZERO, instant: '2024-05-15T12:00:00Z' }[family as string];
      leaves.push({ has_any: [v(name), [item]] }, { has_all: [v(name), [item]] });
      leaves.push({ '==': [{ size: [v(name)] }, 0] }, { '>=': [{ size: [v(name)] }, 1] });
      continue;
    }
    if (family === 'text') {
      for (const operator of ['starts_with', 'ends_with', 'ieq', 'icontains', 'istarts_with', 'iends_with'])
        leaves.push({ [operator]: [v(name), 'a'] });
      const many = Array.from({ length: 25 }, (_, n) => (n === 20 ? 'na' : `%${n}\\`));
      for (const operator of ['starts_with', 'ends_with', 'icontains', 'istarts_with', 'iends_with'])
        leaves.push({ [operator]: [v(name), ['zz', 'a']] }, { [operator]: [v(name), many] });
      leaves.push(
        { '==': [v(name), 'ana'] },
        { in: ['a', v(name)] },
        { in: [['zz', 'a'], v(name)] },
        { in: [many, v(name)] },
        { in: [v(name), ['ana', 'x']] },
        { iin: [v(name), ['ANA', 'x']] },
        { '==': [{ length: [v(name)] }, 2] },
        { '<': [{ length: [v(name)] }, 3] },
      );
    }
    if (family === 'number')
      for (const operator of ['==', '<', '<=', '>', '>='])
        leaves.push({ [operator]: [v(name), '0.1'] }, { [operator]: [v(name), '100000000000000000000000000000'] });
    if (family === 'number') leaves.push({ in: [v(name), [1, '0.1', 18]] });
    if (family === 'boolean') leaves.push(v(name), { '==': [v(name), false] });
    if (family === 'uuid') leaves.push({ '==': [v(name), ZERO] }, { in: [v(name), [ZERO, ZERO.replace('4', '5')]] });
    if (family === 'date' || family === 'instant') {
      for (const operator of ['==', '<', '<=', '>', '>='])
        leaves.push(
          { [operator]: [v(name), '2024-05-15'] },
          { [operator]: [v(name), '0001-01-01'] },
          { [operator]: [v(name), '9999-12-31'] },
        );
      for (const operator of ['in_last', 'before_last', 'in_next'])
        leaves.push({ [operator]: [v(name), 36_500, 'day'] });
      for (const unit of ['day', 'week', 'month', 'quarter', 'year'])
        leaves.push({ in_period: [v(name), unit, -100] }, { in_period: [v(name), unit, 0] });
      leaves.push(
        { in: [v(name), DAYS] },
        { in: [v(name), [...DAYS, '2024-02-29', ...(family === 'instant' ? ['2024-05-15T12:00:00Z'] : [])]] },
      );
      // The last moment of all has its weekday in UTC, so only dates and instants of row 1 to 6 are asked for theirs.
      leaves.push(
        { and: [{ '<': [v('id'), 7] }, { in: [{ weekday: [v(name)] }, [1, 2, 3]] }] },
        { in: [v(name), ['2024-05-15', '2000-02-29']] },
      );
    }
    if (family === 'date') {
      leaves.push(
        { anniversary_today: [v(name)] },
        { anniversary_in_next: [v(name), 364] },
        { anniversary_in_next: [v(name), 400] },
      );
      leaves.push(
        { '>=': [{ age: [v(name)] }, 0] },
        { '<': [{ age: [v(name)] }, 9999] },
        { '==': [{ age: [v(name)] }, 24] },
        { in: [{ age: [v(name)] }, [24, 9999]] },
      );
      leaves.push({ '==': [{ anniversary_month: [v(name)] }, 2] });
    }
  }
  const pairs = [...odd.contacts.fields.values()]
    .filter((a) => !a.array && a.family !== 'json' && a.family !== 'other')
    .flatMap((a, index, list) => {
      const operators =
        a.family === 'number' || a.family === 'date' || a.family === 'instant' ? ['==', '<', '<=', '>', '>='] : ['=='];
      const others = list.slice(index).filter((b) => b.family === a.family);
      return others.flatMap((b) => operators.map((operator) => ({ [operator]: [v(a.name), v(b.name)] })));
    });

  test('in all statements, against the evaluator', async () => {
    for (const ask of asks) expect(await compareAll(database, [...leaves, ...pairs], ask)).toBeGreaterThan(3_000);
  });
});
