/**
 * A folder of definitions: every `.yaml`, `.yml` and `.json` in it and below, hidden ones left out. Reads all of them before
 * it says anything, so that one look shows every mistake; writes a file whole or not at all.
 */
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { codeOf, Failure } from '../base/error.ts';
import { makeFolder } from '../base/make-folder.ts';
import { readYaml } from '../base/yaml.ts';
import type { Issue } from '../condition/issue.ts';
import { textMistakes } from '../segment/storable-text.ts';
import { readDefinition, type Definition, type Read } from './definition.ts';
import type { FileFormat } from './definition-text.ts';

export interface DefinitionFile {
  /** Path below the folder, with `/`. */
  readonly file: string;
  readonly format: FileFormat;
  readonly definition: Definition;
}

export interface Folder {
  readonly files: readonly DefinitionFile[];
  /** Pointers begin with the file's path: `spain.yaml#/condition/and/0`. */
  readonly issues: readonly Issue[];
}

const LARGEST = 1_048_576;

/** @throws {Failure} `usage` when the folder cannot be read */
export async function readFolder(folder: string): Promise<Folder> {
  const files: DefinitionFile[] = [];
  const issues: Issue[] = [];
  for (const file of await namesIn(folder)) {
    const read = await readOne(folder, file);
    if ('definition' in read)
      files.push({ file, format: extname(file) === '.json' ? 'json' : 'yaml', definition: read.definition });
    else issues.push(...read.issues.map((issue) => inFile(file, issue)));
  }
  return { files, issues: [...issues, ...twice(files)] };
}

export function inFile(file: string, issue: Issue): Issue {
  return { ...issue, pointer: issue.pointer === '' ? file : `${file}#${issue.pointer}` };
}

function twice(files: readonly DefinitionFile[]): Issue[] {
  const first = new Map<string, string>();
  return files.flatMap(({ file, definition: { key } }) => {
    const known = first.get(key);
    if (known === undefined) first.set(key, file);
    return known === undefined
      ? []
      : [inFile(file, { code: 'twice', pointer: '/key', message: `the segment ${key} is in ${known} already` })];
  });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (entry.isDirectory()) await visit(path);
      // Mounted folders hold links to files; links to folders could lead in circles.
      else if (/\.(ya?ml|json)$/.test(entry.name) && (entry.isFile() || (await isFile(join(folder, path)))))
        found.push(path);
    }
  };
  try {
    await visit('');
  } catch (error) {
    const why: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such folder',
      ENOTDIR: 'it is not a folder',
      EACCES: 'no permission to read it',
    };
    throw new Failure('usage', `${folder} cannot be read: ${why[codeOf(error)] ?? (codeOf(error) || 'unknown')}.`, {
      cause: error,
    });
  }
  return found.toSorted();
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function readOne(folder: string, file: string): Promise<Read> {
  let bytes: Buffer;
  try {
    bytes = await readFile(join(folder, file));
  } catch (error) {
    return refuse('unreadable', `the file cannot be read (${codeOf(error) || 'unknown'})`);
  }
  return readDefinitionFile(bytes, basename(file, extname(file)));
}

/** The content of a file. @param fallback the key where it names none */
export function readDefinitionFile(bytes: Buffer, fallback: string): Read {
  if (bytes.length > LARGEST) return refuse('too-large', 'the file is larger than 1 MiB');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('not-utf-8', 'the file is not UTF-8 text');
  }
  const found = readYaml(text);
  if ('mistake' in found)
    return refuse('not-yaml', `${found.line === undefined ? '' : `line ${found.line}: `}${found.mistake}`);
  const read = readDefinition(found.value, fallback);
  const mistakes = 'definition' in read ? textMistakes(read.definition) : [];
  return mistakes.length === 0
    ? read
    : {
        issues: mistakes.map(({ field, subject, message }) => ({
          code: 'wrong-field',
          pointer: `/${field}`,
          message: `the ${subject} ${message}`,
        })),
      };
}

function refuse(code: string, message: string): Read {
  return { issues: [{ code, pointer: '', message }] };
}

/** Whole or not at all: under another name first. */
export async function writeFileWhole(folder: string, file: string, text: string): Promise<void> {
  const path = join(folder, file);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await makeFolder(dirname(path));
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new Failure('failed', `${path} cannot be written (${codeOf(error) || 'unknown'}).`, { cause: error });
  }
}
