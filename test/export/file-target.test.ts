/** Files of exports: whole under their name or not there at all, and never elsewhere than asked. */
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sql } from '../../src/compile/fragment.ts';
import { isPlainName, openTarget } from '../../src/export/destination.ts';
import type { FileSystem } from '../../src/export/file-target.ts';
import { createFormat } from '../../src/export/format/create-format.ts';
import { checkFolderName, makeFolderBelow } from '../../src/export/schedule-folder.ts';
import { streamTarget } from '../../src/export/stream-target.ts';
import { orAbort } from '../../src/export/target.ts';
import { writeRows } from '../../src/export/write-rows.ts';

let folder: string;
let outside: string;
beforeEach(async () => {
  const base = await mkdtemp(join(tmpdir(), 'segmentd-target-'));
  folder = join(base, 'in');
  outside = join(base, 'out');
  await mkdir(folder);
  await mkdir(outside);
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

/** Names that lead elsewhere, or that some system reads as something else than a name. */
const TRAVERSAL = [
  '..',
  '../x',
  '../../x',
  'a/../../x',
  'a/../../../x',
  './../x',
  '/etc/x',
  '/',
  '//x',
  '///',
  '/..',
  '.',
  './x',
  './',
  'a/',
  '/a',
  'a//b',
  'a/./b',
  'a/../b',
  '..\\x',
  '..\\..\\x',
  'a\\..\\..\\x',
  '\\x',
  '\\\\server\\share',
  'C:\\x',
  'C:/x',
  'C:x',
  'a:b',
  'file:///etc/x',
  '%2e%2e/x',
  '..%2fx',
  '%2e%2e%2fx',
  '..%252fx',
  '..;/x',
  '....//x',
  '..././x',
  '.../x',
  '....',
  '...',
  '~',
  '~/x',
  '~root/x',
  '$HOME/x',
  '${HOME}/x',
  '`id`',
  '$(id)',
  'a\0b',
  '../x\0.csv',
  'a\nb',
  'a\rb',
  'a\tb',
  ' ',
  ' ../x',
  '../x ',
  'a b',
  '．．/x',
  '。。/x',
  '‥/x',
  '..／x',
  '..∕x',
  '..⁄x',
  '..＼x',
  '\u202e../x',
  '\ufeff../x',
  'à',
  '-rf',
  '--to=/x',
  '.hidden',
  '.ssh/authorized_keys',
  'a..b',
  'a/..b',
  '*',
  '?',
  'a|b',
  'a;b',
  'a&b',
  'a<b',
  'a>b',
  '"a"',
  "'a'",
  'a'.repeat(300),
  'con.',
  'nul:',
  'a/b/../../../c',
];

test(`${TRAVERSAL.length} names that lead elsewhere are refused as folders of schedules`, async () => {
  expect(TRAVERSAL.length).toBeGreaterThanOrEqual(50);
  const accepted: string[] = [];
  for (const name of TRAVERSAL)
    await makeFolderBelow(folder, name).then(
      (path) => accepted.push(`${name} → ${path}`),
      (error: unknown) => expect(error, name).toMatchObject({ code: 'usage' }),
    );
  // What looks odd and is a plain name below the folder.
  expect(accepted).toEqual([`con. → ${join(folder, 'con.')}`]);
  expect(await readdir(outside)).toEqual([]);
  expect((await readdir(join(folder, '..'))).sort()).toEqual(['in', 'out']);
  expect(await readdir(folder)).toEqual(['con.']);
});

test('none of these names is a name of ours, and none is written outside of the folder', async () => {
  expect(TRAVERSAL.filter((name) => isPlainName(name) && name !== 'con.')).toEqual([]);
  for (const name of TRAVERSAL) {
    const target = await openTarget({ folder }, name).catch(() => undefined);
    await target?.abort();
    if (target) expect(target.path, name).toBe(join(folder, 'con.'));
  }
  expect(await readdir(folder)).toEqual([]);
  expect((await readdir(join(folder, '..'))).sort()).toEqual(['in', 'out']);
});

test.each(['.', '..', 'a\0b'])('the path of a file that ends in %j is refused', async (name) => {
  await expect(openTarget({ file: `${folder}/x/${name}` }, 'made.csv')).rejects.toMatchObject({ code: 'usage' });
  expect(await readdir(folder)).toEqual([]);
});

test('plain folders of a schedule are made, and a link that leads out is refused', async () => {
  expect(await makeFolderBelow(folder, 'a/b-1/c.d')).toBe(join(folder, 'a/b-1/c.d'));
  expect(await makeFolderBelow(join(folder, 'root', 'deep'), '')).toBe(join(folder, 'root', 'deep'));
  await symlink(outside, join(folder, 'link'));
  await symlink('../../out', join(folder, 'a', 'up'));
  for (const way of ['link', 'link/x', 'a/up', 'a/up/x'])
    await expect(makeFolderBelow(folder, way), way).rejects.toThrow('leads out of the export folder');
  expect(await readdir(outside)).toEqual([]);
  await symlink(join(folder, 'a'), join(folder, 'inner'));
  expect(await makeFolderBelow(folder, 'inner/b-1')).toBe(join(folder, 'a/b-1'));
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolderBelow(folder, 'file/x')).rejects.toThrow('is not a folder');
  expect(() => checkFolderName('a'.repeat(501))).toThrow('cannot be the folder');
});

test('a file gets its name when it is whole, and its manifest after it', async () => {
  const target = await openTarget({ folder }, 'a.csv');
  await target.write(Buffer.from('one'));
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^\.segmentd-[0-9a-f]{16}\.part$/)]);
  await target.write(Buffer.from('two'));
  const { bytes, sha256 } = await target.complete();
  expect({ bytes, sha256 }).toEqual({
    bytes: 6,
    sha256: '25b6746d5172ed6352966a013d93ac846e1110d5a25e8f183b5931f4688842a1',
  });
  expect(await readdir(folder)).toHaveLength(1);
  await target.publish('{}\n');
  await target.abort();
  expect((await readdir(folder)).sort()).toEqual(['a.csv', 'a.csv.manifest.json']);
  expect(await readFile(join(folder, 'a.csv'), 'utf8')).toBe('onetwo');
});

describe('a file that fails leaves nothing under the final name', () => {
  const failure = (code: string): Error => Object.assign(new Error(code), { code });
  /** Fails at the n-th call of one kind. */
  function failing(kind: 'open' | 'write' | 'sync' | 'close' | 'rename', at: number, code: string): FileSystem {
    let calls = 0;
    const count = (which: string): void => {
      if (which === kind && ++calls === at) throw failure(code);
    };
    return {
      async open(path, flags) {
        count('open');
        const handle = await open(path, flags);
        return {
          write: async (...args: Parameters<typeof handle.write>) => {
            count('write');
            return handle.write(...args);
          },
          sync: async () => {
            count('sync');
            await handle.sync();
          },
          close: async () => {
            await handle.close();
            count('close');
          },
        } as Awaited<ReturnType<FileSystem['open']>>;
      },
      async rename(from, to) {
        count('rename');
        await rename(from, to);
      },
    };
  }
  const exported = async (system: FileSystem): Promise<void> => {
    const format = await createFormat('csv', [{ name: 'a', type: 'text', value: sql`a` }]);
    const target = await openTarget({ folder }, 'a.csv', system);
    const rows = async function* (): AsyncGenerator<Buffer, void, void> {
      yield Buffer.from('x\n');
      yield Buffer.from('y\n');
    };
    await orAbort(target, async () => {
      await writeRows({ format, rows: rows(), gzip: false, target });
      await target.publish('{}');
    });
  };

  test.each([
    ['open', 1, 'EACCES', 'No permission to write in'],
    ['open', 1, 'EROFS', 'can only be read, not written'],
    ['write', 1, 'ENOSPC', 'The disk of'],
    ['write', 2, 'ENOSPC', 'is full; nothing of the export was kept.'],
    ['write', 2, 'EDQUOT', 'The quota of the disk'],
    ['write', 3, 'EFBIG', 'larger than a file'],
    ['sync', 1, 'EIO', 'failed; nothing of the export was kept.'],
    ['close', 1, 'EIO', 'failed'],
    ['open', 2, 'ENOSPC', 'is full'],
    ['write', 4, 'ENOSPC', 'is full'],
    ['sync', 2, 'ENOSPC', 'is full'],
    ['rename', 1, 'ENOSPC', 'is full'],
  ] as const)('%s %i: %s', async (kind, at, code, sentence) => {
    await expect(exported(failing(kind, at, code))).rejects.toMatchObject({
      name: 'Failure',
      code: 'failed',
      message: expect.stringContaining(sentence),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test('a manifest that cannot get its name: the file is whole, and no manifest stands beside it', async () => {
    await writeFile(join(folder, 'a.csv.manifest.json'), 'of an older file');
    await expect(exported(failing('rename', 2, 'EIO'))).rejects.toThrow('failed');
    expect(await readdir(folder)).toEqual(['a.csv']);
    expect(await readFile(join(folder, 'a.csv'), 'utf8')).toBe('a\r\nx\r\ny\r\n');
  });

  test('when the rows break off in the middle', async () => {
    const format = await createFormat('csv', [{ name: 'a', type: 'text', value: sql`a` }]);
    for (const gzip of [false, true]) {
      const target = await openTarget({ folder }, 'a.csv');
      const rows = async function* (): AsyncGenerator<Buffer, void, void> {
        yield Buffer.from('x\n');
        throw new Error('the server went away');
      };
      await expect(orAbort(target, () => writeRows({ format, rows: rows(), gzip, target }))).rejects.toThrow(
        'the server went away',
      );
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test('when a folder has its name', async () => {
    await mkdir(join(folder, 'a.csv', 'x'), { recursive: true });
    await expect(exported(failing('sync', 99, ''))).rejects.toThrow('already has the name of the file');
    expect(await readdir(folder)).toEqual(['a.csv']);
  });
});

test('temporary files of a killed process are removed after a day, and no other file is', async () => {
  const old = new Date(Date.now() - 25 * 3_600_000);
  for (const [name, time] of [
    ['.segmentd-0123456789abcdef.part', old],
    ['.segmentd-fedcba9876543210.part', new Date()],
    ['.other.part', old],
  ] as const) {
    await writeFile(join(folder, name), '');
    await utimes(join(folder, name), time, time);
  }
  await (await openTarget({ folder }, 'a.csv')).abort();
  expect((await readdir(folder)).sort()).toEqual(['.other.part', '.segmentd-fedcba9876543210.part']);
});

test('a link under the final name is replaced, not followed', async () => {
  await writeFile(join(outside, 'secret'), 'kept');
  await symlink(join(outside, 'secret'), join(folder, 'a.csv'));
  const target = await openTarget({ folder }, 'a.csv');
  await target.write(Buffer.from('x'));
  await target.complete();
  await target.publish('{}');
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('kept');
  expect((await stat(join(folder, 'a.csv'))).isFile()).toBe(true);
});

test('a stream that closes in the middle of a chunk fails the write in one sentence', async () => {
  const stream = new PassThrough({ highWaterMark: 1 });
  const target = streamTarget(stream);
  const writing = target.write(Buffer.from('never read'));
  stream.destroy();
  await expect(writing).rejects.toThrow('went away before its end');
  await expect(target.write(Buffer.from('more'))).rejects.toThrow('went away before its end');
});
