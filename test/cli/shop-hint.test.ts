import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from './in-process.ts';

test('a verb without a database, in the folder where the sample shop runs, names its config file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-hint-'));
  try {
    const before = await cli(['list'], { cwd: folder });
    expect(before.code).toBe(2);
    expect(before.stderr).not.toContain('sample shop');
    await mkdir(join(folder, '.segmentd'));
    await writeFile(join(folder, '.segmentd', 'segmentd.yaml'), '');
    const after = await cli(['list'], { cwd: folder });
    expect(after).toMatchObject({ code: 2, stdout: '' });
    expect(after.stderr).toMatch(/sample shop of `segmentd dev` add --config \.segmentd\/segmentd\.yaml/);
    // The shop of a named database: its file names none.
    await writeFile(join(folder, '.segmentd', 'segmentd.yaml'), 'contacts: { table: public.contacts }');
    const given = await cli(['list', '--config', '.segmentd/segmentd.yaml'], { cwd: folder });
    expect(given.stderr).toMatch(/No database is named: give --database-url/);
    // A named database is used, whatever stands beside.
    const named = await cli(['list', '--database-url', 'postgres://127.0.0.1:1/none'], { cwd: folder });
    expect(named).toMatchObject({ code: 1 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
