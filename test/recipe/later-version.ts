/** A later version of segmentd: a copy of this one with a higher number and one more migration. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './dockerfile.ts';

const JOURNAL = z.looseObject({
  entries: z.array(z.looseObject({ idx: z.number(), when: z.number(), tag: z.string() })),
});

export interface LaterVersion {
  readonly version: string;
  /** What runs as the command line. */
  readonly main: string;
  remove(): Promise<void>;
}

export async function laterVersion(): Promise<LaterVersion> {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-later-'));
  for (const part of ['src', 'sql', 'drizzle']) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const version = '99.0.0';
  const own: unknown = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...Object(own), version }));
  const path = join(folder, 'drizzle/meta/_journal.json');
  const journal = JOURNAL.parse(JSON.parse(await readFile(path, 'utf8')));
  const before = journal.entries.at(-1);
  if (!before) throw new Error('there are migrations');
  const entry = { ...before, idx: before.idx + 1, when: before.when + 1_000, tag: '9999_later' };
  await writeFile(path, JSON.stringify({ ...journal, entries: [...journal.entries, entry] }));
  await writeFile(
    join(folder, `drizzle/${entry.tag}.sql`),
    'alter table segmentd_internal.audit add column later integer;',
  );
  return { version, main: join(folder, 'src/cli/main.ts'), remove: () => rm(folder, { recursive: true, force: true }) };
}
