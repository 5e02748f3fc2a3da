/**
 * Copies of the project's code with a rule of the protocol taken out, or a limit made small. A copy, not an option or a
 * failpoint: a rule that production code can switch off is no rule. A copy lies under node_modules/.cache, so that it finds
 * the same packages and no tool takes it for ours. An edit names code, not its layout: white space and a comma before a
 * closing bracket do not count. edited-copy.test.ts says in a second which edit no longer fits.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'segmentd-mutant', String(process.pid));

export interface Edit {
  /** Relative to the root of the project. */
  readonly file: string;
  /** Must occur exactly once, however it is laid out. */
  readonly find: string;
  readonly replace: string;
}

/** Code as it is after these edits. */
export interface EditedCode {
  readonly name: string;
  readonly edits: readonly Edit[];
}

/** `code` in any layout: between two of its words or signs there may be white space, and between two words there must. */
function inAnyLayout(code: string): RegExp {
  const tokens = code.match(/\w+|[^\w\s]/g) ?? [];
  const parts = tokens.map((token, at) => {
    const before = tokens[at - 1];
    const gap = before === undefined ? '' : /\w/.test(token) && /\w/.test(before) ? '\\s+' : '\\s*';
    return `${gap}${/[)\]}]/.test(token) && before !== ',' ? '(?:,\\s*)?' : ''}${token.replace(/\W/, '\\$&')}`;
  });
  return new RegExp(parts.join(''), 'g');
}

/** @throws when the edit fits nowhere or in several places */
export function edited(text: string, { file, find, replace }: Edit): string {
  const pattern = inAnyLayout(find);
  const times = text.match(pattern)?.length ?? 0;
  if (times !== 1) throw new Error(`${JSON.stringify(find)} occurs ${times} times in ${file}`);
  return text.replace(pattern, () => replace);
}

/** The files that the edits change, by name, as they are afterwards. @throws when an edit does not fit the code any more */
export function editedFiles({ name, edits }: EditedCode): Map<string, string> {
  const texts = new Map<string, string>();
  for (const edit of edits) {
    try {
      texts.set(edit.file, edited(texts.get(edit.file) ?? readFileSync(join(ROOT, edit.file), 'utf8'), edit));
    } catch (error) {
      throw new Error(`"${name}" does not fit the code: ${String(error)}`, { cause: error });
    }
  }
  return texts;
}

const IMPORT = /((?:from|import)\s*\(?\s*')(\.[^']*)(?=')/g;

/** Files of src with what they import, by absolute path; types do not count. */
function importsOfSource(): Map<string, { readonly text: string; readonly imports: readonly string[] }> {
  const paths = readdirSync(join(ROOT, 'src'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    paths.map((path) => {
      const text = readFileSync(path, 'utf8');
      const values = text.replaceAll(/^(import|export) type [^;]*;$/gm, '');
      return [
        path,
        { text, imports: [...values.matchAll(IMPORT)].map(([, , name = '']) => resolve(dirname(path), name)) },
      ];
    }),
  );
}

/** Reads the statements of `sql` from the folder that it stands in. */
const SQL_READER = join(ROOT, 'src/postgres/sql-file.ts');

/**
 * Makes a copy of what the edits reach: the files themselves and all that import them. The rest of `src` is there too, by
 * reference, so that only what may behave differently is loaded again.
 * @returns the root of the copy
 * @throws when an edit does not fit the code any more
 */
export function copyWith(code: EditedCode): string {
  const root = join(CACHE, code.name.replaceAll(/[^a-z0-9]+/gi, '-'));
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const texts = new Map([...editedFiles(code)].map(([file, text]) => [join(ROOT, file), text]));
  const sources = importsOfSource();
  const reached = new Set(texts.keys());
  if ([...reached].some((path) => !sources.has(path))) reached.add(SQL_READER);
  for (let size = 0; size !== reached.size;) {
    size = reached.size;
    for (const [path, { imports }] of sources) if (imports.some((file) => reached.has(file))) reached.add(path);
  }
  for (const other of ['drizzle', 'package.json']) symlinkSync(join(ROOT, other), join(root, other));
  cpSync(join(ROOT, 'sql'), join(root, 'sql'), { recursive: true });
  const write = (path: string, text: string): void => {
    const copy = join(root, relative(ROOT, path));
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, text);
  };
  for (const [path, text] of texts) if (!sources.has(path)) write(path, text);
  for (const [path, { text }] of sources) {
    const here = (texts.get(path) ?? text).replaceAll(IMPORT, (all, head: string, name: string) => {
      const file = resolve(dirname(path), name);
      return reached.has(file) ? all : head + file;
    });
    write(path, reached.has(path) ? here : `export * from '${path}';\n`);
  }
  return root;
}

export function removeCopies(): void {
  rmSync(CACHE, { recursive: true, force: true });
}
