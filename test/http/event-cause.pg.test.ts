/** Events name the relation whose row changed and the row of the condition that alone reads what changed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
  const condition = {
    and: [
      { '==': [{ var: 'country' }, 'ES'] },
      { or: [{ '>': [{ var: 'age' }, 18] }, { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] }] },
    ],
  };
  await http.ask('POST', '/segments', { body: { key: 'adults', condition } });
  const recent = { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 1, 'day'] }] };
  await http.ask('POST', '/segments', { body: { key: 'recent', condition: recent } });
  await http.world.ok('run', '--once');
});
afterAll(() => http.end());

/** The newest event of the contact after these statements of the team. */
async function after(statement: string, contact: string, segment = 'adults'): Promise<unknown> {
  await http.world.database.pool.query(statement);
  await http.world.ok('run', '--once');
  const { body } = await http.ask('GET', `/segments/${segment}/events?contact=${contact}&limit=1`);
  return (body as { readonly items: readonly unknown[] }).items[0];
}

test('a build names no cause', async () => {
  const { body } = await http.ask('GET', '/segments/adults/events?contact=1');
  expect(body).toMatchObject({ items: [{ reason: 'edit', cause: null }] });
});

test('a changed column names the row that reads it', async () => {
  expect(await after(`update public.contacts set country = 'PT' where id = 1`, '1')).toMatchObject({
    change: 'left',
    reason: 'contact',
    cause: { relation: null, pointer: '/and/0', leaf: expect.stringMatching(/country/i) },
  });
});

test('two columns that two rows read name none', async () => {
  expect(await after(`update public.contacts set country = 'ES', age = 20 where id = 4`, '4')).toMatchObject({
    change: 'entered',
    cause: { relation: null, pointer: null, leaf: null },
  });
});

test('a related row names its relation and the row that reads it', async () => {
  await after(`update public.contacts set age = 10 where id = 3`, '3');
  expect(await after(`insert into public.orders (contact_id, status) values (3, 'paid')`, '3')).toMatchObject({
    change: 'entered',
    reason: 'related',
    cause: { relation: 'orders', pointer: '/and/1/or/1', leaf: expect.stringMatching(/orders/i) },
  });
});

test('a condition of one row names the whole condition', async () => {
  expect(await after(`delete from public.orders where contact_id = 2`, '2', 'recent')).toMatchObject({
    change: 'left',
    cause: { relation: 'orders', pointer: '' },
  });
});

test('an override names no cause', async () => {
  await http.ask('POST', '/segments/adults/overrides', { body: { decision: 'include', contacts: ['2'] } });
  expect(await after('select', '2')).toMatchObject({ change: 'entered', reason: 'manual', cause: null });
});
