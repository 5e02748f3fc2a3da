/**
 * The README and the pages of the manual are a story that works: their marked blocks are executed in their order against a
 * fresh database, in a project that has the package as `npm pack` makes it: its files, its binary, its dependencies and no
 * development ones. `<!-- run: name exit=N -->` marks a block.
 */
import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { optionTable } from '../src/base/option.ts';
import { VERBS } from '../src/cli/verb-list.ts';
import { VERB_GROUPS } from '../src/cli/verb.ts';
import { operators } from '../src/condition/operator.ts';
import { createDatabase, type TestDatabase } from './support/database.ts';
import { startScript, type CliProcess } from './support/process.ts';
import { BLOCKS, generatedPart, PAGES, README, unaligned, type Block } from './support/readme-block.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSX = fileURLToPath(import.meta.resolve('tsx'));
const LINES = 450;
const WIDTH = 160;

let database: TestDatabase;
let folder: string;
let worker: CliProcess | undefined;
const env = () => ({
  DATABASE_URL: database.url,
  SEGMENTD_LOG_LEVEL: 'warn',
  REDIS_URL: '',
  MAIL_TOOL_URL: mailTool.url,
});

/** The mail tool of a recipe: it notes what it is asked. */
const mailTool = { url: '', asked: [] as string[], server: createServer() };

beforeAll(async () => {
  database = await createDatabase();
  folder = await mkdtemp(join(tmpdir(), 'segmentd-readme-'));
  await installPackage();
  mailTool.server.on('request', (request, response) => {
    mailTool.asked.push(`${request.method} ${request.url}`);
    response.end();
  });
  await new Promise<void>((resolve) => void mailTool.server.listen(0, '127.0.0.1', resolve));
  mailTool.url = `http://127.0.0.1:${(mailTool.server.address() as AddressInfo).port}`;
}, 60_000);
afterAll(async () => {
  const ended = await worker?.kill('SIGTERM');
  mailTool.server.close();
  await rm(folder, { recursive: true, force: true });
  await database.drop();
  expect(ended?.code).toBe(0);
});

/** What `npm install segmentd` does, with the dependencies that are here already instead of the registry. */
async function installPackage(): Promise<void> {
  const run = promisify(execFile);
  const modules = join(folder, 'node_modules');
  await rm(join(ROOT, 'dist'), { recursive: true, force: true }); // a package is built when it is packed
  await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT });
  const packed = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? 'nothing was packed';
  await run('tar', ['-xzf', packed], { cwd: folder });
  await mkdir(join(modules, '.bin'), { recursive: true });
  await rename(join(folder, 'package'), join(modules, 'segmentd'));
  const binary = join(modules, 'segmentd', manifest.bin.segmentd);
  await chmod(binary, 0o755);
  await symlink(binary, join(modules, '.bin', 'segmentd'));
  for (const name of [...Object.keys(manifest.dependencies), '@types/node']) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  }
}

function execute(program: string, args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      {
        cwd: folder,
        env: { ...process.env, ...env(), PATH: `${join(folder, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}` },
      },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
      },
    );
  });
}

function verbTable(): string {
  const rows = VERB_GROUPS.flatMap((group) =>
    VERBS.filter((verb) => verb.group === group).map(
      ({ name, summary }, n) => `| ${n === 0 ? group : ''} | \`${name}\` | ${summary} |`,
    ),
  );
  return ['| to | verb | does |', '| --- | --- | --- |', ...rows].join('\n');
}

function operatorTable(): string {
  const rows = Object.entries(operators).map(([name, { label, usage }]) => `| \`${name}\` | ${label} | \`${usage}\` |`);
  return ['| operator | in words | example |', '| --- | --- | --- |', ...rows].join('\n');
}

/** What a verb says when its list is empty. */
const EMPTY = /^(\w+ had no members at|Nothing uses) .*\n/gm;
const SHELL = 'set -e -o pipefail\n';

function compile(...args: readonly string[]): ReturnType<typeof execute> {
  const options = [
    '--noEmit',
    '--strict',
    '--target',
    'es2023',
    '--lib',
    'es2023,esnext.disposable',
    '--module',
    'nodenext',
    '--types',
    'node',
  ];
  return execute('node', [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, ...args]);
}

async function run(block: Block): Promise<string> {
  switch (block.language) {
    case 'sql': {
      const results: unknown = await database.pool.query(block.text);
      return JSON.stringify([results].flat().map((result) => (result as { rows: unknown }).rows));
    }
    case 'ts': {
      const file = join(folder, `${block.name}.mts`);
      await writeFile(file, block.text);
      expect(await compile('--skipLibCheck', file)).toEqual({ code: 0, stdout: '', stderr: '' });
      const { code, stdout, stderr } = await execute('node', ['--import', TSX, file]);
      expect({ code, stderr }).toEqual({ code: block.exit, stderr: '' });
      return stdout;
    }
    // Plain JavaScript of every Node that segmentd runs on: no compiler, no loader.
    case 'js': {
      const file = join(folder, `${block.name}.mjs`);
      await writeFile(file, block.text);
      const { code, stdout, stderr } = await execute('node', [file]);
      expect({ code, stderr }).toEqual({ code: block.exit, stderr: '' });
      return stdout;
    }
    case 'sh': {
      if (block.name === 'worker') {
        expect(block.text).toBe('segmentd run\n');
        worker = startScript([join(folder, 'node_modules', '.bin', 'segmentd'), 'run'], { cwd: folder, env: env() });
        return '';
      }
      const { code, stdout, stderr } = await execute('bash', ['-c', SHELL + block.text]);
      expect({ code, stderr: stderr.replaceAll(EMPTY, '') }).toEqual({
        code: block.exit,
        stderr: block.exit === 0 ? '' : stderr,
      });
      return stdout + stderr;
    }
    default:
      throw new Error(`no way to run ${block.language}`);
  }
}

/** What the story says that one sees. */
const SEEN: Readonly<Record<string, (output: string) => void>> = {
  create: (output) => expect(output.trim().split('\n').at(-1)).toBe('1'),
  follow: (output) => {
    expect(output).toMatch(/^1\n2\n/m);
    expect(output).toMatch(/good_customers +4 +0 +0/);
  },
  refused: (output) => {
    expect(output).toContain('unknown-field');
    expect(output).toContain('did you mean `country`?');
  },
  ready: (output) => expect(output).toMatch(/\n10 to create;[^]*\n10 created/),
  chart: (output) => expect(output).toContain('"segment":"good_customers"'),
  'mail-tool': () =>
    expect(mailTool.asked).toEqual(['PUT /lists/good_customers/contacts/1', 'PUT /lists/good_customers/contacts/2']),
  before: (output) => {
    expect(output).toMatch(/^3 contacts in, 1 out, of 4\n/);
    expect(output).toMatch(
      /good_customers has 2 members now\n1 contact would enter, such as 3\n0 contacts would leave\n/,
    );
  },
  after: (output) => {
    expect(output).toMatch(/\n2 {2}\S+ by \S+ {2}\(live\)\n {5}Country is ES or PT\n {5}- /);
    expect(output).toMatch(/\ngood_customers +2 +\d+ % are in copy\n/);
    expect(output).toMatch(/\ngood_customers had no members at 2020-01-01\.\nNothing uses good_customers: /);
  },
  overrides: (output) => {
    expect(output).toMatch(/2 contacts added: invited\n1 key of no contact, left out: 99\n/);
    expect(output).toMatch(/\n4 {2}include {2}by \S+ {2}\S+ {2}until 2099-12-31T00:00:00\.000000Z {2}asked to be in\n/);
    expect(output).toMatch(
      /An override includes it: by \S+ at \S+, until 2099-12-31T00:00:00\.000000Z: asked to be in\n/,
    );
  },
  git: (output) => {
    expect(output).toMatch(
      /create lusophone \(lusophone\.yaml\)\n {2}name: "Lusophone"\n {2}\+ Country is BR or PT\n1 to create;/,
    );
    expect(output).toMatch(/\n0 written, \d+ unchanged\n$/);
  },
  analysts: (output) =>
    expect(JSON.parse(output)).toMatchObject([
      [{ id: '1' }, { id: '2' }],
      expect.arrayContaining([expect.objectContaining({ key: 'good_customers', members: '2' })]),
      [],
      [
        { kind: 'left', contact_id: '3' },
        { kind: 'entered', contact_id: '3' },
        { kind: 'entered' },
        { kind: 'entered' },
      ],
    ]),
  charts: (output) => expect(output).toContain('"segment":"loyal"'),
  retention: (output) => expect(output).toBe('[[]]'), // no member is 30 days old
  export: (output) => {
    expect(output).toMatch(
      /^contact_id,email,orders\.count,orders\.sum:total\r\n1,ana@example\.com,2,200\.00\r\n2,rui@example\.com,2,105\.00\r\n/,
    );
    expect(output).toMatch(
      /\/files\/segment-\d+-\w+-[0-9a-f]{8}\.parquet\n.*\/files\/segment-\d+-delta-\d+-000001-\w+\.csv\.gz\n.*-000002-\w+\.csv\n$/,
    );
  },
  schedule: (output) =>
    expect(output).toMatch(/^schedule 1: next at .*\n.*\/export\/segment-\d+-delta-\d+-000001-\w+\.csv\n[^]* done /),
  feed: (output) =>
    expect(
      output
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { kind: string }).kind),
    ).toEqual(['entered', 'entered', 'entered', 'left']),
  'feed-typescript': (output) => expect(output).toMatch(/^\d+ 1 entered edit\n[^]*\n2 [0-9a-f]{64}\n$/),
  typescript: (output) => {
    expect(output).toMatch(/^2 \d{4}-/m);
    expect(output).toContain("code: 'unknown-field'");
  },
  condition: (output) => {
    expect(output).toContain("code: 'unknown-field'");
    expect(output).toMatch(/\nthe age by birth_date is at least 18 and the sum of .*\ntrue\n$/);
  },
  drizzle: (output) =>
    expect(output).toMatch(/^1 ana@example\.com \d{4}-\d\d-\d\d [\d:.]+\S*\n2 rui@example\.com \d{4}-.*\n$/),
};

describe('the README works', () => {
  test('it and the manual have their blocks', () => {
    expect(BLOCKS.map((block) => block.name)).toEqual([
      'tables',
      'setup',
      'worker',
      'create',
      'change',
      'follow',
      'refused',
      'ready',
      'chart',
      'mail-tool',
      'before',
      'after',
      'overrides',
      'sql-overrides',
      'git',
      'analysts',
      'charts',
      'retention',
      'one-contact',
      'beside',
      'sql-segment',
      'export',
      'schedule',
      'feed',
      'feed-typescript',
      'typescript',
      'drizzle',
      'condition',
      'restore',
    ]);
  });

  test.each(BLOCKS)('$name', { timeout: 60_000 }, async (block) => {
    const output = await run(block);
    SEEN[block.name]?.(output);
  });

  test('the types of the package need no others than it brings', { timeout: 60_000 }, async () => {
    const file = join(folder, 'every-type.mts');
    await writeFile(
      file,
      `export * from 'segmentd';\nexport * as schema from 'segmentd/schema';\nexport * as condition from 'segmentd/condition';\n`,
    );
    // Drizzle's own types have errors (other databases' drivers); ours must have none.
    const { stdout } = await compile('--skipLibCheck', 'false', file);
    expect(stdout.split('\n').filter((line) => /^[^ ]*(segmentd[/]dist|every-type)/.test(line))).toEqual([]);
  });

  test('its verbs, and the options and operators of the manual, are those of the code', () => {
    expect(generatedPart('verbs')).toBe(unaligned(verbTable()));
    expect(generatedPart('options')).toBe(unaligned(optionTable()));
    expect(generatedPart('operators')).toBe(unaligned(operatorTable()));
  });

  test(`it is at most ${LINES} lines of at most ${WIDTH} characters`, () => {
    const lines = README.split('\n');
    expect(lines.length).toBeLessThanOrEqual(LINES);
    expect(lines.filter((line) => line.length > WIDTH || /@@\w+@@/.test(line))).toEqual([]);
  });

  test('it and the page of SQL name the tables that analysts see', async () => {
    const rows = await database.query<{ name: string }>(
      `select c.relname as name from pg_catalog.pg_class c
       where c.relnamespace = 'segmentd'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`,
    );
    const tables = rows.map(({ name }) => name).toSorted();
    const page = PAGES.find(({ name }) => name === 'src/manual/sql.md')?.text ?? '';
    for (const [text, list] of [
      [README, /The schema `segmentd` holds \w+ tables \(([^)]*)\)/],
      [page, /The schema `segmentd` holds [^:]*: the tables ([^.]*), their views/],
    ] as const) {
      const [, named = ''] = list.exec(text) ?? [];
      expect([...named.matchAll(/`(\w+)`/g)].map(([, name]) => name).toSorted()).toEqual(tables);
    }
  });

  test('every link of a page leads to a file', async () => {
    const links = PAGES.flatMap(({ name, text }) =>
      [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => join(ROOT, dirname(name), to)),
    );
    expect(links.length).toBeGreaterThan(10);
    for (const file of links) await access(file);
  });

  test('a later edit by SQL was built too', async () => {
    const { stdout } = await execute('bash', ['-c', `${SHELL}segmentd wait; segmentd members spain`]);
    expect(stdout).toBe('1\n3\n');
  });
});
