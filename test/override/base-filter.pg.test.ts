/** The base filter overrules overrides, for drains, rebuilds and verify alike. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from '../cli/cli-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({
    config: `
contacts: { table: public.contacts, key: id, where: {"!=": [{"var": "email"}, "away"]} }
timezone: UTC
`,
  });
  for (const verb of ['migrate', 'install']) await world.ok(verb);
});
afterAll(() => world.end());

async function members(key: string): Promise<string> {
  await world.ok('run', '--once');
  await world.ok('verify');
  return (await world.ok('members', key)).trim().replaceAll('\n', ' ');
}

test('a contact that the base filter excludes is in no segment, and returns with its overrides', async () => {
  await world.ok('create', 'hand', '--kind', 'static');
  await world.ok(
    'create',
    'spain',
    '--condition',
    await world.file('spain.json', '{"==": [{"var": "country"}, "ES"]}'),
  );
  await world.ok('run', '--once');
  await world.ok('add', 'hand', '1', '2');
  await world.ok('include', 'spain', '2');
  expect([await members('hand'), await members('spain')]).toEqual(['1 2', '1 2 3']);
  await world.database.query(`update public.contacts set email = 'away' where id = 2`);
  expect([await members('hand'), await members('spain')]).toEqual(['1', '1 3']);
  await world.ok('rebuild', '--all');
  expect([await members('hand'), await members('spain')]).toEqual(['1', '1 3']);
  await world.database.query(`update public.contacts set email = 'back' where id = 2`);
  expect([await members('hand'), await members('spain')]).toEqual(['1 2', '1 2 3']);
});
