/**
 * Copies of the project's code with a rule of the protocol taken out, or a limit made small. A copy, not an option or a
 * failpoint: a rule that production code can switch off is no rule. A copy lies under node_modules/.cache, so that it finds
 * the same packages and no tool takes it for ours. An edit names code, not its layout: white space and a comma before a
 * closing bracket do not count. edited-copy.test.ts says in a second which edit no longer fits.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Returns the folder of the copy. @throws when an edit does not fit the code any more */
export function copyWith(code: EditedCode): string {
  const root = join(CACHE, code.name.replaceAll(/[^a-z0-9]+/gi, '-'));
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  for (const part of ['src', 'sql', 'drizzle', 'package.json'])
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  for (const [file, text] of editedFiles(code)) writeFileSync(join(root, file), text);
  return root;
}

export function removeCopies(): void {
  rmSync(CACHE, { recursive: true, force: true });
}
