/**
 * Writes the current segments into a folder, one a file. A file that is up to date stays as it is, whatever its
 * layout and comments, but for its version; so pulling twice changes nothing, and what changes in git is what changed.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../base/error.ts';
import { capIssues } from '../condition/check/check-context.ts';
import type { Queryable } from '../postgres/pool.ts';
import { listSegments } from '../segment/read-segment.ts';
import { definitionOf, type Definition } from './definition.ts';
import {
  readDefinitionFile,
  readFolder,
  writeFileWhole,
  type DefinitionFile,
  type Folder,
} from './definition-folder.ts';
import { definitionText, withVersion } from './definition-text.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';

export interface LeftOut {
  readonly key: string;
  /** In words. */
  readonly why: string;
}

export interface Pulled {
  /** Paths below the folder. */
  readonly written: readonly string[];
  readonly unchanged: number;
  /** Files of segments that are not there any more: removed with `prune`, else left. */
  readonly orphaned: readonly string[];
  /** Segments whose file could not be read back, such as one with the condition null by plain SQL; absent when there are none. */
  readonly leftOut?: readonly LeftOut[];
}

/** @throws {RefusedCondition} when a file cannot be understood: it may hold work; `failed` when one cannot be written */
export async function pullFolder(
  client: Queryable,
  folder: string,
  options: { readonly prune?: boolean } = {},
): Promise<Pulled> {
  const { files, issues } = await existing(folder);
  if (issues.length > 0)
    throw new RefusedCondition(
      issues.length === 1
        ? 'A file of the folder cannot be understood.'
        : `The folder cannot be understood for ${issues.length} reasons.`,
      capIssues(issues),
    );
  const known = new Map(files.map((file) => [file.definition.key, file]));
  const taken = new Set(files.map(({ file }) => file.toLowerCase()));
  const segments = await listSegments(client);
  const written: string[] = [];
  const leftOut: LeftOut[] = [];
  for (const segment of segments) {
    const wanted = definitionOf(segment);
    const old = known.get(segment.key);
    if (old && same(old, wanted) && (old.definition.version ?? segment.version) === segment.version) continue;
    const bumped =
      old && same(old, wanted)
        ? withVersion(await readFile(join(folder, old.file), 'utf8'), segment.version)
        : undefined;
    const text =
      bumped !== undefined && unreadable(bumped, wanted) === undefined
        ? bumped
        : definitionText(wanted, old?.format ?? 'yaml');
    const why = unreadable(text, wanted);
    if (why !== undefined) {
      leftOut.push({ key: segment.key, why });
      continue;
    }
    const file = old?.file ?? freeName(segment.key, taken);
    await writeFileWhole(folder, file, text);
    written.push(file);
  }
  const keys = new Set(segments.map(({ key }) => key));
  const orphaned = files.filter(({ definition }) => !keys.has(definition.key)).map(({ file }) => file);
  if (options.prune === true) for (const file of orphaned) await rm(join(folder, file), { force: true });
  return {
    written,
    unchanged: segments.length - written.length - leftOut.length,
    orphaned,
    ...(leftOut.length === 0 ? {} : { leftOut }),
  };
}

/** A folder that is not there yet is empty. */
async function existing(folder: string): Promise<Folder> {
  try {
    return await readFolder(folder);
  } catch (error) {
    const code =
      error instanceof Failure && typeof error.cause === 'object' && error.cause !== null && 'code' in error.cause
        ? error.cause.code
        : undefined;
    if (code === 'ENOENT') return { files: [], issues: [] };
    throw error;
  }
}

/** Why the text, read again, would be refused with all others of the folder, or say something else. */
function unreadable(text: string, wanted: Definition): string | undefined {
  const read = readDefinitionFile(Buffer.from(text), wanted.key);
  if ('issues' in read) return read.issues.map(({ message }) => message).join('; ');
  return same(read, wanted) && read.definition.version === wanted.version
    ? undefined
    : 'it holds a value that a file cannot say';
}

/** Whatever the version. `state: live` in a file says what saying nothing says of a live segment. */
function same({ definition }: Pick<DefinitionFile, 'definition'>, wanted: Definition): boolean {
  const { state = 'live', ...rest } = definition;
  const { state: wantedState = 'live', ...wantedRest } = wanted;
  return state === wantedState && isDeepStrictEqual({ ...rest, version: 0 }, { ...wantedRest, version: 0 });
}

/** Keys may differ in case only, files on some systems not. */
function freeName(key: string, taken: Set<string>): string {
  let file = `${key}.yaml`;
  for (let number = 2; taken.has(file.toLowerCase()); number += 1) file = `${key}~${number}.yaml`;
  taken.add(file.toLowerCase());
  return file;
}
