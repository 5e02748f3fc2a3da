/** citext compares as citext does: equality, lists, text operators, arrays, a link between relations; the oracle says the same. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig, parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { render, sql } from '../../src/compile/fragment.ts';
import { memberQuery } from '../../src/compile/statement.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { evaluator } from '../../src/condition/evaluate/evaluator.ts';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const TABLES = `
  create schema ext; create extension citext schema ext;
  create domain public.nick as ext.citext check (length(value::text) < 50);
  create table public.contacts (id bigint primary key, email ext.citext, nick public.nick, other ext.citext, plain text, tags ext.citext[]);
  create table public.mails (id bigint generated always as identity primary key, contact_id bigint, address ext.citext, at timestamptz default pg_catalog.now());
  create table public.bounces (id bigint generated always as identity primary key, address ext.citext, reason ext.citext);
  create index on public.mails (contact_id); create index on public.mails (address); create index on public.bounces (address);
  create index by_email on public.contacts (email);
  insert into public.contacts values
    (1, 'Ann@X.org', 'Ann', 'ann@x.ORG', 'ann@x.org', '{VIP,Press}'), (2, 'ann@x.org', 'BOB', 'no', 'ann@x.org', '{vip}'), (3, 'b_b@x.org', 'bob', null, 'b', '{}'),
    (4, '', null, '', '', null), (5, null, 'Cid', 'x', 'ANN@X.ORG', '{PRESS,null}'), (6, 'bxb@x.org', 'dan', 'BXB@X.ORG', 'BXB@x.org', '{Vip,x}');
  insert into public.mails (contact_id, address) values (1, 'A@x'), (2, 'a@X'), (3, 'b@x'), (5, 'C@x'), (5, 'c@X');
  insert into public.bounces (address, reason) values ('a@x', 'Full'), ('B@X', 'MOVED')`;

const CONFIG = `
contacts: { table: public.contacts, key: id }
relations:
  mails: { table: public.mails, contact: contact_id, time: at }
  bounces: { table: public.bounces, through: mails, on: { address: address } }
timezone: UTC
`;

const v = (name: string) => ({ var: name });
/** Condition, and the contacts that a person worked out. */
const CASES: readonly (readonly [unknown, readonly number[]])[] = [
  [{ '==': [v('email'), 'ANN@x.org'] }, [1, 2]],
  [{ '!=': [v('email'), 'ANN@x.org'] }, [3, 4, 5, 6]],
  [{ in: [v('email'), ['ANN@X.ORG', 'B_B@x.org']] }, [1, 2, 3]],
  [{ '!': [{ in: [v('email'), ['ANN@X.ORG', 'B_B@x.org']] }] }, [4, 5, 6]],
  [{ starts_with: [v('email'), 'AN'] }, [1, 2]],
  [{ starts_with: [v('email'), 'B_'] }, [3]],
  [{ '!': [{ starts_with: [v('email'), 'AN'] }] }, [3, 4, 5, 6]],
  [{ ends_with: [v('email'), 'X.ORG'] }, [1, 2, 3, 6]],
  [{ in: ['NN@', v('email')] }, [1, 2]],
  [{ ieq: [v('email'), 'ANN@X.ORG'] }, [1, 2]],
  [{ iin: [v('email'), ['BXB@x.org', 'q']] }, [6]],
  [{ '==': [v('nick'), 'bOB'] }, [2, 3]],
  [{ starts_with: [v('nick'), 'B'] }, [2, 3]],
  [{ is_empty: [v('email')] }, [4, 5]],
  [{ '==': [v('email'), v('other')] }, [1, 4, 6]],
  [{ '!=': [v('email'), v('other')] }, [2, 3, 5]],
  // Beside text it is text.
  [{ '==': [v('email'), v('plain')] }, [2, 4]],
  [{ '==': [v('plain'), v('email')] }, [2, 4]],
  [{ has_any: [v('tags'), ['vip']] }, [1, 2, 6]],
  [{ has_all: [v('tags'), ['VIP', 'press']] }, [1]],
  [{ '!': [{ has_any: [v('tags'), ['vip']] }] }, [3, 4, 5]],
  [{ some: [v('mails'), { '==': [v('address'), 'A@X'] }] }, [1, 2]],
  [{ '==': [{ last: [v('mails'), 'address'] }, 'a@x'] }, [1, 2]],
  [{ some: [v('bounces'), { '==': [v('reason'), 'full'] }] }, [1, 2]],
  [{ '==': [{ count: [v('bounces')] }, 0] }, [4, 5, 6]],
  [{ starts_with: [v('email'), ['AN', 'B_']] }, [1, 2, 3]],
  [{ in: [['NN@', 'XB'], v('email')] }, [1, 2, 6]],
  [{ ends_with: [v('email'), Array.from({ length: 25 }, (_, n) => (n === 24 ? 'X.ORG' : `${n}`))] }, [1, 2, 3, 6]],
  [{ icontains: [v('email'), ['nn@', 'xB']] }, [1, 2, 6]],
  [{ '==': [{ count_distinct: [{ map: [v('mails'), v('address')] }] }, 1] }, [1, 2, 3, 5]],
];

let world: World;
let segmentd: Segmentd;
beforeAll(async () => {
  world = await createWorld({ tables: TABLES, config: CONFIG });
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

test('built, drained and verified', async () => {
  for (const [index, [condition]] of CASES.entries()) await segmentd.segments.create({ key: `c${index}`, condition });
  await using worker = segmentd.worker({ pollInterval: 50 });
  await worker.start();
  const members = async (): Promise<unknown> => {
    await segmentd.admin.wait();
    return Promise.all(
      CASES.map(async (_, index) =>
        (await segmentd.members.list(`c${index}`)).map(({ contactId }) => Number(contactId)),
      ),
    );
  };
  for (const index of CASES.keys()) await segmentd.segments.untilLive(`c${index}`);
  expect(await members()).toEqual(CASES.map(([, wanted]) => wanted));
  const exact = async (): Promise<void> =>
    expect((await segmentd.admin.verify()).filter(({ missing, extra }) => missing.length + extra.length > 0)).toEqual(
      [],
    );
  await exact();
  // The drain, also of links: a row further out that says its link in another case, and a middle row that takes another.
  await world.database
    .query(`update public.contacts set email = 'ANN@x.ORG' where id = 3; update public.contacts set tags = '{vIP}' where id = 4;
    insert into public.bounces (address, reason) values ('c@X', 'fULL'); update public.mails set address = 'B@x' where contact_id = 2`);
  await segmentd.admin.wait();
  await exact();
  expect((await segmentd.members.list('c0')).map(({ contactId }) => contactId)).toEqual(['1', '2', '3']);
  expect((await segmentd.members.list('c23')).map(({ contactId }) => contactId)).toEqual(['1', '5']);
  expect(await segmentd.segments.explain('c0', '3')).toMatchObject({ stored: { member: true } });
});

test('the oracle agrees, and indexes serve equality, lists and the link', async () => {
  const pool = await openPool(world.database.url, { max: 1 });
  try {
    const catalogue = await resolveCatalogue(pool, loadConfig(`${world.folder}/segmentd.yaml`));
    const { rows } = await pool.query<{
      id: number;
      email: string | null;
      nick: string | null;
      other: string | null;
      plain: string | null;
      tags: string[] | null;
    }>(
      'select c.id::int, c.email::text, c.nick::text, c.other::text, c.plain, c.tags::text[] from public.contacts c order by c.id',
    );
    const checkedOf = (json: unknown) => {
      const checked = checkCondition(json, { catalogue, timezone: 'UTC' });
      if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
      return checked;
    };
    for (const [json] of CASES.filter(
      ([condition]) => !JSON.stringify(condition).includes('mails') && !JSON.stringify(condition).includes('bounces'),
    )) {
      const checked = checkedOf(json);
      const segment = { id: 1, condition: checked.condition, timezone: 'UTC' };
      const query = render(memberQuery(catalogue, segment, { low: false, high: false }, { segmentId: () => 1 }));
      const { rows: found } = await pool.query<{ contact_id: string }>(query.text, query.bind({}));
      const oracle = evaluator({ condition: checked.condition, timezone: 'UTC' }, '2026-01-01T00:00:00Z');
      const said = rows
        .filter(({ email, nick, other, plain, tags }) =>
          oracle({ fields: { email, nick, other, plain, tags }, relations: {}, segments: [] }),
        )
        .map(({ id }) => id);
      expect([json, found.map((row) => Number(row.contact_id)).toSorted((a, b) => a - b)]).toEqual([json, said]);
    }
    for (const [index, json] of [
      ['by_email', { '==': [v('email'), 'x'] }],
      ['by_email', { in: [v('email'), ['x', 'y']] }],
      ['mails_address_idx', { some: [v('bounces'), { '==': [v('reason'), 'full'] }] }],
    ] as const) {
      const segment = { id: 1, condition: checkedOf(json).condition, timezone: 'UTC' };
      const statement = render(
        sql`explain (costs off) ${memberQuery(catalogue, segment, { low: false, high: false }, { segmentId: () => 1 })}`,
      );
      await pool.query('set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off');
      const { rows: plan } = await pool.query<{ 'QUERY PLAN': string }>(statement.text, statement.bind({}));
      expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(
        new RegExp(`(using|on) ${index}\\b[^]*Cond: .*OPERATOR.ext.=`),
      );
    }
  } finally {
    await pool.end();
  }
});

test('a link of citext to a key or column of text is refused with a sentence', async () => {
  const text = `contacts: { table: public.contacts, key: id }\nrelations: { mails: { table: public.mails, contact: address } }\ntimezone: UTC\n`;
  await expect(resolveCatalogue(world.database.pool, parseConfig(text, 'c'))).rejects.toThrow(
    '"address" is ext.citext, the key of the contacts is bigint; they must be of one kind to be compared',
  );
});
