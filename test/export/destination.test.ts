/** What an export may replace: a file, or nothing. Links lead to their file; devices, pipes and sockets stay what they are. */
import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkDestination, openTarget, type Destination } from '../../src/export/destination.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segmentd-place-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

async function write(destination: Destination, text: string): Promise<void> {
  await checkDestination(destination);
  const target = await openTarget(destination, 'made.csv');
  await target.write(Buffer.from(text));
  await target.complete();
  await target.publish(`of ${text}`);
}

/** By the check before and by the opening: what is there may change in between. */
async function refused(destination: Destination, sentence: RegExp): Promise<void> {
  const before = await readdir(folder);
  await expect(checkDestination(destination)).rejects.toMatchObject({
    code: 'failed',
    exitCode: 1,
    message: expect.stringMatching(sentence),
  });
  await expect(openTarget(destination, 'made.csv')).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringMatching(sentence),
  });
  expect(await readdir(folder)).toEqual(before);
}

test('a destination that is a pipe is refused, also when its manifest would be one', async () => {
  await promisify(execFile)('mkfifo', [at('pipe'), at('a.csv.manifest.json')]);
  await refused(
    { file: at('pipe') },
    /^.*\/pipe is a pipe and cannot be replaced by a file; for a pipe write to stdout, --to -, and redirect that\.$/,
  );
  await refused({ file: at('a.csv') }, /a\.csv\.manifest\.json is a pipe/);
  for (const name of ['pipe', 'a.csv.manifest.json']) expect((await stat(at(name))).isFIFO(), name).toBe(true);
});

test('a destination that is a socket is refused, also behind a link, and so is a folder', async () => {
  const server = createServer();
  await new Promise<void>((settle) => server.listen(at('socket'), settle));
  try {
    await symlink('socket', at('link'));
    await refused({ file: at('socket') }, /is a socket/);
    await refused({ file: at('link') }, /is a socket/);
  } finally {
    server.close();
  }
  await mkdir(at('sub'));
  await refused({ file: at('sub') }, /A folder in .* already has the name of the file/);
});

test('a destination that is a link is followed and stays; the manifest stands beside the file', async () => {
  await mkdir(at('real'));
  await writeFile(at('real/a.csv'), 'old');
  await symlink('real/a.csv', at('one'));
  await symlink('one', at('two'));
  await write({ file: at('two') }, 'new');
  expect(await readlink(at('two'))).toBe('one');
  expect(await readlink(at('one'))).toBe('real/a.csv');
  expect(await readFile(at('real/a.csv'), 'utf8')).toBe('new');
  expect(await readFile(at('real/a.csv.manifest.json'), 'utf8')).toBe('of new');
  expect((await readdir(at('real'))).sort()).toEqual(['a.csv', 'a.csv.manifest.json']);
  expect((await readdir(folder)).sort()).toEqual(['one', 'real', 'two']);
});

test('a manifest that is a link is followed', async () => {
  await mkdir(at('real'));
  await writeFile(at('real/m'), 'old');
  await symlink('real/m', at('a.csv.manifest.json'));
  await write({ file: at('a.csv') }, 'new');
  expect(await readlink(at('a.csv.manifest.json'))).toBe('real/m');
  expect(await readFile(at('real/m'), 'utf8')).toBe('of new');
  expect(await readdir(at('real'))).toEqual(['m']);
});

test('a destination that is a link to nowhere, or in a circle, is refused', async () => {
  await symlink('none', at('dangling'));
  await symlink('circle', at('circle'));
  await refused({ file: at('dangling') }, /dangling is a link to a file that is not there\.$/);
  await refused({ file: at('circle') }, /circle/);
  await writeFile(at('plain'), '');
  await refused({ file: join(at('plain'), 'x') }, /is not a folder/);
});

test('in a folder the name is ours: a link there is replaced, a pipe is refused', async () => {
  await writeFile(at('elsewhere'), 'kept');
  await symlink('elsewhere', at('made.csv'));
  await write({ folder }, 'new');
  expect(await readFile(at('elsewhere'), 'utf8')).toBe('kept');
  expect((await lstat(at('made.csv'))).isFile()).toBe(true);
  await rm(at('made.csv'));
  await promisify(execFile)('mkfifo', [at('made.csv')]);
  await expect(openTarget({ folder }, 'made.csv')).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringMatching(/is a pipe/),
  });
});

test('checkDestination finds a folder that is missing, and writes nothing', async () => {
  await writeFile(at('plain'), '');
  await expect(checkDestination({ folder: at('none') })).rejects.toThrow(
    /^There is no folder (.*none); make it with `mkdir -p \1`\.$/,
  );
  await expect(checkDestination({ file: at('none/a.csv') })).rejects.toThrow(
    /^There is no folder (.*none); make it with `mkdir -p \1`\.$/,
  );
  await expect(checkDestination({ folder: at('plain') })).rejects.toThrow(/plain is not a folder\.$/);
  await checkDestination({ folder });
  await checkDestination({ file: at('a.csv') });
  expect(await readdir(folder)).toEqual(['plain']);
});
