/** Segments as files in git: apply and pull, as a new user would try them. */
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWorld, type World } from './cli-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.ok('migrate');
  await world.ok('install');
});
afterAll(() => world.end());

/** No segments, and no folder `git`. */
beforeEach(async () => {
  await rm(join(world.folder, 'git'), { recursive: true, force: true });
  await world.database
    .query(`begin; set local segmentd.worker = 'on'; delete from segmentd.segment; delete from segmentd.segment_version; delete from segmentd.membership;
    delete from segmentd_internal.member_count; delete from segmentd_internal.build; delete from segmentd_internal.rebuild_request; update segmentd_internal.installation set generation = generation + 1; commit`);
});

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(world.folder, 'git', name)), { recursive: true });
    await writeFile(join(world.folder, 'git', name), text);
  }
}
const text = (name: string) => readFile(join(world.folder, 'git', name), 'utf8');
const files = async () => (await readdir(join(world.folder, 'git'), { recursive: true })).toSorted();
const keys = async () =>
  (
    await world.database.query<{ key: string }>(
      `select key from segmentd.segment where wanted_state <> 'deleted' order by key`,
    )
  ).map(({ key }) => key);

const withoutPlan = (said: string): string => said.replace(/^plan [0-9a-f]{12}; .*\n/m, '');

const SPAIN = 'name: Spain\ntags: [eu]\ncondition: {"==": [{"var": "country"}, "ES"]}\n';
const GROWN = '{"key": "grown", "condition": {"and": [{">=": [{"var": "age"}, 30]}, {"in_segment": ["spain"]}]}}';

describe('apply', () => {
  test('a folder becomes segments, whichever reads which; again there is nothing to do', async () => {
    await put({
      'spain.yaml': SPAIN,
      'a/grown.json': GROWN,
      'README.md': '# not a segment',
      '.hidden.yaml': 'x',
      '.git/config.yaml': 'x',
    });
    expect(await world.ok('apply', 'git', '--dry-run').then(withoutPlan)).toBe(
      'create grown (a/grown.json)\n  + Age is at least 30\n  + is in the segment spain\ncreate spain (spain.yaml)\n  name: "Spain"\n  + Country is ES\n2 to create; 0 unchanged\n',
    );
    expect(await keys()).toEqual([]);
    expect(await world.json('apply', 'git')).toEqual({
      applied: true,
      notes: [],
      plan: expect.stringMatching(/^[0-9a-f]{12}$/),
      steps: [
        {
          key: 'grown',
          action: 'create',
          file: 'a/grown.json',
          changes: ['+ Age is at least 30', '+ is in the segment spain'],
        },
        { key: 'spain', action: 'create', file: 'spain.yaml', changes: ['name: "Spain"', '+ Country is ES'] },
      ],
      unchanged: 0,
      without_file: [],
    });
    await world.ok('run', '--once');
    expect(await world.ok('members', 'grown')).toBe('3\n');
    expect(await world.json('show', 'spain')).toMatchObject({ name: 'Spain', tags: ['eu'], version: 1 });
    expect(await world.ok('apply', 'git')).toBe('nothing to do; 2 unchanged\n');
    expect(await world.json('show', 'spain')).toMatchObject({ version: 1 });
  });

  test('apply prints edits in words; a segment without a file stays', async () => {
    await put({ 'spain.yaml': SPAIN, 'grown.json': GROWN });
    await world.ok('apply', 'git');
    await world.ok('run', '--once');
    await world.ok('create', 'byhand', '--condition', await world.file('all.json', 'true'));
    await put({
      'spain.yaml':
        'description: those\ntimezone: Europe/Lisbon\nstate: paused\nversion: 1\ncondition: {"in": [{"var": "country"}, ["ES", "PT"]]}\n',
    });
    expect(await world.ok('apply', 'git')).toBe(
      'edit spain (spain.yaml)\n  name: "Spain" → "spain"\n  description: none → "those"\n  tags: eu → none\n  - Country is ES\n  + Country is ES or PT\n  timezone: Europe/Madrid → Europe/Lisbon\n  state: live → paused\n1 edited; 1 unchanged\n1 segment without a file: byhand\n',
    );
    await world.ok('run', '--once');
    expect(await world.json('show', 'spain')).toMatchObject({
      state: 'paused',
      wanted_state: 'paused',
      version: 2,
      name: 'spain',
      description: 'those',
      tags: [],
      timezone: 'Europe/Lisbon',
    });
    expect(await world.ok('apply', 'git')).toBe('nothing to do; 2 unchanged\n1 segment without a file: byhand\n');

    // what a file does not say of the state is left alone, what it says is done
    await put({
      'spain.yaml':
        'description: those\ntimezone: Europe/Lisbon\ncondition: {"in": [{"var": "country"}, ["ES", "PT"]]}\n',
    });
    expect(await world.ok('apply', 'git')).toMatch(/^nothing to do/);
    await put({ 'spain.yaml': 'state: live\ncondition: {"in": [{"var": "country"}, ["ES", "PT"]]}\n' });
    expect(await world.ok('apply', 'git')).toMatch(/state: paused → live/);
    await world.ok('run', '--once');
    expect(await world.json('show', 'spain')).toMatchObject({ state: 'live', timezone: null });
  });

  test('--prune deletes what has no file, readers first; a folder without segments is not believed', async () => {
    await put({ 'spain.yaml': SPAIN, 'grown.json': GROWN });
    await world.ok('apply', 'git');
    await world.ok('run', '--once');
    await rm(join(world.folder, 'git/grown.json'));
    await rm(join(world.folder, 'git/spain.yaml'));
    const refused = await world.run('apply', 'git', '--prune');
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/git holds no segment, so --prune would delete all 2; --yes does it\.\n$/),
    });
    await put({ 'other.yaml': 'condition: true' });
    expect(await world.ok('apply', 'git', '--prune', '--dry-run').then(withoutPlan)).toMatch(
      /\ndelete grown\ndelete spain\n1 to create, 2 to delete; 0 unchanged\n$/,
    );
    await world.ok('apply', 'git', '--prune');
    expect(await keys()).toEqual(['other']);
    await world.ok('run', '--once');

    await put({ 'spain.yaml': SPAIN });
    for (const argv of [
      ['apply', 'git'],
      ['apply', 'git', '--dry-run'],
    ]) {
      expect((await world.run(...argv)).stderr, 'a key is not reused silently').toMatch(
        /^segmentd: (A segment spain was|Segments with these keys were) deleted.*--reuse/,
      );
    }
    await world.ok('apply', 'git', '--reuse');
    expect(await keys()).toEqual(['other', 'spain']);
  });

  test('what a version that is about to go still reads is not deleted under it', async () => {
    await put({ 'spain.yaml': SPAIN, 'grown.json': GROWN });
    await world.ok('apply', 'git');
    await world.ok('run', '--once');
    await rm(join(world.folder, 'git/spain.yaml'));
    await put({ 'grown.json': '{"condition": {">=": [{"var": "age"}, 30]}}' });
    expect(await world.run('apply', 'git', '--prune')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'segmentd: spain is used by grown; edit or delete that first.\n',
    });
    expect(await world.json('show', 'grown'), 'all or nothing').toMatchObject({ version: 1 });
    await world.ok('apply', 'git');
    await world.ok('run', '--once');
    await world.ok('apply', 'git', '--prune');
    expect(await keys()).toEqual(['grown']);
  });

  test('everything that is wrong with all files is said at once, and nothing is done', async () => {
    await put({
      'good.yaml': 'condition: true',
      'broken.yaml': 'condition: [1,\nname: x',
      'twice.json': '{"key": "good", "condition": true}',
      'field.yaml': 'condition: {"and": [{"==": [{"var": "contry"}, "ES"]}, {"in_segment": ["absent"]}]}',
      'one.yaml': 'condition: {"in_segment": ["two"]}',
      'two.yaml': 'condition: {"!": [{"in_segment": ["one"]}]}',
      'zone.yaml': 'timezone: Madrid\ncondition: true',
      'shape.yaml': 'nmae: x\ncondition: true',
      'list.yaml': '- condition: true',
      'empty.yaml': '',
      'snapshot.yaml': 'kind: snapshot',
      'sub/Bad Key.yaml': 'condition: true',
    });
    await writeFile(join(world.folder, 'git', 'bytes.yaml'), Buffer.from([0xff, 0xfe, 0x00]));
    const result = await world.run('apply', 'git');
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(
      result.stderr
        .split('\n')
        .slice(1, -1)
        .map((line) => line.trim().split(':')[0]),
    ).toEqual([
      'not-yaml at broken.yaml',
      'not-utf-8 at bytes.yaml',
      'not-a-segment at empty.yaml',
      'not-a-segment at list.yaml',
      'wrong-field at shape.yaml#/nmae',
      'wrong-key at sub/Bad Key.yaml#/key',
      'twice at twice.json#/key',
      'unknown-field at field.yaml#/condition/and/0/==/0',
      'unknown-segment at field.yaml#/condition/and/1/in_segment/0',
      'cycle at one.yaml#/condition/in_segment',
      'wrong-field at snapshot.yaml#/condition',
      'cycle at two.yaml#/condition/!/0/in_segment',
      'unknown-timezone at zone.yaml#/timezone',
    ]);
    expect(await keys()).toEqual([]);
    const report = JSON.parse((await world.run('apply', 'git', '--json')).stderr) as {
      error: { code: string; issues: unknown[] };
    };
    expect(report.error).toMatchObject({ code: 'usage', issues: { length: 13 } });
  });

  test('an alias in what it names is one of the mistakes, beside those of other files', async () => {
    await put({
      'circle.yaml': 'condition: &a [*a]',
      'deep.yaml': `condition: ${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      'shape.yaml': 'nmae: x\ncondition: true',
    });
    const { code, stderr } = await world.run('apply', 'git');
    expect(code).toBe(2);
    expect(
      stderr
        .split('\n')
        .slice(1, -1)
        .map((line) => line.trim()),
    ).toEqual([
      'not-yaml at circle.yaml: an alias stands in what it names.',
      'not-yaml at deep.yaml: line 1: it is nested too deeply.',
      expect.stringMatching(/^wrong-field at shape\.yaml/),
    ]);
  });

  test('texts that cannot be stored are mistakes of their file', async () => {
    await put({
      'tag.yaml': 'condition: true\ntags: [a, ""]',
      'long.yaml': `condition: true\ndescription: ${'x'.repeat(10_001)}`,
    });
    const { code, stderr } = await world.run('apply', 'git');
    expect(code).toBe(2);
    expect(
      stderr
        .split('\n')
        .slice(1, -1)
        .map((line) => line.trim()),
    ).toEqual([
      'wrong-field at long.yaml#/description: the description is too long: it has at most 10,000 characters.',
      'wrong-field at tag.yaml#/tags: the tag is empty.',
    ]);
  });

  test('an edit that moves too many is held, unless --yes', async () => {
    await put({ 'spain.yaml': SPAIN });
    await world.ok('apply', 'git');
    await world.ok('run', '--once');
    const guarded = () => world.run('run', '--once', '--guard-members', '1');
    await put({ 'spain.yaml': 'condition: false' });
    await world.ok('apply', 'git');
    await guarded();
    expect(await world.json('show', 'spain')).toMatchObject({ state: 'held', members: 2 });
    await put({ 'spain.yaml': 'condition: {"==": [{"var": "country"}, "PT"]}' });
    await world.ok('apply', 'git', '--yes');
    await guarded();
    expect(await world.json('show', 'spain')).toMatchObject({ state: 'live', members: 1 });
  });

  test('no folder', async () => {
    expect(await world.run('apply', 'nowhere')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/nowhere cannot be read: there is no such folder\.\n$/),
    });
    await world.file('plain', 'x');
    expect((await world.run('apply', 'plain')).stderr).toMatch(/plain cannot be read: it is not a folder/);
    expect(await world.run('apply')).toMatchObject({ code: 2 });
  });

  test('files may be links, as mounted folders have them', async () => {
    await put({ '..data/spain.yaml': SPAIN });
    await symlink('..data/spain.yaml', join(world.folder, 'git', 'spain.yaml'));
    await symlink('.', join(world.folder, 'git', 'loop'));
    expect(await world.ok('apply', 'git')).toMatch(/1 created; 0 unchanged/);
  });
});

describe('what others did meanwhile', () => {
  const country = (name: string) => ({ '==': [{ var: 'country' }, name] });
  const edited = (text: string, from: string, to: string): string => text.replace(`"${from}"`, `"${to}"`);

  test('a segment that was edited since its file was pulled is not overwritten; pull or --overwrite', async () => {
    await world.ok('create', 'spain', '--condition', await world.file('spain.json', country('ES')));
    await world.ok('pull', 'git');
    const pulled = await text('spain.yaml');
    expect(pulled).toContain('version: 1\n');
    await world.ok('edit', 'spain', '--condition', await world.file('portugal.json', country('PT')));
    expect(
      await world.ok('apply', 'git', '--overwrite', '--dry-run'),
      'the file as it was pulled would undo the edit',
    ).toContain('edit spain');
    for (const file of [pulled, edited(pulled, 'ES', 'BR')]) {
      await put({ 'spain.yaml': file });
      for (const flags of [[], ['--dry-run']]) {
        const refused = await world.run('apply', 'git', ...flags);
        expect(refused).toMatchObject({ code: 1, stdout: '' });
        expect(refused.stderr).toMatch(
          /spain has version 2, not 1: version 2 is by \S+ at \S+Z \(- Country is ES; \+ Country is PT\)\. segmentd pull brings the changes in, --overwrite takes their place\.\n$/,
        );
      }
    }
    expect(await world.json('show', 'spain')).toMatchObject({ version: 2, condition: country('PT') });
    await world.ok('pull', 'git');
    await put({ 'spain.yaml': edited(await text('spain.yaml'), 'PT', 'BR') });
    await world.ok('apply', 'git');
    expect(await world.json('show', 'spain')).toMatchObject({ version: 3, condition: country('BR') });
    await world.ok('edit', 'spain', '--condition', 'portugal.json');
    await put({ 'spain.yaml': edited(await text('spain.yaml'), 'BR', 'FR') });
    expect((await world.run('apply', 'git')).code).toBe(1);
    await world.ok('apply', 'git', '--overwrite');
    expect(await world.json('show', 'spain')).toMatchObject({ version: 5, condition: country('FR') });
  });

  test('files that are applied again and again, as from git, never conflict with themselves; files without a version neither', async () => {
    await world.ok('create', 'spain', '--condition', await world.file('spain.json', country('ES')));
    await world.ok('pull', 'git');
    for (const [from, to] of [
      ['ES', 'PT'],
      ['PT', 'BR'],
      ['BR', 'FR'],
    ] as const) {
      await put({ 'spain.yaml': edited(await text('spain.yaml'), from, to) });
      await world.ok('apply', 'git');
    }
    expect(await world.json('show', 'spain')).toMatchObject({ version: 4, condition: country('FR') });
    expect(await world.json('versions', 'spain')).toMatchObject([
      { applied: true },
      { applied: true },
      { applied: true },
      { applied: false },
    ]);
    await world.ok('edit', 'spain', '--condition', 'spain.json');
    await put({ 'spain.yaml': (await text('spain.yaml')).replace(/^version.*\n/m, '') });
    await world.ok('apply', 'git');
    expect(await world.json('show', 'spain')).toMatchObject({ version: 6, condition: country('FR') });
  });

  test('a pull writes the version alone where all else is so; the layout stays', async () => {
    const own =
      '# ours\nname: spain  # why\nversion: 1   # of the segment\ncondition: { "==": [ { var: country }, ES ] }\n';
    await put({ 'spain.yaml': own, 'json.json': '{\n  "version": 1,\n  "condition": true }' });
    await world.ok('apply', 'git');
    expect(await world.ok('pull', 'git')).toBe('0 written, 2 unchanged\n');
    for (const key of ['spain', 'json'])
      for (const file of ['portugal', key === 'spain' ? 'spain' : 'all']) {
        await world.ok(
          'edit',
          key,
          '--condition',
          await world.file(`${file}.json`, file === 'all' ? true : country(file === 'spain' ? 'ES' : 'PT')),
        );
      }
    expect(await world.ok('pull', 'git')).toBe('wrote json.json\nwrote spain.yaml\n2 written, 0 unchanged\n');
    expect(await text('spain.yaml')).toBe(own.replace('version: 1', 'version: 3'));
    expect(await text('json.json')).toBe('{\n  "version": 3,\n  "condition": true }');
  });

  test('a plan is carried out as it was shown, or not at all', async () => {
    await put({ 'spain.yaml': SPAIN });
    const planned = (await world.json('apply', 'git', '--dry-run')) as { plan: string };
    expect(await world.ok('apply', 'git', '--dry-run')).toContain(`plan ${planned.plan};`);
    await put({ 'spain.yaml': SPAIN.replace('ES', 'PT') });
    const refused = await world.run('apply', 'git', '--if-plan', planned.plan);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`not ${planned.plan}`) });
    expect(await keys()).toEqual([]);
    await put({ 'spain.yaml': SPAIN });
    await world.ok('apply', 'git', '--if-plan', planned.plan);
    expect(await keys()).toEqual(['spain']);
    const next = (await world.json('apply', 'git', '--dry-run', '--prune')) as { plan: string };
    expect(next.plan).not.toBe(planned.plan);
  });

  test('a wrong version is refused; refusals are capped', async () => {
    await put({ 'spain.yaml': `version: one\n${SPAIN}` });
    expect((await world.run('apply', 'git')).stderr).toMatch(
      /spain\.yaml#\/version: version must be a whole number above 0/,
    );
    await put(
      Object.fromEntries(
        Array.from({ length: 150 }, (_, number) => [`wrong-${number}.yaml`, 'condition: {"==": [{"var": "nope"}, 1]}']),
      ),
    );
    for (const argv of [
      ['apply', 'git'],
      ['pull', 'git'],
    ]) {
      const { code, stderr } = await world.run(...argv);
      expect(code).toBe(2);
      expect(stderr.split('\n').length).toBeLessThan(105);
      if (argv[0] === 'apply') expect(stderr).toMatch(/refused for 151 reasons\.[^]*51 more issues are not listed/);
    }
  });
});

describe('pull', () => {
  test('writes what there is; again, and applied, nothing changes', async () => {
    await world.ok(
      'create',
      'spain',
      '--name',
      'Spain',
      '--tag',
      'eu',
      '--condition',
      await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] }),
      '--timezone',
      'Europe/Madrid',
    );
    await world.ok('create', 'Spain', '--condition', await world.file('inside.json', { in_segment: ['spain'] }));
    await world.ok('pause', 'Spain');
    expect(await world.ok('pull', 'git')).toBe('wrote Spain.yaml\nwrote spain~2.yaml\n2 written, 0 unchanged\n');
    expect(await text('spain~2.yaml')).toBe(
      'key: spain\nname: Spain\ntimezone: Europe/Madrid\ntags:\n  - eu\nversion: 1\ncondition:\n  {"==": [{"var": "country"}, "ES"]}\n',
    );
    expect(await text('Spain.yaml')).toBe(
      'key: Spain\nstate: paused\nversion: 1\ncondition:\n  {"in_segment": ["spain"]}\n',
    );
    const before = (await stat(join(world.folder, 'git', 'Spain.yaml'))).mtimeMs;
    expect(await world.json('pull', 'git')).toEqual({ written: [], unchanged: 2, orphaned: [] });
    expect((await stat(join(world.folder, 'git', 'Spain.yaml'))).mtimeMs).toBe(before);
    expect(await world.ok('apply', 'git', '--prune')).toBe('nothing to do; 2 unchanged\n');
    expect(await files(), 'nothing temporary is left').toEqual(['Spain.yaml', 'spain~2.yaml']);
  });

  test('a file that says so already keeps its name, layout and comments; one that does not is written in its place and format', async () => {
    const own =
      '# ours\ncondition: { "==": [ { var: country }, ES ] }\nkey: spain\nstate: live\nname: Spain\ntags: ["eu"]\n';
    await put({ 'team/ours.yml': own, 'grown.json': GROWN });
    await world.ok('apply', 'git');
    expect(await world.ok('pull', 'git')).toBe('0 written, 2 unchanged\n');
    expect(await text('team/ours.yml')).toBe(own);
    await world.ok('edit', 'grown', '--name', 'Grown');
    expect(await world.ok('pull', 'git')).toBe('wrote grown.json\n1 written, 1 unchanged\n');
    expect(JSON.parse(await text('grown.json'))).toEqual({ ...JSON.parse(GROWN), name: 'Grown', version: 1 });
    expect(await world.ok('apply', 'git')).toMatch(/^nothing to do/);
  });

  test('pull names the files of deleted segments, and removes them with --prune', async () => {
    await put({ 'former.yaml': 'condition: true' });
    expect(await world.ok('pull', 'git')).toBe(
      'former.yaml: there is no such segment any more (--prune removes it)\n0 written, 0 unchanged\n',
    );
    expect(await world.ok('pull', 'git', '--prune')).toBe('removed former.yaml\n0 written, 0 unchanged\n');
    expect(await files()).toEqual([]);
  });

  test('a file that cannot be understood may hold work: it is not overwritten', async () => {
    await world.ok('create', 'spain', '--condition', 'spain.json');
    await put({ 'spain.yaml': 'condition: [' });
    const result = await world.run('pull', 'git');
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(
      /^segmentd: A file of the folder cannot be understood\.\n {2}not-yaml at spain\.yaml: line 1/,
    );
    expect(await text('spain.yaml')).toBe('condition: [');
  });

  test('pull leaves out and names what could not be read back; the others go on', async () => {
    await world.ok(
      'create',
      'spain',
      '--condition',
      await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] }),
    );
    const bad = {
      nothing: `'null', '{}', null`,
      untagged: `'true', '{a,null}', null`,
      empty: `'true', '{""}', null`,
      long: `'true', '{}', repeat('x', 2000000)`,
      huge: `'{"==": [{"var": "age"}, 1e400]}', '{}', null`,
    };
    for (const [key, values] of Object.entries(bad)) {
      await world.database.query(
        `begin; set local session_replication_role = replica; insert into segmentd.segment (key, name, condition, tags, description) values ('${key}', '${key}', ${values}); commit`,
      );
    }
    await put({ 'untagged.yaml': 'condition: true\ntags: [a]' });
    const pulled = await world.run('pull', 'git');
    expect(pulled).toMatchObject({ code: 0, stdout: 'wrote spain.yaml\n1 written, 0 unchanged\n' });
    expect(pulled.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^left out: empty: the tag is empty$/),
      expect.stringMatching(/^left out: huge: it holds a value that a file cannot say$/),
      expect.stringMatching(/^left out: long: the file is larger than 1 MiB$/),
      expect.stringMatching(/^left out: nothing: a dynamic segment needs a condition$/),
      expect.stringMatching(/^left out: untagged: tags must be a list of texts$/),
      'repair these segments before apply --prune, which deletes segments without a file',
    ]);
    expect(await text('untagged.yaml'), 'as it was').toBe('condition: true\ntags: [a]');
    expect(await files()).toEqual(['spain.yaml', 'untagged.yaml']);
    const report = JSON.parse((await world.run('pull', 'git', '--prune', '--json')).stdout) as { left_out: unknown[] };
    expect(report).toMatchObject({
      written: [],
      unchanged: 1,
      orphaned: [],
      left_out: [{ key: 'empty', why: 'the tag is empty' }, {}, {}, {}, {}],
    });
    expect(await world.ok('apply', 'git')).toMatch(/untagged/);
  });

  test('a folder that cannot be written fails with one sentence', async () => {
    await world.ok('create', 'spain', '--condition', 'spain.json');
    await world.file('git', 'a file');
    expect(await world.run('pull', 'git')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/git cannot be read: it is not a folder/),
    });
    await rm(join(world.folder, 'git'));
    await mkdir(join(world.folder, 'git', 'spain.yaml'), { recursive: true });
    const failed = await world.run('pull', 'git');
    expect(failed).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/spain\.yaml cannot be written \(EISDIR\)\.\n$/),
    });
    expect(await files()).toEqual(['spain.yaml']);
    await chmod(join(world.folder, 'git'), 0o755);
  });
});
