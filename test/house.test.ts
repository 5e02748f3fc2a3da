/**
 * The house rules that a compiler does not know: imports go down only, files stay small, no barrels, nothing new at the
 * top. The same floors stand in .oxlintrc.json; the last test holds the two together.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');

/** Lowest first. */
const FLOORS: readonly (readonly string[])[] = [
  ['base'],
  ['condition', 'catalogue'],
  ['compile', 'temporal'],
  ['postgres', 'queue'],
  ['capture', 'followed', 'segment', 'override', 'membership'],
  ['lifecycle'],
  ['recheck', 'sweep', 'rebuild', 'export', 'feed', 'explain', 'audit', 'preview', 'definition', 'publication'],
  ['worker', 'dev'],
  ['api'],
  ['cli', 'index.ts'],
];

/** Imports between siblings, each with its reason. */
const SIBLINGS: Readonly<Record<string, readonly string[]>> = {
  condition: ['catalogue'], // a condition is typed against the catalogue
  compile: ['temporal'], // windows and edges are computed there
  queue: ['postgres'], // the queue's sessions are pinned as all others are
  segment: ['membership'], // a request that empties a segment ends in the one writer of membership
  audit: ['preview'], // doctor counts values of another type as a preview does
  preview: ['explain'], // leaves are evaluated and told alike
  publication: ['preview'], // who would move is counted as for an edit
  cli: ['index.ts'], // each verb is written once, in the API
  dev: ['worker'], // segmentd dev is a worker with a shop around it
};

const TOP = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'src',
  'drizzle',
  'sql',
  'test',
  'Dockerfile',
  'README.md',
  'LICENSE',
];

function forbiddenFrom(folder: string): string[] {
  const floor = FLOORS.findIndex((names) => names.includes(folder));
  const allowed = new Set([folder, ...(SIBLINGS[folder] ?? []), ...FLOORS.slice(0, floor).flat()]);
  return FLOORS.flat().filter((name) => !allowed.has(name));
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

const sources = filesUnder(SRC).map((path) => ({ path, name: relative(SRC, path), text: readFileSync(path, 'utf8') }));

/** The folder of src that a file is in; `index.ts` for itself. */
function folderOf(path: string): string {
  return relative(SRC, path).split('/')[0] ?? '';
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map((match) => match[1] ?? '');
}

test('every folder of src has a floor', () => {
  const known = new Set(FLOORS.flat());
  expect(sources.map(({ path }) => folderOf(path)).filter((folder) => !known.has(folder))).toEqual([]);
});

test('imports go down only', () => {
  const wrong = sources.flatMap(({ path, name, text }) =>
    importsOf(text)
      .map((specifier) => folderOf(resolve(dirname(path), specifier)))
      .filter((folder) => forbiddenFrom(folderOf(path)).includes(folder))
      .map((folder) => `${name} → ${folder}`),
  );
  expect(wrong).toEqual([]);
});

test('no file is over 600 lines', () => {
  const long = [...sources.map(({ path }) => path), ...filesUnder(join(ROOT, 'test'))].filter(
    (path) => readFileSync(path, 'utf8').split('\n').length > 600,
  );
  expect(long.map((path) => relative(ROOT, path))).toEqual([]);
});

test('no default exports, no barrels but index.ts, no drawers for odds and ends', () => {
  const wrong = sources.filter(
    ({ name, text }) =>
      /^export default /m.test(text) ||
      (/^export .* from '/m.test(text) && name !== 'index.ts') ||
      /(^|\/)(utils?|helpers?|types|common|misc)(\.ts|\/)/.test(name) ||
      !/^[a-z0-9/-]+\.ts$/.test(name),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('every file of src says at its top what it is', () => {
  expect(
    sources
      .filter(({ text }) => !/^(#!.*\n)?\/(\*\*|\/) /.test(text) && !/^(#!.*\n)?\/\*\*\n/.test(text))
      .map(({ name }) => name),
  ).toEqual([]);
});

test('nothing is left for later', () => {
  const marks = /\bTOD[O]\b|\bFIXM[E]\b|\bXX[X]\b|\.ski[p]\(|\.onl[y]\(/; // brackets, so that it does not find itself
  const files = [...filesUnder(SRC), ...filesUnder(join(ROOT, 'test'))].filter((path) =>
    marks.test(readFileSync(path, 'utf8')),
  );
  expect(files.map((path) => relative(ROOT, path))).toEqual([]);
});

test('the top level holds nothing new', () => {
  const made = new Set(['node_modules', 'dist']); // not ours to commit
  expect(readdirSync(ROOT).filter((name) => !name.startsWith('.') && !made.has(name) && !TOP.includes(name))).toEqual(
    [],
  );
});

test('the lint rules know the same floors', () => {
  const config = JSON.parse(readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8')) as {
    overrides: { files: string[]; rules: Record<string, unknown> }[];
  };
  for (const folder of FLOORS.flat().filter((name) => forbiddenFrom(name).length > 0)) {
    const files = folder.endsWith('.ts') ? `src/${folder}` : `src/${folder}/**`;
    const names = forbiddenFrom(folder).map((name) => name.replace('.', '\\.'));
    expect(
      config.overrides.find((override) => override.files.includes(files))?.rules['no-restricted-imports'],
      folder,
    ).toEqual([
      'error',
      {
        patterns: [
          {
            regex: `^(\\./|(\\.\\./)+)(${names.join('|')})(/|$)`,
            message: 'Imports go down only (test/house.test.ts).',
          },
        ],
      },
    ]);
  }
});

test('only the printers write to the terminal: what they print is made visible there', () => {
  const PRINTERS = ['base/log.ts', 'cli/io.ts', 'cli/output.ts', 'cli/progress.ts', 'cli/run-cli.ts', 'dev/view.ts'];
  const writes =
    /\bconsole\.|\b(stdout|stderr|screen)\b[.\w()]*\.write\(|\bwrite(Whole)?\((io|this\.#io|session\.io)?\.?std(out|err)|process\.std(out|err)/;
  // The feed hands JSON to `writeWhole`, which says when the reader has it all.
  const found = sources
    .filter(({ name, text }) => writes.test(text) && !PRINTERS.includes(name))
    .map(({ name }) => name);
  expect(found.filter((name) => name !== 'cli/verb/feed.ts')).toEqual([]);
});
