/**
 * Copies of the project's code with one rule of the protocol taken out. A copy lies under node_modules/.cache, so that it
 * finds the same packages and no tool takes it for ours.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'segmentd-mutant', String(process.pid));
export interface Edit {
  /** Relative to the root of the project. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** Returns the folder of the copy. @throws when an edit does not fit the code any more */
export function copyWith(name: string, edits: readonly Edit[]): string {
  const root = join(CACHE, name.replaceAll(/[^a-z0-9]+/gi, '-'));
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  for (const part of ['src', 'sql', 'drizzle', 'package.json'])
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  for (const { file, find, replace } of edits) {
    const text = readFileSync(join(root, file), 'utf8');
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${name}: ${JSON.stringify(find)} occurs ${times} times in ${file}`);
    writeFileSync(
      join(root, file),
      text.replace(find, () => replace),
    );
  }
  return root;
}

export function removeCopies(): void {
  rmSync(CACHE, { recursive: true, force: true });
}
