/** The login of `serve` must be able to act under the roles of persons: what it says when it cannot, and that its command is enough. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

let world: World;
let login: string;
beforeAll(async () => {
  world = await createWorld();
  await world.ok('migrate');
  await world.ok('install');
  login = `app_${world.database.name}`;
  await world.database.query(`create role ${login} login password 'p'; grant segmentd_owner to ${login}`);
});
afterAll(async () => {
  await world.database.query(`drop owned by ${login}; drop role ${login}`);
  await world.end();
});

const urlOf = (): string => {
  const url = new URL(world.database.url);
  url.username = login;
  url.password = 'p';
  return url.href;
};

test('serve does not start where its login may not act under a role, and prints the command that lets it', async () => {
  const served = await world.run('serve', '--database-url', urlOf());
  expect(served).toMatchObject({ code: 1, stdout: '' });
  const [command = ''] = /grant "segmentd_editor", "segmentd_viewer" to "\w+";/.exec(served.stderr) ?? [];
  expect(served.stderr).toContain(`The login ${login} may not act as segmentd_editor, segmentd_viewer`);
  await world.database.query(command);
  await using segmentd = createSegmentd({ databaseUrl: urlOf(), config: `${world.folder}/segmentd.yaml` });
  expect(await segmentd.access.checkRoles()).toEqual({ enforced: true, sentence: null });
  const viewer = segmentd.as({ actor: 'ana', role: 'segmentd_viewer' });
  expect(await viewer.segments.list()).toEqual([]);
  await expect(viewer.segments.create({ key: 'mine', condition: true })).rejects.toMatchObject({ code: '42501' });
  const editor = segmentd.as({ actor: 'rui', role: 'segmentd_editor' });
  await editor.segments.create({ key: 'mine', condition: true });
  expect(await segmentd.access.audit({ segment: 'mine' })).toMatchObject([
    { actor: 'rui', databaseRole: login, action: 'segment-create' },
  ]);
});
