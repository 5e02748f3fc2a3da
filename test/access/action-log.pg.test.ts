/** Who did what: persons beside the database role in what they write, and the audit, which only the owner can change. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSegmentd, DATABASE_ROLES, type ActionEntry, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
const PORTUGAL = { '==': [{ var: 'country' }, 'PT'] };

let world: World;
let segmentd: Segmentd;
let login: string;
beforeAll(async () => {
  world = await createWorld();
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  [{ login } = { login: '' }] = await world.database.query<{ login: string }>('select session_user::text as login');
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

const person = (actor: string, role: keyof typeof DATABASE_ROLES = 'editor'): Segmentd =>
  segmentd.as({ actor, role: DATABASE_ROLES[role], way: 'token' });

/** Without what differs between two runs. */
const plain = ({ action, actor, databaseRole, way, segment, contact, detail }: ActionEntry) => ({
  action,
  actor,
  databaseRole,
  way,
  segment,
  contact,
  detail,
});

async function actionsOf(segment: string): Promise<readonly unknown[]> {
  return (await segmentd.access.audit({ segment })).toReversed().map(plain);
}

test('a person is stored beside the database role, in versions, overrides, schedules and the segment', async () => {
  const ana = person('ana@example.com');
  await ana.segments.create({ key: 'mine', condition: SPAIN });
  await segmentd.segments.edit('mine', { condition: PORTUGAL });
  await ana.overrides.include('mine', ['1']);
  await segmentd.overrides.exclude('mine', ['2']);
  await ana.schedules.add({ key: 'mine', cron: '0 6 * * *' });
  expect(
    (await segmentd.segments.versions('mine')).map(({ version, createdBy, databaseRole }) => [
      version,
      createdBy,
      databaseRole,
    ]),
  ).toEqual([
    [2, login, login],
    [1, 'ana@example.com', login],
  ]);
  expect(
    (await segmentd.overrides.list('mine')).map(({ contactId, createdBy, databaseRole }) => [
      contactId,
      createdBy,
      databaseRole,
    ]),
  ).toEqual([
    ['1', 'ana@example.com', login],
    ['2', login, login],
  ]);
  expect(await segmentd.schedules.list('mine')).toMatchObject([{ createdBy: 'ana@example.com', databaseRole: login }]);
  expect(await segmentd.segments.show('mine')).toMatchObject({ updatedBy: login, databaseRole: login });
  await ana.segments.edit('mine', { name: 'Mine' });
  expect(await segmentd.segments.show('mine')).toMatchObject({ updatedBy: 'ana@example.com', databaseRole: login });
  expect(await world.ok('versions', 'mine')).toContain(`by ana@example.com (as ${login})`);
  expect(await world.ok('show', 'mine')).toContain(`by ana@example.com (as ${login})`);
  expect(await world.ok('overrides', 'mine')).toMatch(new RegExp(`^1 .*by ana@example.com \\(as ${login}\\)`));
});

test('what a person changes is in the audit, with keys and without values', async () => {
  const rui = person('rui');
  const by = { actor: 'rui', databaseRole: login, way: 'token', segment: 'log', contact: null, detail: null };
  await rui.segments.create({ key: 'log', condition: SPAIN });
  await rui.segments.edit('log', { condition: PORTUGAL, description: 'of Portugal' });
  await rui.segments.pause('log');
  await rui.segments.resume('log');
  await rui.overrides.include('log', ['1', '2'], { note: 'a secret note' });
  await rui.overrides.reset('log', ['1']);
  const { id } = await rui.schedules.add({ key: 'log', cron: '0 6 * * *' });
  const run = await rui.schedules.run(id);
  await rui.schedules.remove(id);
  // An open page asks again and again.
  for (let n = 0; n < 3; n += 1) await rui.segments.explain('log', '1', { masked: true });
  await rui.segments.explain('log', '1');
  await rui.segments.delete('log');
  await world.ok('run', '--once');
  await rui.segments.restore('log');
  expect(await actionsOf('log')).toEqual([
    { ...by, action: 'segment-create', detail: { kind: 'dynamic' } },
    { ...by, action: 'segment-edit', detail: { version: 2, changed: ['description', 'condition'] } },
    { ...by, action: 'segment-pause' },
    { ...by, action: 'segment-resume' },
    { ...by, action: 'override', contact: '1', detail: { kind: 'include' } },
    { ...by, action: 'override', contact: '2', detail: { kind: 'include' } },
    { ...by, action: 'override-remove', contact: '1', detail: { kind: 'include' } },
    { ...by, action: 'schedule-add', detail: { schedule: id, cron: '0 6 * * *', format: 'csv' } },
    { ...by, action: 'export', detail: { run: Number(run), schedule: id } },
    { ...by, action: 'schedule-remove', detail: { schedule: id, cron: '0 6 * * *', format: 'csv' } },
    { ...by, action: 'explain', contact: '1' },
    { ...by, action: 'reveal', contact: '1' },
    { ...by, action: 'segment-delete' },
    { ...by, action: 'segment-restore' },
  ]);
  const stored = JSON.stringify(await world.database.query('select l.* from segmentd_internal.action_log l', []));
  expect(stored).not.toMatch(/secret|PT|of Portugal/);
});

test('what cannot be the key of a contact is noted without it', async () => {
  await person('uma').access.note({ action: 'reveal', contact: 'no key' });
  expect(await segmentd.access.audit({ actor: 'uma' })).toMatchObject([{ action: 'reveal', contact: null }]);
});

test('a long list of contacts is one entry, and a confirmed edit says so', async () => {
  const eva = person('eva');
  await eva.segments.create({ key: 'many', kind: 'static' });
  await world.database.query('insert into public.contacts (country) select null from generate_series(1, 200)');
  const contacts = Array.from({ length: 150 }, (_, n) => String(n + 1));
  await eva.overrides.add('many', contacts);
  await eva.segments.create({ key: 'sure', condition: true });
  await eva.segments.edit('sure', { condition: SPAIN }, { confirm: true });
  expect((await actionsOf('many')).at(-1)).toMatchObject({
    action: 'override',
    contact: null,
    detail: { kind: 'member', contacts: 150 },
  });
  expect(await actionsOf('sure')).toMatchObject([
    { action: 'segment-create' },
    { action: 'segment-edit', detail: { version: 2, changed: ['condition'] } },
    { action: 'segment-confirm', detail: { version: 2 } },
  ]);
});

test('what is undone leaves no entry, and plain SQL leaves one without a person', async () => {
  const client = await world.database.pool.connect();
  try {
    await client.query(`begin; insert into segmentd.segment (key, condition) values ('undone', 'true'); rollback`);
    await client.query(
      `set application_name = 'psql'; insert into segmentd.segment (key, condition) values ('by_sql', 'true')`,
    );
  } finally {
    client.release(true);
  }
  expect(await actionsOf('undone')).toEqual([]);
  expect(await actionsOf('by_sql')).toMatchObject([
    { actor: null, databaseRole: login, way: 'psql', action: 'segment-create' },
  ]);
});

test('signing in and out, and tokens, are in the audit', async () => {
  const value = await segmentd.access.beginSession({ name: 'zoe', role: 'viewer' }, 'oidc');
  await segmentd.access.endSession(value);
  await segmentd.access.endSession(value);
  const zoe = await segmentd.access.audit({ actor: 'zoe' });
  expect(zoe.map(plain)).toMatchObject([
    { action: 'sign-out', way: 'oidc', detail: { role: 'viewer' } },
    { action: 'sign-in', way: 'oidc', detail: { role: 'viewer' } },
  ]);
  const admin = person('ada', 'admin');
  await admin.access.addToken({ name: 'nightly', role: 'viewer' });
  expect(await segmentd.access.listTokens()).toMatchObject([
    { name: 'nightly', createdBy: 'ada', databaseRole: login },
  ]);
  await admin.access.removeToken('nightly');
  expect((await segmentd.access.audit({ actor: 'ada' })).map(plain)).toMatchObject([
    { action: 'token-remove', detail: { token: 'nightly', role: 'viewer' } },
    { action: 'token-add', detail: { token: 'nightly', role: 'viewer' } },
  ]);
});

describe('the audit itself', () => {
  const ROLES = ['segmentd_viewer', 'segmentd_editor', 'segmentd_worker', 'segmentd_reader'];

  test.each(ROLES)('%s can neither read nor write it', async (role) => {
    const pool = await segmentd.as({ actor: 'mallory', role }).pool();
    for (const text of [
      'select from segmentd_internal.action_log',
      `insert into segmentd_internal.action_log (database_role, action) values ('boss', 'sign-in')`,
      `update segmentd_internal.action_log set actor = 'boss'`,
      'delete from segmentd_internal.action_log',
      'truncate segmentd_internal.action_log',
    ])
      await expect(pool.query(text), text).rejects.toMatchObject({ code: '42501' });
  });

  test('an entry has the login of the session, whatever person the session names', async () => {
    const pool = await person('mallory').pool();
    await pool.query(`select segmentd_internal.note_action('reveal', 'sure', null, null)`);
    expect((await segmentd.access.audit({ action: 'reveal', segment: 'sure' })).map(plain)).toMatchObject([
      { actor: 'mallory', databaseRole: login },
    ]);
    await expect(pool.query('select segmentd_internal.prune_actions(0)')).rejects.toMatchObject({ code: '42501' });
  });

  test('is read in pages and by filters; what cannot be a contact has no entries', async () => {
    const all = await segmentd.access.audit({ limit: 1_000 });
    const first = await segmentd.access.audit({ limit: 3 });
    const second = await segmentd.access.audit({ limit: 3, after: first.at(-1)?.id ?? '' });
    expect([...first, ...second]).toEqual(all.slice(0, 6));
    expect(await segmentd.access.audit({ contact: '2' })).toEqual(all.filter((one) => one.contact === '2'));
    expect(await segmentd.access.audit({ contact: 'no key' })).toEqual([]);
    expect(await segmentd.access.audit({ after: 'x' })).toEqual([]);
    expect(await world.json('audit', '--segment', 'mine', '--limit', '1')).toMatchObject([
      { action: 'segment-edit', actor: 'ana@example.com', database_role: login, detail: { changed: ['name'] } },
    ]);
    expect(await world.ok('audit', '--segment', 'mine')).toContain(
      `ana@example.com (as ${login})  by token  segment-create  mine`,
    );
  });

  test('forgets a contact, and keeps what was done', async () => {
    const before = await segmentd.access.audit({ contact: '2' });
    expect(before.length).toBeGreaterThan(0);
    await world.database.query('delete from public.contacts where id = 2');
    await world.ok('run', '--once');
    await segmentd.admin.forget('2');
    expect(await segmentd.access.audit({ contact: '2' })).toEqual([]);
    const after = await segmentd.access.audit({ limit: 1_000 });
    for (const { id } of before) expect(after.find((one) => one.id === id)).toMatchObject({ contact: null });
    expect(after[0]).toMatchObject({ action: 'forget', contact: null, detail: { events: expect.any(Number) } });
  });

  test('is pruned after the days of the option, by the worker', async () => {
    await world.database.query(
      `update segmentd_internal.action_log set at = clock_timestamp() - interval '10 days' where segment = 'mine'`,
    );
    await world.ok('run', '--once', '--action-days', '0');
    expect((await actionsOf('mine')).length).toBeGreaterThan(0);
    await world.ok('run', '--once', '--action-days', '9');
    expect(await actionsOf('mine')).toEqual([]);
    expect((await actionsOf('log')).length).toBeGreaterThan(0);
  });
});
