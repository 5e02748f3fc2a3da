/** One API seen by several persons: Postgres decides by the role, and a connection has nothing of a person after the release. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

let world: World;
let segmentd: Segmentd;
beforeAll(async () => {
  world = await createWorld();
  // One connection: each person gets the one that the person before had.
  segmentd = createSegmentd({
    databaseUrl: world.database.url,
    config: `${world.folder}/segmentd.yaml`,
    poolSize: 1,
  });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

const WHO = `select current_user as role, coalesce(pg_catalog.current_setting('segmentd.actor', true), '') as actor`;

async function who(api: Segmentd): Promise<unknown> {
  const { rows } = await (await api.pool()).query<{ role: string; actor: string | null }>(WHO);
  return rows[0];
}

test('a person has a role and a name; the next user of the connection has neither', async () => {
  const login = (await who(segmentd)) as { readonly role: string };
  const reader = segmentd.as({ actor: `O'Hara "x"`, role: 'segmentd_reader' });
  expect(await who(reader)).toEqual({ role: 'segmentd_reader', actor: `O'Hara "x"` });
  expect(await who(segmentd)).toMatchObject({ role: login.role, actor: '' });
  expect(await who(segmentd.as({ actor: 'ana' }))).toEqual({ role: login.role, actor: 'ana' });
});

test('Postgres refuses what the role may not do, and the connection is sound afterwards', async () => {
  const reader = segmentd.as({ actor: 'ana', role: 'segmentd_reader' });
  await expect(reader.segments.create({ key: 'mine', condition: true })).rejects.toMatchObject({ code: '42501' });
  const editor = segmentd.as({ actor: 'rui', role: 'segmentd_editor' });
  expect(await editor.segments.create({ key: 'mine', condition: true })).toMatchObject({ key: 'mine' });
  expect(await who(segmentd)).toMatchObject({ actor: '' });
});

test('a role that there is not is refused, and costs no connection', async () => {
  await expect(who(segmentd.as({ actor: 'ana', role: 'no_such_role' }))).rejects.toMatchObject({ code: '22023' });
  expect(await who(segmentd)).toMatchObject({ actor: '' });
});

test('the close of one person ends nothing, and a raised signal asks nothing any more', async () => {
  const ending = new AbortController();
  const person = segmentd.as({ actor: 'ana', signal: ending.signal });
  await person.close();
  expect(await who(segmentd)).toMatchObject({ actor: '' });
  ending.abort();
  await expect(who(segmentd.as({ actor: 'ana', signal: ending.signal }))).rejects.toThrow(/abort/i);
});
