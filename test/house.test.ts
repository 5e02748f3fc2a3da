/**
 * The house rules that a compiler does not know: imports go down only and in no circle, the compilers do no I/O, files stay
 * small, a name occurs once, no barrels, nothing new at the top. The floors stand here and nowhere else. The words of the
 * house are in house-word.test.ts.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');
/** The client of the page, made from the document of the HTTP API (test/http/http-client.test.ts). */
const GENERATED = join(SRC, 'web/client/api.ts');

/** Lowest first. A file named by its path stands on a floor of its own, apart from its folder. */
const FLOORS: readonly (readonly string[])[] = [
  ['base', 'lifecycle/state.ts'],
  ['condition', 'catalogue'],
  ['compile', 'temporal'],
  ['postgres', 'queue'],
  ['access', 'capture', 'followed', 'segment', 'override', 'membership'],
  ['lifecycle'],
  [
    'recheck',
    'sweep',
    'rebuild',
    'export',
    'feed',
    'explain',
    'audit',
    'preview',
    'definition',
    'publication',
    'overview',
    'rank',
  ],
  ['worker', 'dev'],
  ['api'],
  ['cli', 'http', 'web', 'index.ts'],
];

/** Imports between siblings, each with its reason. */
const SIBLINGS: Readonly<Record<string, readonly string[]>> = {
  condition: ['catalogue'], // a condition is typed against the catalogue
  compile: ['temporal'], // windows and edges are computed there
  queue: ['postgres'], // the queue's sessions are pinned as all others are
  override: ['segment'], // who decides of a contact names a segment as its callers do
  audit: ['preview', 'rank'], // doctor counts values of another type as a preview does, and looks at ranks
  explain: ['rank'], // an explanation says as of when a rank is
  preview: ['explain'], // a preview evaluates and shows leaves as explain does
  overview: ['export'], // columns of contacts mean what they mean in an export
  publication: ['preview'], // who would move is counted as for an edit
  cli: ['index.ts', 'http'], // each verb is written once, in the API; serve starts the HTTP API
  http: ['index.ts'], // what the page can, the API can
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
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path !== GENERATED);
}

const sources = filesUnder(SRC).map((path) => ({ path, name: relative(SRC, path), text: readFileSync(path, 'utf8') }));

/** The floor's name for a file: its own path where the floors name it, else its folder of src. */
function folderOf(path: string): string {
  const name = relative(SRC, path);
  return FLOORS.flat().includes(name) ? name : (name.split('/')[0] ?? '');
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map((match) => match[1] ?? '');
}

function importedFiles(path: string, text: string): string[] {
  return importsOf(text)
    .map((specifier) => resolve(dirname(path), specifier))
    .filter((file) => /\.tsx?$/.test(file));
}

const withoutTypeImports = (text: string): string => text.replaceAll(/^(import|export) type [^;]*;$/gm, '');

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');

/** Groups of files each of which reaches every other (Tarjan's strongly connected components of two and more). */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const open: string[] = [];
  const visit = (file: string): number => {
    let low = order.size;
    const own = low;
    order.set(file, own);
    open.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? own);
    }
    if (low === own) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1) found.push(group);
    }
    return low;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
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

test('no file imports itself by way of others, imports of types included', () => {
  const found = circles(new Map(sources.map(({ path, text }) => [path, importedFiles(path, text)])));
  expect(found.map((files) => files.map((path) => relative(SRC, path)).toSorted())).toEqual([]);
});

/** Packages that the compilers may import: a hash and a rule read no file, clock or socket. */
const PURE = ['json-logic-js', 'node:crypto'];

test('condition, compile and temporal do no I/O and read no clock', () => {
  const outside =
    /\b(process|performance|globalThis|fetch|Buffer)\.|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bset(Timeout|Interval)\(|\bcreateRequire\b/;
  const pure = sources.filter(({ path }) => ['condition', 'compile', 'temporal'].includes(folderOf(path)));
  expect(pure.length).toBeGreaterThan(50);
  const impure = pure.filter(({ text }) => {
    const packages = [...text.matchAll(/(?:from|import|require)\s*\(?\s*'([^.'][^']*)'/g)].map(
      (match) => match[1] ?? '',
    );
    return packages.some((name) => !PURE.includes(name)) || outside.test(withoutComments(text));
  });
  expect(impure.map(({ name }) => name)).toEqual([]);
});

/** The catalogue as the API gives it. Through condition.ts it would bring the evaluator along, which few drafts need. */
const ALSO_OF_PAGE = ['catalogue/catalogue-json.ts'];

test('the page imports conditions, and from other folders only types', () => {
  const wrong = sources
    .filter(({ path }) => folderOf(path) === 'web')
    .flatMap(({ path, name, text }) =>
      importedFiles(path, withoutTypeImports(text))
        .filter((file) => !['web', 'condition'].includes(folderOf(file)) && !ALSO_OF_PAGE.includes(relative(SRC, file)))
        .map((file) => `${name} → ${relative(SRC, file)}`),
    );
  expect(wrong).toEqual([]);
});

test('what condition and the page import runs in a browser: no module of Node is reached', () => {
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  const reached = new Map(
    sources.filter(({ path }) => ['condition', 'web'].includes(folderOf(path))).map(({ path }) => [path, path]),
  );
  for (const [path, start] of reached) {
    for (const next of importedFiles(path, withoutTypeImports(texts.get(path) ?? '')))
      if (!reached.has(next)) reached.set(next, start);
  }
  const node = [...reached]
    .filter(([path]) => /(?:from|import)\s*\(?\s*'node:/.test(texts.get(path) ?? ''))
    .map(([path, start]) => `${relative(SRC, start)} → … → ${relative(SRC, path)}`);
  expect(node).toEqual([]);
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
      !/^[a-z0-9/-]+(\.d)?\.tsx?$/.test(name),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

/** A verb, and its test, has the name of what it runs; an index is a package's. */
const namedAlike = (path: string): boolean => /^(src\/cli\/verb|test\/cli)\/|\/index\.ts$/.test(path);

test('a file name occurs once in src and once in test', () => {
  const times = (paths: readonly string[]): string[] => {
    const names = paths.map((path) => basename(path));
    return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
  };
  const all = [...filesUnder(SRC), ...filesUnder(join(ROOT, 'test'))]
    .map((path) => relative(ROOT, path))
    .filter((path) => !namedAlike(path));
  const found = ['src/', 'test/'].flatMap((top) =>
    times(all.filter((path) => path.startsWith(top))).map((name) => top + name),
  );
  expect(found).toEqual([]);
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

/** A page draws after the event that a test waited for, later on a busy machine. */
test('what a page shows is read until it fits, never once', () => {
  const once =
    /expect\(\s*await [^;]*?\.(inputValue|innerText|textContent|isVisible|isChecked|isDisabled|isEnabled|count|getAttribute|title|allInnerTexts)\([^)]*\),?\s*\)/;
  const files = readdirSync(join(ROOT, 'test/web'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.filter((name) => once.test(readFileSync(join(ROOT, 'test/web', name), 'utf8')))).toEqual([]);
});

test('a theme changes colours and nothing else: what the page holds in one it holds in the other', () => {
  const files = readdirSync(join(SRC, 'web'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(css|tsx?)$/.test(name),
  );
  // The chart draws its colours itself. All other colours are light-dark() of the style sheets.
  expect(files.filter((name) => /prefers-color-scheme/.test(readFileSync(join(SRC, 'web', name), 'utf8')))).toEqual([
    'segment/size-plot.ts',
  ]);
});

test('between npm and the program stands no other process: a shell would die of a signal and leave it, and tsx end it unready', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const programs = Object.values(scripts).filter((command) => command.includes('tsx'));
  expect(programs.length).toBeGreaterThan(2);
  expect(programs.filter((command) => !command.startsWith('exec node --import tsx '))).toEqual([]);
});

test('the top level holds nothing new', () => {
  const made = new Set(['node_modules', 'dist']); // not ours to commit
  expect(readdirSync(ROOT).filter((name) => !name.startsWith('.') && !made.has(name) && !TOP.includes(name))).toEqual(
    [],
  );
});

test('only the printers write to the terminal: what they print is made visible there', () => {
  const PRINTERS = [
    'base/log.ts',
    'cli/io.ts',
    'cli/printed-output.ts',
    'cli/progress-bar.ts',
    'cli/program.ts',
    'dev/view/terminal-view.ts',
    'dev/view/view.ts',
  ];
  const writes =
    /\bconsole\.|\b(stdout|stderr|screen)\b[.\w()]*\.write\(|\bwrite(Whole)?\((io|this\.#io|session\.io)?\.?std(out|err)|process\.std(out|err)/;
  // The feed hands JSON to `writeWhole`, which says when the reader has it all.
  const found = sources
    .filter(({ name, text }) => writes.test(text) && !PRINTERS.includes(name))
    .map(({ name }) => name);
  expect(found.filter((name) => name !== 'cli/verb/feed.ts')).toEqual([]);
});
